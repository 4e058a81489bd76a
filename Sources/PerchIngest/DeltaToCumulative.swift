import PerchModel
import Synchronization

/// Adds up the increments of delta series, so that the store holds cumulative ones only.
///
/// In two steps, so that a batch that the store did not take is not counted: `convert` computes the
/// sums and claims their series, then `commit` keeps the sums or `abandon` forgets them. Until then
/// another batch with one of these series waits.
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

    /// Sums that were computed and wait for the store; to be given to `commit` or `abandon`, once.
    struct Conversion {
        var refused = Refused()
        fileprivate var keys: [[UInt8]] = []
        fileprivate var floats = DeltaSums<Double>.Pending()
        fileprivate var histograms = DeltaSums<NativeHistogram>.Pending()
    }

    private struct State {
        var floats = DeltaSums<Double>()
        var histograms = DeltaSums<NativeHistogram>()
        /// Buckets of all sums in `histograms`, at least; what was forgotten may still be in it.
        var bucketCount = 0
        /// Series of batches that were computed and not committed yet.
        var claimed: Set<[UInt8]> = []
        /// Batches that wait for a claim to end.
        var waiting: [CheckedContinuation<Void, Never>] = []
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

    /// Replaces the values of the delta series of `batch` by their sums, and keeps none of them yet.
    func convert(
        _ batch: inout SampleBatch, delta: [UInt32: Int64], nowMillis: Int64
    ) async -> Conversion {
        guard !delta.isEmpty else { return Conversion() }
        // One key a series, not one a point.
        var keys: [UInt32: [UInt8]] = [:]
        for series in delta.keys where Int(series) < batch.seriesCount {
            keys[series] = Array(batch.seriesBytes[batch.seriesRange(at: Int(series))])
        }
        let claims = Array(Set(keys.values))
        while true {
            let conversion = state.withLock { state -> Conversion? in
                guard state.claimed.isDisjoint(with: claims) else { return nil }
                var conversion = Conversion()
                conversion.keys = claims
                state.floats.room(for: claims.count, seriesMax, nowMillis)
                state.histograms.room(for: claims.count, seriesMax, nowMillis)
                convertFloats(&batch, keys, state.floats, &conversion)
                convertHistograms(&batch, keys, state.histograms, &conversion)
                state.claimed.formUnion(claims)
                return conversion
            }
            if let conversion { return conversion }
            await release(of: claims)
        }
    }

    /// Keeps the sums, after the store took the batch.
    func commit(_ conversion: consuming Conversion) {
        let conversion = conversion
        finish(conversion.keys) { state in
            for (key, sum) in conversion.floats.sums { state.floats.set(key, sum) }
            for (key, sum) in conversion.histograms.sums {
                let old = state.histograms[key].map { Self.bucketCount($0.value) } ?? 0
                state.histograms.set(key, sum)
                state.bucketCount += Self.bucketCount(sum.value) - old
                if state.bucketCount > bucketsMax {
                    state.histograms = DeltaSums()
                    state.bucketCount = 0
                }
            }
        }
    }

    /// Forgets the sums, when the store did not take the batch: it may come again.
    func abandon(_ conversion: consuming Conversion) {
        finish(conversion.keys) { _ in }
    }

    private func finish(_ keys: [[UInt8]], _ change: (inout State) -> Void) {
        guard !keys.isEmpty else { return }
        let waiting = state.withLock { state in
            change(&state)
            state.claimed.subtract(keys)
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Waits until some claim ended; at once when `claims` are free already.
    private func release(of claims: [[UInt8]]) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.claimed.isDisjoint(with: claims) { return true }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func convertFloats(
        _ batch: inout SampleBatch, _ keys: [UInt32: [UInt8]], _ kept: DeltaSums<Double>,
        _ conversion: inout Conversion
    ) {
        var points = batch.times.indices.filter { keys[batch.seriesIndexes[$0]] != nil }
        guard !points.isEmpty else { return }
        points.sort { batch.times[$0] < batch.times[$1] }
        var dropped: Set<Int> = []
        for index in points {
            guard let key = keys[batch.seriesIndexes[index]] else { continue }
            let sum = kept.add(
                key, batch.times[index], batch.values[index], to: &conversion.floats,
                seriesMax: seriesMax, &conversion.refused, +)
            if let sum { batch.values[index] = sum } else { dropped.insert(index) }
        }
        if !dropped.isEmpty { batch.keepSamples { !dropped.contains($0) } }
    }

    private func convertHistograms(
        _ batch: inout SampleBatch, _ keys: [UInt32: [UInt8]],
        _ kept: DeltaSums<NativeHistogram>, _ conversion: inout Conversion
    ) {
        guard batch.histograms.contains(where: { keys[$0.series] != nil }) else { return }
        batch.histograms.sort { $0.timeMillis < $1.timeMillis }
        batch.histograms = batch.histograms.compactMap { sample in
            guard let key = keys[sample.series] else { return sample }
            var sample = sample
            let sum = kept.add(
                key, sample.timeMillis, sample.histogram, to: &conversion.histograms,
                seriesMax: seriesMax, &conversion.refused, DeltaHistogram.sum)
            guard let sum else { return nil }
            sample.histogram = sum
            return sample
        }
    }

    private static func bucketCount(_ histogram: NativeHistogram) -> Int {
        histogram.positiveCounts.count + histogram.negativeCounts.count
    }
}
