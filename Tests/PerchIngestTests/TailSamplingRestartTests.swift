import Logging
import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchIngest

/// SMP-1: a trace is kept or left out as a whole, also when its spans are in two files of the log
/// and the server stopped in between.
@Suite("Sampling of traces across a restart")
struct TailSamplingRestartTests {
    private static func open(
        _ files: InMemoryFiles, sampler: TailSampler
    ) async throws -> EventStore {
        var options = EventStore.Options()
        options.fileByteCountMax = 1 << 17
        options.sealPolicy = EventStore.SealPolicy(
            .spans, isActive: { sampler.isActive }, apply: { sampler.sample($0) })
        options.sealPolicy?.remembered = TailSampler.rememberedFields
        options.sealPolicy?.remember = { sampler.remember($0) }
        return try await EventStore.open(
            files: files, directory: FilePath.from("/events"), options: options,
            clock: ManualClock().now,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A span of each trace; of one in ten it failed.
    private static func spans(_ name: String, failures: Bool) -> EventBatch {
        SpanMetricsTests.batch(
            (0..<300).map { (trace: UInt64) -> SpanMetricsTests.Made in
                let status: Int64 = failures && trace % 10 == 0 ? 2 : 0
                return SpanMetricsTests.Made(
                    trace: trace, span: trace + 1, service: "shop", name: name, status: status)
            })
    }

    /// The names of the spans that are left, by trace.
    private static func names(_ store: EventStore) async throws -> [String: Set<String>] {
        var names: [String: Set<String>] = [:]
        for batch in try await store.all(EventQuery(dataset: .spans, times: .min ..< .max)) {
            for row in 0..<batch.rowCount {
                let trace = batch.value(of: FieldReference(RecordField.traceID), row: row)
                let name = batch.value(of: FieldReference(RecordField.name), row: row)
                names[trace?.text ?? "", default: []].insert(name?.text ?? "")
            }
        }
        return names
    }

    @Test("the rest of a trace that failed is kept", arguments: [false, true])
    func restIsKept(restarts: Bool) async throws {
        let files = InMemoryFiles()
        let settings = TailSampling(keptPerMillion: 0)
        var store = try await Self.open(files, sampler: TailSampler(settings))
        try await store.append(Self.spans("call", failures: true))
        try await store.flush()
        if restarts {
            await store.close()
            store = try await Self.open(files, sampler: TailSampler(settings))
        }
        try await store.append(Self.spans("answer", failures: false))
        try await store.flush()
        let names = try await Self.names(store)
        // 30 that failed, and one each that stands for the rest of a name.
        let whole = names.values.count { $0 == ["call", "answer"] }
        #expect((30...31).contains(whole), "\(whole)")
        #expect(names.count <= 32, "\(names.count)")
        await store.close()
    }

    @Test("what is remembered is bounded, and traces that stand for others are not")
    func bounds() {
        let sampler = TailSampler(TailSampling(keptPerMillion: 0))
        var batch = Self.spans("call", failures: false)
        var weights = Column(name: RecordField.weight, space: .record, kind: .int)
        weights.rows = (0..<300).map { UInt32($0) }
        weights.ints = (0..<300).map { $0 == 7 ? 1 : 20 }
        batch.columns.append(weights)
        #expect(sampler.remember(batch))
        let kept = sampler.sample(Self.spans("late", failures: false))
        #expect(kept.rowCount == 2)
        for part in 0..<200 {
            let more = SpanMetricsTests.batch(
                (0..<300).map { (trace: Int) -> SpanMetricsTests.Made in
                    let id = UInt64(1_000 + part * 300 + trace)
                    return SpanMetricsTests.Made(trace: id, span: 1, service: "shop")
                })
            let hasRoom = sampler.remember(more)
            #expect(hasRoom == ((part + 1) * 300 < Limits.keptTracesMax / 2 - 1), "\(part)")
        }
    }
}
