package import PerchModel
package import PerchWire
import Synchronization

/// A request at a door: its body and the two headers that say how to read it.
package struct IngestRequest: Sendable {
    package var body: [UInt8]
    package var contentType: String?
    package var contentEncoding: String?
    /// What was reserved while the body arrived.
    package var reservation: InFlight.Reservation?

    package init(
        body: [UInt8], contentType: String?, contentEncoding: String?,
        reservation: InFlight.Reservation? = nil
    ) {
        self.body = body
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.reservation = reservation
    }
}

/// Bodies in, durable batches out: decompress, decode, admit, append.
package final class IngestPipeline: Sendable {
    let events: any EventSink
    let samples: SampleIntake
    let now: @Sendable () -> Int64
    private let limits: Mutex<IngestLimits>
    private let reports: FailureReports
    private let policy: Mutex<EventPolicy>
    private let otlpMetrics = Mutex(OTLPMetricsOptions())
    /// The bytes of requests between their first chunk and the disk.
    package let inFlight: InFlight
    /// What came in and what was refused.
    package let counters: IngestCounters

    /// Writes to two sinks.
    ///
    /// `now` answers nanoseconds since 1970; `report` is told of failures, for the log.
    package init(
        events: any EventSink, samples: any SampleSink, limits: IngestLimits,
        policy: EventPolicy = .none, now: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (IngestFailure) -> Void = { _ in }
    ) {
        self.events = events
        counters = IngestCounters()
        self.samples = SampleIntake(sink: samples, counters: counters)
        self.limits = Mutex(limits)
        self.now = now
        self.policy = Mutex(policy)
        reports = FailureReports(report)
        inFlight = InFlight(byteCountMax: limits.inFlightByteCountMax)
    }

    /// Takes new limits for requests to come.
    package func setLimits(_ limits: IngestLimits) {
        self.limits.withLock { $0 = limits }
        inFlight.setByteCountMax(limits.inFlightByteCountMax)
    }

    /// Takes a new policy for events to come.
    package func setPolicy(_ policy: EventPolicy) {
        self.policy.withLock { $0 = policy }
    }

    /// Takes another way from OTLP's metrics to series, for requests to come.
    package func setOTLPMetrics(_ options: OTLPMetricsOptions) {
        otlpMetrics.withLock { $0 = options }
    }

    /// Makes admitted events durable, as the policy changes them, and counts them.
    func keep(_ batch: inout EventBatch, from source: IngestSource) async throws {
        guard batch.rowCount > 0 else { return }
        let policy = policy.withLock { $0 }
        let sampled = try policy.apply(&batch, nowNanos: now())
        if batch.rowCount > 0 { try await events.append(batch) }
        counters.taken(batch.rowCount, source)
        counters.refused(sampled, source, .sampled)
    }

    /// One OTLP/HTTP request.
    ///
    /// The answer is written as the request is (OTLP, "OTLP/HTTP Response").
    package func otlp(_ signal: OTLPSignal, _ request: consuming IngestRequest) async
        -> IngestAnswer
    {
        var request = request
        let door = IngestDoor(signal)
        let contentType = request.contentType
        guard let type = OTLPContentType(header: contentType) else {
            return refuse(
                door,
                Refusal(
                    status: 415, reason: .unsupportedType,
                    message: "expected content type application/x-protobuf or application/json"),
                contentType: contentType)
        }
        let factor = type == .json ? Limits.jsonFactor : Limits.binaryFactor
        return await taking(&request, at: door, factor: factor) { plain in
            IngestAnswer(
                status: 200, body: try await export(signal, plain, type),
                contentType: type.rawValue)
        }
    }

    /// One message of OTLP/gRPC; answers the message of the response.
    ///
    /// What is thrown has been counted.
    package func otlpMessage(
        _ signal: OTLPSignal, _ request: consuming IngestRequest
    ) async throws(Refusal) -> [UInt8] {
        var request = request
        do {
            return try await plainBody(of: &request, at: IngestDoor(signal), Limits.binaryFactor) {
                try await export(signal, $0, .protobuf)
            }
        } catch {
            note(error, at: IngestDoor(signal))
            throw error
        }
    }

    /// Takes a body of OTLP and answers the body of the response.
    private func export(
        _ signal: OTLPSignal, _ plain: [UInt8], _ type: OTLPContentType
    ) async throws -> [UInt8] {
        let source = IngestDoor(signal).source
        let rejected =
            switch signal {
            case .logs, .traces: try await events(signal, plain, type, source)
            case .metrics: try await metrics(plain, type, source)
            }
        return rejected.count == 0
            ? OTLPResponse.success(type)
            : OTLPResponse.partial(
                signal, rejected: rejected.count, message: rejected.message, type: type)
    }

    /// One body of JSON lines.
    ///
    /// The answer counts what was kept and names the first bad lines.
    package func jsonLines(
        _ request: consuming IngestRequest, options: JSONLinesOptions
    ) async -> IngestAnswer {
        var request = request
        return await taking(&request, at: .jsonLines, factor: Limits.jsonFactor) { plain in
            IngestAnswer(
                status: 200, body: try await lines(plain, options),
                contentType: "application/json")
        }
    }

    /// Decompresses a body within all bounds and hands it on; tells what is thrown in the form of
    /// the door.
    func taking(
        _ request: inout IngestRequest, at door: IngestDoor, factor: Int,
        _ work: ([UInt8]) async throws -> IngestAnswer
    ) async -> IngestAnswer {
        let contentType = request.contentType
        do {
            return try await plainBody(of: &request, at: door, factor, work)
        } catch {
            return refuse(door, error, contentType: contentType)
        }
    }

    /// Decompresses a body within all bounds and hands it on; what is thrown is told as a refusal.
    private func plainBody<Answer>(
        of request: inout IngestRequest, at door: IngestDoor, _ factor: Int,
        _ work: ([UInt8]) async throws -> Answer
    ) async throws(Refusal) -> Answer {
        do {
            let body = BodySource(
                limit: limits.withLock { $0.bodyByteCountMax }, inFlight: inFlight, factor: factor)
            let (plain, reservation) = try body.plain(&request)
            defer { reservation.release() }
            return try await work(plain)
        } catch {
            throw refusal(error, door.source)
        }
    }

    /// How old a log record may be.
    var logAges: EventAges { limits.withLock { $0.logAges } }

    /// The most plain bytes of a body.
    var bodyByteCountMax: Int { limits.withLock { $0.bodyByteCountMax } }

    /// How old a sample may be.
    var sampleAgeNanosMax: Int64 { limits.withLock { $0.sampleAgeNanosMax } }

    /// Counts a refusal and answers it in the form of its door.
    ///
    /// Also for what was refused before the body was read: rights, size, time.
    package func refuse(
        _ door: IngestDoor, _ refusal: Refusal, contentType: String?
    ) -> IngestAnswer {
        note(refusal, at: door)
        return door.answer(refusal, contentType: contentType)
    }

    /// Counts a refusal that is answered elsewhere.
    package func note(_ refusal: Refusal, at door: IngestDoor) {
        counters.refused(1, door.source, refusal.reason)
    }

    /// What the sender is told of an error; the log gets what the sender must not see.
    private func refusal(_ error: any Error, _ source: IngestSource) -> Refusal {
        guard let refusal = Refusal(error) else {
            let nowNanos = now()
            let id = String(nowNanos, radix: 36)
            reports.tell(source, .internalError, error, id: id, nowNanos: nowNanos)
            return Refusal(
                status: 500, reason: .internalError,
                message: "internal error; the server's log has it under \(id)")
        }
        if error is StoreFailure {
            reports.tell(source, refusal.reason, error, nowNanos: now())
        }
        return refusal
    }

    private func lines(_ body: [UInt8], _ options: JSONLinesOptions) async throws -> [UInt8] {
        let received = now()
        var result = try JSONLines.decode(body, options: options, receivedNanos: received)
        let (refused, left) = Admission(nowNanos: received).admit(&result.batch, logAges)
        let plain = result.plainRows.count { !left.contains(Int($0)) }
        // What sampling leaves out was accepted all the same.
        let accepted = result.batch.rowCount - plain
        try await keep(&result.batch, from: .jsonLines)
        count(refused, .jsonLines)
        return JSONLinesAnswer.body(
            accepted: accepted, plain: plain, refused: refused.count,
            errors: result.bad)
    }

    private typealias Rejected = (count: Int, message: String)

    private func events(
        _ signal: OTLPSignal, _ body: [UInt8], _ type: OTLPContentType, _ source: IngestSource
    ) async throws -> Rejected {
        let received = now()
        var result =
            switch (signal, type) {
            case (.traces, .protobuf): try OTLPTraces.decode(body, receivedNanos: received)
            case (.traces, .json): try OTLPTraces.decodeJSON(body, receivedNanos: received)
            case (_, .protobuf): try OTLPLogs.decode(body, receivedNanos: received)
            case (_, .json): try OTLPLogs.decodeJSON(body, receivedNanos: received)
            }
        let limits = limits.withLock { $0 }
        let ages = signal == .traces ? limits.spanAges : limits.logAges
        let refused = Admission(nowNanos: received).admit(&result.batch, ages).refused
        try await keep(&result.batch, from: source)
        counters.refused(result.rejectedCount, source, .invalid)
        count(refused, source)
        return (
            result.rejectedCount + refused.count,
            Self.joined(result.rejectedMessage, refused.message)
        )
    }

    private func metrics(
        _ body: [UInt8], _ type: OTLPContentType, _ source: IngestSource
    ) async throws -> Rejected {
        let received = now()
        let options = otlpMetrics.withLock { $0 }
        let result =
            switch type {
            case .protobuf:
                try OTLPMetrics.decode(body, receivedNanos: received, options: options)
            case .json:
                try OTLPMetrics.decodeJSON(body, receivedNanos: received, options: options)
            }
        let rejected = try await samples.take(
            result.batch, deltaSeries: result.deltaSeries, from: source, nowNanos: received,
            ageNanosMax: sampleAgeNanosMax)
        counters.refused(result.rejectedCount, source, .invalid)
        return (
            result.rejectedCount + rejected.count,
            Self.joined(result.rejectedMessage, rejected.message)
        )
    }

    func count(_ refused: Admission.Refused, _ source: IngestSource) {
        counters.refused(refused.tooFarAhead, source, .tooFarAhead)
        counters.refused(refused.tooOld, source, .tooOld)
        counters.refused(refused.overLabelLimit, source, .labelLimit)
    }

    private static func joined(_ messages: String...) -> String {
        messages.filter { !$0.isEmpty }.joined(separator: "; ")
    }
}
