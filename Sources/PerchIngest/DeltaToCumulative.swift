import PerchModel
import Synchronization

/// Adds up the increments of delta series, so that the store holds cumulative ones only.
///
/// The sums live in memory: after a restart they begin again, which readers see as a counter's
/// reset. A point that is not newer than the last of its series is refused, since its increment
/// may have been counted already.
final class DeltaToCumulative: Sendable {
    /// What was refused.
    struct Refused: Equatable {
        /// Points of new series over the limit.
        var overLimit = 0
        /// Points that are not newer than what was added.
        var notNewer = 0

        var count: Int { overLimit + notNewer }
    }

    private struct Sums<Value> {
        private var sums: [[UInt8]: (timeMillis: Int64, value: Value)] = [:]
        var count: Int { sums.count }

        /// The sum with `increment` added by `add`, or nil when the point was refused.
        mutating func add(
            _ key: [UInt8], _ timeMillis: Int64, _ increment: Value, room: Bool,
            _ refused: inout Refused, _ add: (Value, Value) -> Value
        ) -> Value? {
            guard let old = sums[key] else {
                guard room else {
                    refused.overLimit += 1
                    return nil
                }
                sums[key] = (timeMillis, increment)
                return increment
            }
            guard timeMillis > old.timeMillis else {
                refused.notNewer += 1
                return nil
            }
            let sum = add(old.value, increment)
            sums[key] = (timeMillis, sum)
            return sum
        }
    }

    private struct State {
        var floats = Sums<Double>()
        var histograms = Sums<NativeHistogram>()
    }

    private let state = Mutex(State())
    private let seriesMax: Int

    init(seriesMax: Int = Limits.deltaSeriesMax) {
        self.seriesMax = seriesMax
    }

    /// Replaces the values of the delta series of `batch` by their sums.
    func convert(_ batch: inout SampleBatch, delta: [UInt32: Int64]) -> Refused {
        guard !delta.isEmpty else { return Refused() }
        return state.withLock { state in
            var refused = Refused()
            convertFloats(&batch, delta, &state, &refused)
            convertHistograms(&batch, delta, &state, &refused)
            return refused
        }
    }

    private func convertFloats(
        _ batch: inout SampleBatch, _ delta: [UInt32: Int64], _ state: inout State,
        _ refused: inout Refused
    ) {
        var dropped: Set<Int> = []
        let order = batch.times.indices.sorted { batch.times[$0] < batch.times[$1] }
        for index in order where delta[batch.seriesIndexes[index]] != nil {
            let sum = state.floats.add(
                key(batch, batch.seriesIndexes[index]), batch.times[index], batch.values[index],
                room: state.floats.count < seriesMax, &refused, +)
            if let sum { batch.values[index] = sum } else { dropped.insert(index) }
        }
        guard !dropped.isEmpty else { return }
        let kept = batch.times.indices.filter { !dropped.contains($0) }
        batch.seriesIndexes = kept.map { batch.seriesIndexes[$0] }
        batch.values = kept.map { batch.values[$0] }
        batch.times = kept.map { batch.times[$0] }
    }

    private func convertHistograms(
        _ batch: inout SampleBatch, _ delta: [UInt32: Int64], _ state: inout State,
        _ refused: inout Refused
    ) {
        batch.histograms.sort { $0.timeMillis < $1.timeMillis }
        batch.histograms = batch.histograms.compactMap { sample in
            guard delta[sample.series] != nil else { return sample }
            var sample = sample
            let sum = state.histograms.add(
                key(batch, sample.series), sample.timeMillis, sample.histogram,
                room: state.histograms.count < seriesMax, &refused, Self.sum)
            guard let sum else { return nil }
            sample.histogram = sum
            return sample
        }
    }

    private func key(_ batch: SampleBatch, _ series: UInt32) -> [UInt8] {
        Array(batch.seriesBytes[batch.seriesRange(at: Int(series))])
    }

    /// Adds two histograms of one scale. A sender that changes its scale begins a new sum, which
    /// readers see as a reset.
    private static func sum(_ old: NativeHistogram, _ new: NativeHistogram) -> NativeHistogram {
        guard old.schema == new.schema, old.zeroThreshold == new.zeroThreshold else { return new }
        var sum = new
        sum.count = old.count &+ new.count
        sum.zeroCount = old.zeroCount &+ new.zeroCount
        sum.sum = old.sum + new.sum
        (sum.positiveOffset, sum.positiveCounts) = add(
            (old.positiveOffset, old.positiveCounts), (new.positiveOffset, new.positiveCounts))
        (sum.negativeOffset, sum.negativeCounts) = add(
            (old.negativeOffset, old.negativeCounts), (new.negativeOffset, new.negativeCounts))
        return sum
    }

    private typealias Buckets = (offset: Int32, counts: [UInt64])

    private static func add(_ old: Buckets, _ new: Buckets) -> Buckets {
        guard !old.counts.isEmpty else { return new }
        guard !new.counts.isEmpty else { return old }
        let low = min(Int(old.offset), Int(new.offset))
        let high = max(Int(old.offset) + old.counts.count, Int(new.offset) + new.counts.count)
        // Offsets come from outside: two far apart must not allocate the space between.
        guard high - low <= 4_096 else { return new }
        var counts = [UInt64](repeating: 0, count: high - low)
        for buckets in [old, new] {
            for (index, count) in buckets.counts.enumerated() {
                counts[Int(buckets.offset) - low + index] &+= count
            }
        }
        return (Int32(low), counts)
    }
}
