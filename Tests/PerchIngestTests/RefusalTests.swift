import PerchModel
import PerchWire
import Synchronization
import Testing

@testable import PerchIngest

/// What senders are told, and what the log is told.
@Suite struct RefusalTests {
    /// OTLP answers a `google.rpc.Status` in the content type of the request.
    @Test(arguments: [
        (401, 16), (403, 7), (408, 4), (413, 3), (415, 3), (429, 8), (500, 13), (503, 14),
    ])
    func anOTLPRefusalIsAStatus(_ status: Int, _ code: Int) {
        let refusal = Refusal(status: status, reason: .invalid, message: "no")
        let json = IngestDoor.otlpTraces.answer(refusal, contentType: "application/json")
        #expect(json.status == status)
        #expect(json.contentType == "application/json")
        #expect(String(decoding: json.body, as: UTF8.self) == #"{"code":\#(code),"message":"no"}"#)
        let binary = IngestDoor.otlpLogs.answer(refusal, contentType: "application/x-protobuf")
        #expect(binary.contentType == "application/x-protobuf")
        #expect(binary.body == [0x08, UInt8(code), 0x12, 2, 0x6e, 0x6f])
        let unknown = IngestDoor.otlpMetrics.answer(refusal, contentType: "text/plain")
        #expect(unknown.contentType == "application/json")
        #expect((json.retryAfterSeconds != nil) == [429, 503].contains(status))
    }

    @Test func everyDoorIsFoundByItsPaths() {
        for door in IngestDoor.allCases {
            for path in door.paths { #expect(IngestDoor(path: path) == door) }
        }
        #expect(IngestDoor(path: "/v1/unknown") == nil)
    }

    /// The log learns what the sender must not, and not at every request.
    @Test func aStoresWordsGoToTheLogOnceInAWhile() async {
        let told = Told()
        let sinks = MemorySinks()
        let limits = IngestLimits(
            bodyByteCountMax: 1_000, logAges: EventAges(usualNanos: .max),
            spanAges: EventAges(usualNanos: .max),
            sampleAgeNanosMax: .max)
        let pipeline = IngestPipeline(
            events: sinks, samples: sinks, limits: limits, now: { 1 }, report: told.tell)
        sinks.fail(with: .failed("write of /srv/perch/events/7.wal"))
        for _ in 0..<3 {
            let answer = await pipeline.jsonLines(
                IngestRequest(body: Array("{}".utf8), contentType: nil, contentEncoding: nil),
                options: JSONLinesOptions())
            #expect(answer.status == 503)
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("srv"))
        }
        #expect(told.all.map(\.reason) == [.storeFailed])
        #expect(told.all.first?.detail.contains("/srv/perch/events/7.wal") == true)
    }

    @Test func suppressedReportsAreCounted() {
        let told = Told()
        let reports = FailureReports(told.tell)
        struct Oops: Error {}
        for second in 0..<4 {
            reports.tell(
                .jsonLines, .noSpace, Oops(), nowNanos: Int64(second) * 4_000_000_000)
        }
        #expect(told.all.map(\.suppressedCount) == [0, 2])
        reports.tell(.jsonLines, .internalError, Oops(), id: "a", nowNanos: 12_000_000_000)
        reports.tell(.jsonLines, .internalError, Oops(), id: "b", nowNanos: 12_000_000_000)
        #expect(told.all.compactMap(\.id) == ["a", "b"])
    }
}

/// Keeps what is told to the log.
private final class Told: Sendable {
    private let failures = Mutex<[IngestFailure]>([])

    var all: [IngestFailure] { failures.withLock { $0 } }

    @Sendable func tell(_ failure: IngestFailure) {
        failures.withLock { $0.append(failure) }
    }
}
