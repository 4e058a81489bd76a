import PerchModel
import PerchWire
import Synchronization
import Testing

@testable import PerchIngest

/// The bound on the bytes of all requests.
@Suite struct InFlightTests {
    @Test func aRequestAloneAlwaysHasRoom() throws {
        let inFlight = InFlight(byteCountMax: 100)
        let large = inFlight.begin()
        try large.grow(by: 1_000)
        #expect(throws: Refusal.self) { try inFlight.begin().grow(by: 1) }
        large.release()
        #expect(inFlight.byteCount == 0)
    }

    @Test func chunksAreCountedAsTheyCome() throws {
        let inFlight = InFlight(byteCountMax: 100)
        let first = inFlight.begin()
        let second = inFlight.begin()
        for _ in 0..<6 { try first.grow(by: 10) }
        for _ in 0..<4 { try second.grow(by: 10) }
        let refusal = #expect(throws: Refusal.self) { try second.grow(by: 1) }
        #expect(refusal?.status == 503)
        #expect(refusal?.retryAfterSeconds != nil)
        // A refusal takes nothing.
        #expect(inFlight.byteCount == 100)
        try first.resize(to: 10)
        try second.grow(by: 50)
        #expect(inFlight.byteCount == 100)
    }

    @Test func whatIsForgottenIsGivenBack() throws {
        let inFlight = InFlight(byteCountMax: 100)
        do {
            let reservation = inFlight.begin()
            try reservation.grow(by: 60)
            reservation.release()
            reservation.release()
            try reservation.grow(by: 70)
        }
        #expect(inFlight.byteCount == 0)
    }

    @Test func theBoundMayChange() throws {
        let inFlight = InFlight(byteCountMax: 10)
        let first = inFlight.begin()
        let second = inFlight.begin()
        try first.grow(by: 10)
        inFlight.setByteCountMax(30)
        try second.grow(by: 20)
        inFlight.setByteCountMax(5)
        try second.resize(to: 15)
        #expect(throws: Refusal.self) { try second.grow(by: 1) }
    }

    /// JSON counts four times its bytes until it is written, and nothing after.
    @Test func aRequestCountsAsWhatItBecomes() async throws {
        let sink = WatchingSink()
        let pipeline = IngestPipeline(
            events: sink, samples: sink, limits: Self.limits(inFlight: 1_000), now: { 1 })
        sink.watch { pipeline.inFlight.byteCount }
        let body = Array(#"{"time":0,"msg":"hello"}"#.utf8)
        let answer = await pipeline.jsonLines(
            IngestRequest(body: body, contentType: nil, contentEncoding: nil),
            options: JSONLinesOptions())
        #expect(answer.status == 200)
        #expect(sink.seen == [body.count * 4])
        #expect(pipeline.inFlight.byteCount == 0)
    }

    /// Refused with 503 and `Retry-After`, and counted, while another request takes the room.
    @Test func aRequestWithoutRoomIsAskedToComeBack() async throws {
        let sink = WatchingSink()
        let pipeline = IngestPipeline(
            events: sink, samples: sink, limits: Self.limits(inFlight: 1_000), now: { 1 })
        let other = pipeline.inFlight.begin()
        try other.grow(by: 990)
        let request = IngestRequest(
            body: Array("{}".utf8) + [UInt8](repeating: 0x20, count: 10),
            contentType: "application/json", contentEncoding: nil)
        let refused = await pipeline.otlp(.logs, request)
        #expect(refused.status == 503)
        #expect(refused.retryAfterSeconds != nil)
        let counts = pipeline.counters.snapshot.filter { $0.reason == .overloaded }
        #expect(counts.map(\.count) == [1])
        other.release()
        #expect(await pipeline.otlp(.logs, request).status == 200)
        #expect(pipeline.inFlight.byteCount == 0)
    }

    private static func limits(inFlight: Int) -> IngestLimits {
        IngestLimits(
            bodyByteCountMax: 10_000, logAges: EventAges(usualNanos: .max),
            spanAges: EventAges(usualNanos: .max),
            sampleAgeNanosMax: .max, inFlightByteCountMax: inFlight)
    }
}

/// Asks a question at each append.
private final class WatchingSink: EventSink, SampleSink {
    private let question = Mutex<(@Sendable () -> Int)?>(nil)
    private let answers = Mutex<[Int]>([])

    var seen: [Int] { answers.withLock { $0 } }

    func watch(_ question: @escaping @Sendable () -> Int) {
        self.question.withLock { $0 = question }
    }

    func append(_ batch: EventBatch) async throws(StoreFailure) { look() }

    func append(_ batch: SampleBatch) async throws(StoreFailure) { look() }

    private func look() {
        guard let question = question.withLock({ $0 }) else { return }
        answers.withLock { $0.append(question()) }
    }
}
