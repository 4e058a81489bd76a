import PerchModel
import PerchWire
import Synchronization
import Testing

@testable import PerchIngest

@Suite struct PipelineTests {
    private static let now: Int64 = 1_795_226_000_000_000_000
    private let sinks = MemorySinks()
    private let pipeline: IngestPipeline

    init() {
        let day: Int64 = 86_400_000_000_000
        pipeline = IngestPipeline(
            events: sinks, samples: sinks,
            limits: IngestLimits(
                bodyByteCountMax: 10_000, logAges: EventAges(usualNanos: 30 * day),
                spanAges: EventAges(usualNanos: 14 * day),
                sampleAgeNanosMax: 30 * day),
            now: { Self.now })
    }

    private static func log(_ nanos: Int64, _ text: String) -> String {
        #"{"timeUnixNano":"\#(nanos)","body":{"stringValue":"\#(text)"}}"#
    }

    private static func logs(_ records: String...) -> String {
        #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
    }

    private static func counter(_ nanos: Int64, _ value: Int, temporality: Int = 2) -> String {
        #"""
        {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"birds","sum":{
        "aggregationTemporality":\#(temporality),"isMonotonic":true,"dataPoints":[
        {"timeUnixNano":"\#(nanos)","asInt":"\#(value)"}]}}]}]}]}
        """#
    }

    private func send(
        _ signal: OTLPSignal, _ body: String, type: String? = "application/json",
        encoding: String? = nil
    ) async -> (status: Int, body: String, retryAfter: Int?) {
        let answer = await pipeline.otlp(
            signal,
            IngestRequest(
                body: Array(body.utf8), contentType: type, contentEncoding: encoding))
        return (
            answer.status, String(decoding: answer.body, as: UTF8.self),
            answer.retryAfterSeconds
        )
    }

    private func count(_ source: IngestSource, _ reason: RefusalReason?) -> Int {
        pipeline.counters.snapshot.first { $0.source == source && $0.reason == reason }?.count ?? 0
    }

    @Test func recordsReachTheSinkAndAreCounted() async {
        let answer = await send(.logs, Self.logs(Self.log(Self.now, "a"), Self.log(Self.now, "b")))
        #expect(answer.status == 200)
        #expect(answer.body == "{}")
        #expect(sinks.events.map(\.rowCount) == [2])
        #expect(count(.otlpLogs, nil) == 2)
    }

    @Test func anEmptyRequestWritesNothing() async {
        for signal in OTLPSignal.allCases {
            #expect(await send(signal, "{}").status == 200)
            #expect(await send(signal, "", type: "application/x-protobuf").body == "")
        }
        #expect(sinks.events.isEmpty && sinks.samples.isEmpty)
    }

    @Test func recordsOutsideTheirTimeAreAPartialSuccess() async {
        let answer = await send(
            .logs,
            Self.logs(
                Self.log(Self.now, "a"), Self.log(Self.now + 700_000_000_000, "b"),
                Self.log(1_000_000_000, "c")))
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""rejectedLogRecords":"2""#))
        #expect(answer.body.contains("1 more than 10 minutes ahead, 1 older than the retention"))
        #expect(sinks.events.map(\.rowCount) == [1])
        #expect(count(.otlpLogs, .tooFarAhead) == 1)
        #expect(count(.otlpLogs, .tooOld) == 1)
        #expect(count(.otlpLogs, nil) == 1)
    }

    @Test func aWiderLimitTakesOlderRecords() async {
        pipeline.setLimits(
            IngestLimits(
                bodyByteCountMax: 10_000, logAges: EventAges(usualNanos: .max),
                spanAges: EventAges(usualNanos: .max),
                sampleAgeNanosMax: .max))
        #expect(await send(.logs, Self.logs(Self.log(1_000_000_000, "c"))).body == "{}")
        #expect(sinks.events.map(\.rowCount) == [1])
    }

    @Test func refusedSamplesMakeNoSeries() async {
        let answer = await send(.metrics, Self.counter(1_000_000_000, 5))
        #expect(answer.body.contains("rejectedDataPoints"))
        #expect(sinks.samples.allSatisfy { $0.seriesCount == 0 })
    }

    @Test func deltaCountersAreAddedUp() async {
        for second in 0..<3 {
            let time = Self.now + Int64(second) * 1_000_000_000
            #expect(await send(.metrics, Self.counter(time, 5, temporality: 1)).body == "{}")
        }
        let values = sinks.samples.flatMap { batch in
            batch.values.indices.filter {
                batch.labels(at: Int(batch.seriesIndexes[$0])).metricName == "birds_total"
            }.map { batch.values[$0] }
        }
        #expect(values == [5, 10, 15])
    }

    /// A sender tries again what the disk did not take; it counts once.
    @Test func aFailedAppendDoesNotCountIncrementsTwice() async {
        sinks.fail(with: .noSpace("full"))
        let body = Self.counter(Self.now, 5, temporality: 1)
        #expect(await send(.metrics, body).status == 503)
        sinks.fail(with: nil)
        #expect(await send(.metrics, body).body == "{}")
        let values = sinks.samples.flatMap { batch in
            batch.values.indices.filter {
                batch.labels(at: Int(batch.seriesIndexes[$0])).metricName == "birds_total"
            }.map { batch.values[$0] }
        }
        #expect(values == [5])
    }

    @Test(
        arguments: [
            ("{", "application/json", nil, 400, RefusalReason.malformed),
            ("{}", "text/plain", nil, 415, .unsupportedType),
            ("{}", nil, nil, 415, .unsupportedType),
            ("{}", "application/json", "br", 415, .unsupportedType),
            ("{}", "application/json", "gzip", 400, .malformed),
            (String(repeating: " ", count: 10_001), "application/json", nil, 413, .tooLarge),
            ("{}", "application/x-protobuf", nil, 400, .malformed),
        ] as [(String, String?, String?, Int, RefusalReason)])
    func whatCannotBeReadIsRefused(
        _ body: String, _ type: String?, _ encoding: String?, _ status: Int,
        _ reason: RefusalReason
    ) async {
        let answer = await send(.traces, body, type: type, encoding: encoding)
        #expect(answer.status == status)
        #expect(!answer.body.isEmpty)
        #expect(answer.retryAfter == nil)
        #expect(count(.otlpTraces, reason) == 1)
        #expect(sinks.events.isEmpty)
    }

    @Test(arguments: [
        (StoreFailure.noSpace("/srv/full"), 503, RefusalReason.noSpace, true),
        (.overloaded("/srv/busy"), 503, .overloaded, true),
        (.failed("/srv/sync"), 503, .storeFailed, true),
        (.closed, 503, .storeFailed, true),
        (.tooLarge("/srv/batch"), 413, .tooLarge, false),
    ])
    func aStoresFailureIsNeverASuccess(
        _ failure: StoreFailure, _ status: Int, _ reason: RefusalReason, _ mayRetry: Bool
    ) async {
        sinks.fail(with: failure)
        let logs = await send(.logs, Self.logs(Self.log(Self.now, "a")))
        #expect(logs.status == status)
        #expect((logs.retryAfter != nil) == mayRetry)
        #expect(count(.otlpLogs, reason) == 1)
        #expect(count(.otlpLogs, nil) == 0)
        let metrics = await send(.metrics, Self.counter(Self.now, 1))
        #expect(metrics.status == status)
        let lines = await pipeline.jsonLines(
            IngestRequest(body: Array("{}".utf8), contentType: nil, contentEncoding: nil),
            options: JSONLinesOptions())
        #expect(lines.status == status)
        // What a store says may name files of the server.
        for body in [logs.body, metrics.body, String(decoding: lines.body, as: UTF8.self)] {
            #expect(!body.contains("/srv/"), "\(body)")
        }
        sinks.fail(with: nil)
        #expect(await send(.logs, Self.logs(Self.log(Self.now, "a"))).status == 200)
    }

    @Test func jsonLinesAreCountedAndBadOnesNamed() async {
        let body = """
            {"time":\(Self.now / 1_000_000),"level":30,"msg":"one"}
            not json
            {"timestamp":"1999-01-01T00:00:00Z","message":"old"}
            1999-01-01T00:00:00Z stdout F old text

            """
        let answer = await pipeline.jsonLines(
            IngestRequest(body: Array(body.utf8), contentType: nil, contentEncoding: nil),
            options: JSONLinesOptions())
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/json")
        // Each of the four lines counts once: what is refused is neither accepted nor plain.
        #expect(text.hasPrefix(#"{"accepted":1,"plain":1,"refused":2,"errors":[{"line":2,"#))
        #expect(sinks.events.map(\.rowCount) == [2])
        #expect(count(.jsonLines, nil) == 2)
        #expect(count(.jsonLines, .tooOld) == 2)
    }
}
