import PerchModel
import PerchWire
import Synchronization

/// The way of samples from a decoded batch to the store: admit, add up, append, count.
///
/// All doors of samples share it, so that a refusal is counted alike wherever it comes from.
final class SampleIntake: Sendable {
    /// What was refused of a batch whose rest is durable.
    struct Rejected: Equatable {
        var count = 0
        /// For the sender; empty when nothing was refused.
        var message = ""
    }

    private let sink: any SampleSink
    private let delta = DeltaToCumulative()
    private let counters: IngestCounters

    init(sink: any SampleSink, counters: IngestCounters) {
        self.sink = sink
        self.counters = counters
    }

    /// Takes a batch.
    ///
    /// `deltaSeries` are the series whose values are increments; a backfill may be of any age that
    /// `ageNanosMax` allows.
    func take(
        _ batch: consuming SampleBatch, deltaSeries: [UInt32: Int64] = [:],
        from source: IngestSource,
        nowNanos: Int64, ageNanosMax: Int64, isBackfill: Bool = false
    ) async throws -> Rejected {
        var batch = batch
        let refused = Admission(nowNanos: nowNanos).admit(&batch, ageNanosMax: ageNanosMax)
        let conversion = await delta.convert(
            &batch, delta: deltaSeries, nowMillis: nowNanos / 1_000_000)
        let late = conversion.refused
        if refused.count + late.count > 0 { batch.dropUnusedSeries() }
        let offered = batch.sampleCount + batch.histograms.count
        let stored: SampleRefusals
        do {
            stored = try await append(batch, isBackfill: isBackfill)
        } catch {
            delta.abandon(conversion)
            throw error
        }
        delta.commit(conversion)
        counters.taken(offered - stored.count, source)
        count(refused, stored, source)
        counters.refused(late.overLimit, source, .deltaLimit)
        counters.refused(late.notNewer, source, .tooOld)
        let lateMessage =
            late.count == 0 ? "" : "\(late.count) delta points late or over the limit of series"
        return Rejected(
            count: refused.count + late.count + stored.count,
            message: [refused.message, lateMessage, stored.message]
                .filter { !$0.isEmpty }.joined(separator: "; "))
    }

    private func append(
        _ batch: SampleBatch, isBackfill: Bool
    ) async throws(StoreFailure) -> SampleRefusals {
        let isEmpty =
            batch.seriesCount == 0 && batch.metadata.isEmpty && batch.sampleCount == 0
        if isEmpty { return SampleRefusals() }
        if let sink = sink as? any ReportingSampleSink {
            return try await sink.write(batch, isBackfill: isBackfill)
        }
        try await sink.append(batch)
        return SampleRefusals()
    }

    private func count(
        _ refused: Admission.Refused, _ stored: SampleRefusals, _ source: IngestSource
    ) {
        counters.refused(refused.tooFarAhead + stored.tooFarAhead, source, .tooFarAhead)
        counters.refused(refused.tooOld + stored.tooOld, source, .tooOld)
        counters.refused(refused.overLabelLimit, source, .labelLimit)
        counters.refused(stored.conflicting, source, .conflicting)
        counters.refused(stored.overSeriesLimit, source, .seriesLimit)
    }
}
