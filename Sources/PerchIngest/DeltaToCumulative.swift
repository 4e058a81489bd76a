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
        /// When silent series were last looked for.
        private var sweptMillis = Int64.min
        var count: Int { sums.count }

        /// Whether one more series fits, after silent ones were forgotten.
        mutating func hasRoom(_ max: Int, nowMillis: Int64) -> Bool {
            if count < max { return true }
            guard sweptMillis < nowMillis - Limits.deltaSweepMillis else { return false }
            sweptMillis = nowMillis
            sums = sums.filter { $0.value.timeMillis >= nowMillis - Limits.deltaIdleMillisMax }
            return count < max
        }

        func value(_ key: [UInt8]) -> Value? { sums[key]?.value }

        /// The sum with `increment` added by `add`, or nil when the point was refused.
        mutating func add(
            _ key: [UInt8], _ timeMillis: Int64, _ increment: Value,
            seriesMax: Int, nowMillis: Int64, _ refused: inout Refused,
            _ add: (Value, Value) -> Value
        ) -> Value? {
            guard let old = sums[key] else {
                guard hasRoom(seriesMax, nowMillis: nowMillis) else {
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
        /// Buckets of all sums in `histograms`, at least; what was forgotten may still be in it.
        var bucketCount = 0
    }

    private let state = Mutex(State())
    private let seriesMax: Int
    private let bucketsMax: Int

    /// - Parameters:
    ///   - seriesMax: sums of either kind.
    ///   - bucketsMax: buckets of all sums of histograms; with more they all begin anew.
    init(seriesMax: Int = Limits.deltaSeriesMax, bucketsMax: Int = Limits.deltaBucketsMax) {
        self.seriesMax = seriesMax
        self.bucketsMax = bucketsMax
    }

    /// Replaces the values of the delta series of `batch` by their sums.
    func convert(
        _ batch: inout SampleBatch, delta: [UInt32: Int64], nowMillis: Int64
    ) -> Refused {
        guard !delta.isEmpty else { return Refused() }
        return state.withLock { state in
            var refused = Refused()
            convertFloats(&batch, delta, nowMillis, &state, &refused)
            convertHistograms(&batch, delta, nowMillis, &state, &refused)
            return refused
        }
    }

    private func convertFloats(
        _ batch: inout SampleBatch, _ delta: [UInt32: Int64], _ nowMillis: Int64,
        _ state: inout State, _ refused: inout Refused
    ) {
        var dropped: Set<Int> = []
        let order = batch.times.indices.sorted { batch.times[$0] < batch.times[$1] }
        for index in order where delta[batch.seriesIndexes[index]] != nil {
            let sum = state.floats.add(
                key(batch, batch.seriesIndexes[index]), batch.times[index], batch.values[index],
                seriesMax: seriesMax, nowMillis: nowMillis, &refused, +)
            if let sum { batch.values[index] = sum } else { dropped.insert(index) }
        }
        if !dropped.isEmpty { batch.keepSamples { !dropped.contains($0) } }
    }

    private func convertHistograms(
        _ batch: inout SampleBatch, _ delta: [UInt32: Int64], _ nowMillis: Int64,
        _ state: inout State, _ refused: inout Refused
    ) {
        batch.histograms.sort { $0.timeMillis < $1.timeMillis }
        batch.histograms = batch.histograms.compactMap { sample in
            guard delta[sample.series] != nil else { return sample }
            var sample = sample
            let key = key(batch, sample.series)
            let oldBucketCount = state.histograms.value(key).map { Self.bucketCount($0) } ?? 0
            let sum = state.histograms.add(
                key, sample.timeMillis, sample.histogram, seriesMax: seriesMax,
                nowMillis: nowMillis, &refused, Self.sum)
            guard let sum else { return nil }
            state.bucketCount += Self.bucketCount(sum) - oldBucketCount
            if state.bucketCount > bucketsMax {
                state.histograms = Sums()
                state.bucketCount = 0
            }
            sample.histogram = sum
            return sample
        }
    }

    private static func bucketCount(_ histogram: NativeHistogram) -> Int {
        histogram.positiveCounts.count + histogram.negativeCounts.count
    }

    private func key(_ batch: SampleBatch, _ series: UInt32) -> [UInt8] {
        Array(batch.seriesBytes[batch.seriesRange(at: Int(series))])
    }

    /// Adds two histograms of one scale.
    ///
    /// A sender that changes its scale begins a new sum, which readers see as a reset.
    private static func sum(_ old: NativeHistogram, _ new: NativeHistogram) -> NativeHistogram {
        guard old.schema == new.schema, old.zeroThreshold == new.zeroThreshold else { return new }
        let positive = NativeHistogram.merged(
            (old.positiveSpans, old.positiveCounts), (new.positiveSpans, new.positiveCounts), +)
        let negative = NativeHistogram.merged(
            (old.negativeSpans, old.negativeCounts), (new.negativeSpans, new.negativeCounts), +)
        // A sender whose buckets move on and on must not make the sum grow with them.
        guard positive.counts.count + negative.counts.count <= Limits.deltaHistogramBucketsMax
        else { return new }
        var sum = new
        sum.count = old.count + new.count
        sum.zeroCount = old.zeroCount + new.zeroCount
        sum.sum = old.sum + new.sum
        (sum.positiveSpans, sum.positiveCounts) = positive
        (sum.negativeSpans, sum.negativeCounts) = negative
        return sum
    }
}
