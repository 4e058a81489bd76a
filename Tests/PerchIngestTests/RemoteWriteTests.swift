import PerchModel
import PerchWire
import Synchronization
import Testing

@testable import PerchIngest

/// The retry contract of remote write.
///
/// Source: Prometheus, "Remote-Write 1.0 specification", "Retries & Backoff".
@Suite struct RemoteWriteTests {
    private static let now: Int64 = 1_795_226_000_000_000_000
    private static let nowMillis = now / 1_000_000
    private let sink = ReportingSink()
    private let pipeline: IngestPipeline

    init() {
        pipeline = IngestPipeline(
            events: sink, samples: sink,
            limits: IngestLimits(
                bodyByteCountMax: 100_000, logAges: EventAges(usualNanos: .max),
                spanAges: EventAges(usualNanos: .max),
                sampleAgeNanosMax: 86_400_000_000_000),
            now: { Self.now })
    }

    /// A `prometheus.WriteRequest` of one sample a series.
    private static func body(
        _ samples: (name: String, value: Double, timeMillis: Int64)...
    ) -> [UInt8] {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
        }
        func varint(_ value: UInt64) -> [UInt8] {
            value < 0x80
                ? [UInt8(value)] : [UInt8(truncatingIfNeeded: value) | 0x80] + varint(value >> 7)
        }
        return samples.flatMap { sample -> [UInt8] in
            let label = field(1, Array("__name__".utf8)) + field(2, Array(sample.name.utf8))
            let bits = (0..<8).map {
                UInt8(truncatingIfNeeded: sample.value.bitPattern >> ($0 * 8))
            }
            let point = [0x09] + bits + [0x10] + varint(UInt64(bitPattern: sample.timeMillis))
            return field(1, field(1, label) + field(2, point))
        }
    }

    private func send(
        _ body: [UInt8], type: String? = "application/x-protobuf", encoding: String? = "identity"
    ) async -> (status: Int, text: String, retryAfter: Int?) {
        let answer = await pipeline.remoteWrite(
            IngestRequest(body: body, contentType: type, contentEncoding: encoding))
        return (
            answer.status, String(decoding: answer.body, as: UTF8.self), answer.retryAfterSeconds
        )
    }

    private func count(_ reason: RefusalReason?) -> Int {
        pipeline.counters.snapshot
            .first { $0.source == .remoteWrite && $0.reason == reason }?.count ?? 0
    }

    @Test func whatIsTakenIsAnswered204() async {
        let answer = await send(Self.body(("a", 1, Self.nowMillis), ("b", 2, Self.nowMillis)))
        #expect(answer.status == 204)
        #expect(answer.text.isEmpty)
        #expect(sink.batches.map(\.values) == [[1, 2]])
        #expect(count(nil) == 2)
    }

    /// What no repetition can change is 400, and the rest is durable.
    @Test func whatIsNeverTakenIs400AndTheRestIsTaken() async {
        let answer = await send(
            Self.body(
                ("a", 1, Self.nowMillis), ("b", 2, Self.nowMillis + 700_000), ("c", 3, 1),
                ("", 4, Self.nowMillis)))
        #expect(answer.status == 400)
        #expect(answer.retryAfter == nil)
        #expect(answer.text.contains("3 samples refused, all others taken"), "\(answer.text)")
        #expect(answer.text.contains("1 more than 10 minutes ahead, 1 older than the retention"))
        #expect(sink.batches.map(\.values) == [[1]])
        #expect(count(nil) == 1)
        #expect(count(.tooFarAhead) == 1)
        #expect(count(.tooOld) == 1)
        #expect(count(.invalid) == 1)
    }

    /// What the store refuses of a batch is told and counted as well.
    @Test func theStoresRefusalsAreTold() async {
        sink.refuse {
            $0.conflicting = 1
            $0.overSeriesLimit = 1
            var culprit = SeriesCulprit(limit: .total, countMax: 2)
            culprit.metric = "b"
            culprit.metricCount = 1
            $0.culprit = culprit
        }
        let answer = await send(
            Self.body(("a", 1, Self.nowMillis), ("b", 2, Self.nowMillis), ("c", 1, Self.nowMillis)))
        #expect(answer.status == 400)
        #expect(answer.text.contains("2 samples refused"), "\(answer.text)")
        #expect(answer.text.contains("the metric b has 1"))
        #expect(count(nil) == 1)
        #expect(count(.conflicting) == 1)
        #expect(count(.seriesLimit) == 1)
        // OTLP tells the same as a partial success.
        let otlp = await pipeline.otlp(
            .metrics,
            IngestRequest(
                body: Array(
                    #"""
                    {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"birds","gauge":{
                    "dataPoints":[{"timeUnixNano":"\#(Self.now)","asInt":"1"},
                    {"timeUnixNano":"\#(Self.now)","asInt":"2"}]}}]}]}]}
                    """#.utf8),
                contentType: "application/json", contentEncoding: nil))
        #expect(otlp.status == 200)
        #expect(String(decoding: otlp.body, as: UTF8.self).contains(#""rejectedDataPoints":"2""#))
    }

    @Test(arguments: [
        (StoreFailure.noSpace("/srv/full"), 503), (.overloaded("busy"), 503),
        (.failed("/srv/sync"), 503), (.closed, 503), (.tooLarge("batch"), 413),
    ])
    func whatMayPassIsToBeRepeated(_ failure: StoreFailure, _ status: Int) async {
        sink.fail(with: failure)
        let body = Self.body(("a", 1, Self.nowMillis))
        let answer = await send(body)
        #expect(answer.status == status)
        #expect((answer.retryAfter != nil) == (status == 503))
        #expect(!answer.text.contains("/srv/"))
        #expect(count(nil) == 0)
        sink.fail(with: nil)
        #expect(await send(body).status == 204)
    }

    @Test(
        arguments: [
            (Array("junk".utf8), "application/x-protobuf", "identity", 400),
            (Array("junk".utf8), "application/x-protobuf", "snappy", 400),
            (Array("junk".utf8), "application/x-protobuf", nil, 400),
            ([], "application/x-protobuf", "identity", 204),
            ([], "application/x-protobuf;proto=prometheus.WriteRequest", "identity", 204),
            ([], nil, "identity", 204),
            ([], "application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", 415),
            ([], "application/json", "identity", 415),
            ([], "application/x-protobuf", "br", 415),
            ([UInt8](repeating: 0, count: 100_001), "application/x-protobuf", "identity", 413),
        ] as [([UInt8], String?, String?, Int)])
    func requestsOfOtherFormsAreRefusedForGood(
        _ body: [UInt8], _ type: String?, _ encoding: String?, _ status: Int
    ) async {
        let answer = await send(body, type: type, encoding: encoding)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.retryAfter == nil)
        #expect(answer.text.isEmpty == (status == 204))
    }

    /// Text is a backfill: the store takes it past its out-of-order window.
    @Test func textIsImportedWithItsLabels() async {
        let text = """
            # TYPE birds counter
            birds_total{kind="owl",job="zoo"} 3 \(Self.nowMillis - 7_200_000)
            birds_total{kind="crow"} 4
            # EOF
            """
        let answer = await pipeline.importText(
            IngestRequest(
                body: Array("\(text)\n".utf8), contentType: "text/plain", contentEncoding: nil),
            extraLabels: [("job", "import"), ("site", "north")], timeMillis: Self.nowMillis - 5)
        #expect(answer.status == 204, "\(String(decoding: answer.body, as: UTF8.self))")
        let batch = sink.batches.first ?? SampleBatch()
        #expect(sink.backfills == [true])
        #expect(batch.values == [3, 4])
        #expect(batch.times == [Self.nowMillis - 7_200_000, Self.nowMillis - 5])
        let labels = (0..<batch.seriesCount).map { batch.labels(at: $0) }
        #expect(labels.map { $0["job"] } == ["import", "import"])
        #expect(labels.map { $0["site"] } == ["north", "north"])
        #expect(labels.map { $0["kind"] } == ["owl", "crow"])
    }

    @Test(
        arguments: [
            ("a 1\n", nil, 204), ("a{ 1\n", nil, 400), ("a 1 1\n", nil, 400),
            ("a 1", "application/openmetrics-text", 400),
            ("a 1", "application/vnd.google.protobuf", 400),
            ("a 1", "application/vnd.google.protobuf; encoding=text", 415),
        ] as [(String, String?, Int)])
    func importsKeepTheRetryContract(_ text: String, _ type: String?, _ status: Int) async {
        let request = IngestRequest(
            body: Array(text.utf8), contentType: type, contentEncoding: nil)
        let answer = await pipeline.importText(request)
        #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
        sink.fail(with: .noSpace("full"))
        let full = await pipeline.importText(request)
        #expect(full.status == (status == 204 ? 503 : status))
    }
}

/// A store of samples that refuses as told.
final class ReportingSink: EventSink, ReportingSampleSink {
    private struct State {
        var batches: [SampleBatch] = []
        var backfills: [Bool] = []
        var refusals = SampleRefusals()
        var failure: StoreFailure?
    }

    private let state = Mutex(State())

    var batches: [SampleBatch] { state.withLock { $0.batches } }
    var backfills: [Bool] { state.withLock { $0.backfills } }

    func fail(with failure: StoreFailure?) {
        state.withLock { $0.failure = failure }
    }

    func refuse(_ change: (inout SampleRefusals) -> Void) {
        state.withLock { change(&$0.refusals) }
    }

    func append(_ batch: EventBatch) async throws(StoreFailure) {}

    func append(_ batch: SampleBatch) async throws(StoreFailure) {
        _ = try await write(batch, isBackfill: false)
    }

    func write(
        _ batch: SampleBatch, isBackfill: Bool
    ) async throws(StoreFailure) -> SampleRefusals {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock {
            $0.batches.append(batch)
            $0.backfills.append(isBackfill)
            return $0.refusals
        }
    }
}
