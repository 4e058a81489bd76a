import PerchCodec
package import PerchModel
package import PerchWire
import Synchronization

/// A request at a door: its body and the two headers that say how to read it.
package struct IngestRequest: Sendable {
    package var body: [UInt8]
    package var contentType: String?
    package var contentEncoding: String?

    package init(body: [UInt8], contentType: String?, contentEncoding: String?) {
        self.body = body
        self.contentType = contentType
        self.contentEncoding = contentEncoding
    }
}

/// Bodies in, durable batches out: decompress, decode, admit, append.
package final class IngestPipeline: Sendable {
    private let events: any EventSink
    private let samples: any SampleSink
    private let now: @Sendable () -> Int64
    private let limits: Mutex<IngestLimits>
    private let delta = DeltaToCumulative()
    private let inFlight = InFlight()
    /// What came in and what was refused.
    package let counters = IngestCounters()

    /// Writes to two sinks.
    ///
    /// `now` answers nanoseconds since 1970.
    package init(
        events: any EventSink, samples: any SampleSink, limits: IngestLimits,
        now: @escaping @Sendable () -> Int64
    ) {
        self.events = events
        self.samples = samples
        self.limits = Mutex(limits)
        self.now = now
    }

    /// Takes new limits for requests to come.
    package func setLimits(_ limits: IngestLimits) {
        self.limits.withLock { $0 = limits }
    }

    /// One OTLP/HTTP request.
    ///
    /// The answer is written as the request is (OTLP, "OTLP/HTTP Response").
    package func otlp(_ signal: OTLPSignal, _ request: IngestRequest) async -> IngestAnswer {
        let source = Self.source(signal)
        guard let type = OTLPContentType(header: request.contentType) else {
            counters.refused(1, source, .unsupportedType)
            return Self.text(
                415, "expected content type application/x-protobuf or application/json\n")
        }
        do {
            let body = try decompress(request)
            let rejected = try await inFlight.reserving(body.count) {
                switch signal {
                case .logs, .traces: try await events(signal, body, type, source)
                case .metrics: try await metrics(body, type, source)
                }
            }
            let answer =
                rejected.count == 0
                ? OTLPResponse.success(type)
                : OTLPResponse.partial(
                    signal, rejected: rejected.count, message: rejected.message, type: type)
            return IngestAnswer(status: 200, body: answer, contentType: type.rawValue)
        } catch {
            let refusal = Self.refusal(error)
            counters.refused(1, source, refusal.reason)
            return IngestAnswer(
                status: refusal.status,
                body: OTLPResponse.error(
                    code: refusal.grpcCode, message: refusal.message, type: type),
                contentType: type.rawValue, retryAfterSeconds: refusal.retryAfterSeconds)
        }
    }

    /// One body of JSON lines.
    ///
    /// The answer counts what was kept and names the first bad lines.
    package func jsonLines(
        _ request: IngestRequest, options: JSONLinesOptions
    ) async -> IngestAnswer {
        do {
            let body = try decompress(request)
            let answer = try await inFlight.reserving(body.count) {
                try await lines(body, options)
            }
            return IngestAnswer(status: 200, body: answer, contentType: "application/json")
        } catch {
            let refusal = Self.refusal(error)
            counters.refused(1, .jsonLines, refusal.reason)
            return IngestAnswer(
                status: refusal.status, body: JSONLinesAnswer.error(refusal.message),
                contentType: "application/json", retryAfterSeconds: refusal.retryAfterSeconds)
        }
    }

    private func lines(_ body: [UInt8], _ options: JSONLinesOptions) async throws -> [UInt8] {
        let received = now()
        var result = try JSONLines.decode(body, options: options, receivedNanos: received)
        let refused = Admission(nowNanos: received)
            .admit(&result.batch, ageNanosMax: limits.withLock { $0.logAgeNanosMax })
        if result.batch.rowCount > 0 { try await events.append(result.batch) }
        count(refused, .jsonLines)
        counters.taken(result.batch.rowCount, .jsonLines)
        counters.refused(result.plainCount, .jsonLines, .notObject)
        return JSONLinesAnswer.body(result, refused: refused.count)
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
        let refused = Admission(nowNanos: received).admit(
            &result.batch,
            ageNanosMax: signal == .traces ? limits.spanAgeNanosMax : limits.logAgeNanosMax)
        if result.batch.rowCount > 0 { try await events.append(result.batch) }
        counters.taken(result.batch.rowCount, source)
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
        var result =
            switch type {
            case .protobuf: try OTLPMetrics.decode(body, receivedNanos: received)
            case .json: try OTLPMetrics.decodeJSON(body, receivedNanos: received)
            }
        let refused = Admission(nowNanos: received)
            .admit(&result.batch, ageNanosMax: limits.withLock { $0.sampleAgeNanosMax })
        let conversion = await self.delta.convert(
            &result.batch, delta: result.deltaSeries, nowMillis: received / 1_000_000)
        let delta = conversion.refused
        if refused.count + delta.count > 0 { result.batch.dropUnusedSeries() }
        do {
            if result.batch.seriesCount > 0 || !result.batch.metadata.isEmpty {
                try await samples.append(result.batch)
            }
        } catch {
            self.delta.abandon(conversion)
            throw error
        }
        self.delta.commit(conversion)
        counters.taken(result.batch.sampleCount + result.batch.histograms.count, source)
        counters.refused(result.rejectedCount, source, .invalid)
        counters.refused(delta.overLimit, source, .deltaLimit)
        counters.refused(delta.notNewer, source, .tooOld)
        count(refused, source)
        let deltaMessage =
            delta.count == 0 ? "" : "\(delta.count) delta points late or over the limit of series"
        return (
            result.rejectedCount + refused.count + delta.count,
            Self.joined(result.rejectedMessage, refused.message, deltaMessage)
        )
    }

    private func decompress(_ request: IngestRequest) throws -> [UInt8] {
        guard let encoding = ContentEncoding(header: request.contentEncoding) else {
            throw Refusal(
                status: 415, reason: .unsupportedType,
                message: "expected content encoding gzip, deflate, zstd or none")
        }
        return try Decompressor.decompress(
            request.body, encoding: encoding, limit: limits.withLock { $0.bodyByteCountMax })
    }

    private func count(_ refused: Admission.Refused, _ source: IngestSource) {
        counters.refused(refused.tooFarAhead, source, .tooFarAhead)
        counters.refused(refused.tooOld, source, .tooOld)
        counters.refused(refused.overLabelLimit, source, .labelLimit)
    }

    private static func joined(_ messages: String...) -> String {
        messages.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private static func source(_ signal: OTLPSignal) -> IngestSource {
        switch signal {
        case .logs: .otlpLogs
        case .traces: .otlpTraces
        case .metrics: .otlpMetrics
        }
    }

    private static func text(_ status: Int, _ text: String) -> IngestAnswer {
        IngestAnswer(status: status, body: Array(text.utf8), contentType: "text/plain")
    }

    private static func refusal(_ error: any Error) -> Refusal {
        switch error {
        case let refusal as Refusal: refusal
        case DecompressFailure.tooLarge(let limit):
            Refusal(
                status: 413, reason: .tooLarge,
                message: "the body is over the limit of \(limit) bytes after decompression")
        case DecompressFailure.malformed(let message, let position):
            Refusal(
                status: 400, reason: .malformed, message: "\(message) at byte \(position)")
        case WireFailure.malformed(let message, let position):
            Refusal(status: 400, reason: .malformed, message: "\(message) at byte \(position)")
        case WireFailure.tooLarge(let message), StoreFailure.tooLarge(let message):
            Refusal(status: 413, reason: .tooLarge, message: message)
        case StoreFailure.noSpace(let message):
            Refusal(status: 503, reason: .noSpace, message: message)
        case StoreFailure.overloaded(let message):
            Refusal(status: 503, reason: .overloaded, message: message)
        case StoreFailure.failed(let message):
            Refusal(status: 503, reason: .storeFailed, message: message)
        default:
            Refusal(status: 503, reason: .storeFailed, message: "the server is stopping")
        }
    }
}
