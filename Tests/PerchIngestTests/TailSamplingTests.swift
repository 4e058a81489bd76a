import PerchIngest
import PerchModel
import Testing

/// Requirements: SMP-1, SMP-2: errors always, a share of the rest, and counts that stay exact.
@Suite("Sampling of complete traces")
struct TailSamplingTests {
    private struct Span {
        var trace: Int
        var name = "GET /"
        var status: Int64 = 0
        var duration: Int64 = 1_000_000
        var service = "shop"
    }

    private static func id(_ trace: Int) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: (trace &* 2_654_435_761) >> ($0 * 4)) }
    }

    private static func batch(_ spans: [Span]) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .spans)
        for (row, span) in spans.enumerated() {
            let sender = builder.intern(
                Resource([.init(key: "service.name", value: .string(span.service))]))
            builder.beginRow(timeNanos: Int64(row), resource: sender)
            if span.trace >= 0 { builder.set(.record, "trace_id", .id(id(span.trace))) }
            builder.set(.record, "name", .string(span.name))
            builder.set(.record, "status_code", int: span.status)
            builder.set(.record, "duration", int: span.duration)
        }
        return builder.batch
    }

    private static func counts(_ batch: EventBatch) -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for row in 0..<batch.rowCount {
            let name = batch.value(of: FieldReference("name"), row: row)?.text ?? ""
            let status = batch.value(of: FieldReference("status_code"), row: row)?.text ?? ""
            let key = "\(batch.resource(ofRow: row).service) \(name) \(status)"
            counts[key, default: 0] += batch.weight(ofRow: row)
        }
        return counts
    }

    private static func traces(_ batch: EventBatch) -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in 0..<batch.rowCount {
            let id = batch.value(of: FieldReference("trace_id"), row: row)?.text ?? ""
            counts[id, default: 0] += 1
        }
        return counts
    }

    /// 2,000 traces of 4 spans each; one in 100 has an error, one in 150 is slow.
    private static let spans = (0..<2000).flatMap { trace in
        (0..<4).map { index in
            Span(
                trace: trace, name: "step \(index)",
                status: trace % 100 == 7 && index == 2 ? 2 : 0,
                duration: trace % 150 == 3 && index == 1 ? 2_000_000_000 : 5_000_000,
                service: ["shop", "cart"][index % 2])
        }
    }

    @Test("keeps what is special, a share of the rest, whole traces, and exact counts")
    func keeps() {
        let all = Self.batch(Self.spans)
        let sampler = TailSampler(TailSampling(keptPerMillion: 100_000))
        let kept = sampler.sample(all)
        #expect(Self.counts(kept) == Self.counts(all))
        let traces = Self.traces(kept)
        #expect(traces.values.allSatisfy { $0 == 4 })
        let special = Set((0..<2000).filter { $0 % 100 == 7 || $0 % 150 == 3 })
        let whole = Self.traces(all)
        #expect(whole.count == 2000)
        for trace in special {
            let id = FieldValue.id(Self.id(trace)).text
            #expect(traces[id] == 4, "trace \(trace)")
        }
        let others = traces.count - special.count
        #expect((120..<280).contains(others), "\(others) of 2,000")
        #expect(sampler.droppedRowCount == all.rowCount - kept.rowCount)
        // Errors stand for themselves.
        for row in 0..<kept.rowCount
        where kept.value(of: FieldReference("status_code"), row: row) == .int(2) {
            #expect(kept.weight(ofRow: row) == 1)
        }
    }

    @Test("decides alike in every file, and keeps the rest of what was special")
    func acrossFiles() {
        let sampler = TailSampler(TailSampling(keptPerMillion: 10_000))
        let first = Self.batch(Self.spans)
        let later = Self.batch((0..<2000).map { Span(trace: $0, name: "late") })
        let ids = Set(Self.traces(sampler.sample(first)).keys)
        let late = Set(Self.traces(sampler.sample(later)).keys)
        // One at least stands for a name; that may be another trace.
        #expect(late.subtracting(ids).count <= 1)
        #expect(late.count >= 30)
    }

    @Test("rare operations and spans without a trace are kept, and a share of nothing leaves one")
    func edges() {
        var spans = (0..<500).map { Span(trace: $0) }
        spans += (500..<510).map { Span(trace: $0, name: "nightly") }
        spans += (0..<30).map { _ in Span(trace: -1, name: "lonely") }
        let all = Self.batch(spans)
        let kept = TailSampler(TailSampling(keptPerMillion: 0)).sample(all)
        #expect(Self.counts(kept) == Self.counts(all))
        #expect(kept.rowCount == 1 + 10 + 30)
        #expect(kept.weight(ofRow: 0) == 500)
        #expect(TailSampler(nil).sample(all) == all)
        #expect(TailSampler(TailSampling(keptPerMillion: 1_000_000)).sample(all) == all)
        #expect(!TailSampler(nil).isActive)
        // Weights that rows have already are respected.
        let again = TailSampler(TailSampling(keptPerMillion: 0)).sample(kept)
        #expect(Self.counts(again) == Self.counts(all))
    }

    @Test("settings are read")
    func settings() {
        #expect(EventPolicySettings.millionths("10%") == 100_000)
        #expect(EventPolicySettings.millionths("0.5%") == 5_000)
        #expect(EventPolicySettings.millionths("101%") == nil)
        #expect(EventPolicySettings.millionths("ten") == nil)
        var settings = EventPolicySettings()
        #expect(settings.tailSampling == nil)
        settings.tracesKeptPerMillion = 10
        #expect(settings.tailSampling?.slowNanos == 1_000_000_000)
    }
}
