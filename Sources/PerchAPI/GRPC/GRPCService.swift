package import NIOCore
import NIOHPACK
package import NIOHTTP2
package import PerchAccess
package import PerchIngest
import PerchWire

/// The three methods of OTLP over gRPC, one call a stream.
///
/// Reflection, health and all other methods are answered with "unimplemented".
package struct GRPCService: Sendable {
    package typealias Stream = NIOAsyncChannel<GRPCEvent, HTTP2Frame.FramePayload>
    private typealias Outbound = NIOAsyncChannelOutboundWriter<HTTP2Frame.FramePayload>

    private let pipeline: IngestPipeline
    private let authenticator: Authenticator
    private let counters: RequestCounters
    private let bodyByteCountMax: @Sendable () -> Int
    private let bodyTimeout: Duration

    package init(
        pipeline: IngestPipeline, authenticator: Authenticator, counters: RequestCounters,
        bodyByteCountMax: @escaping @Sendable () -> Int, bodyTimeout: Duration
    ) {
        self.pipeline = pipeline
        self.authenticator = authenticator
        self.counters = counters
        self.bodyByteCountMax = bodyByteCountMax
        self.bodyTimeout = bodyTimeout
    }

    /// Makes the channel of a new stream ready for ``serve(_:)``; call it on its event loop.
    package func configure(_ channel: any Channel) throws -> Stream {
        try channel.pipeline.syncOperations.addHandler(
            GRPCReceiver(
                byteCountMax: bodyByteCountMax(), timeout: bodyTimeout,
                reservation: pipeline.inFlight.begin()))
        return try Stream(wrappingChannelSynchronously: channel)
    }

    /// Answers one call; returns when its stream is over.
    package func serve(_ stream: Stream) async {
        // What is thrown is a stream that broke: nobody is there to be told.
        try? await stream.executeThenClose { inbound, outbound in
            let clock = ContinuousClock()
            let start = clock.now
            var call: GRPCCall?
            for try await event in inbound {
                if case .call(let begun) = event { call = begun }
                guard let call else { return }
                guard call.isGRPC else {
                    // HTTP's own status is what such a sender understands.
                    return try await outbound.write(
                        .headers(.init(headers: [":status": "415"], endStream: true)))
                }
                guard let outcome = await outcome(of: event, call) else { continue }
                try await Self.write(outcome, to: outbound)
                counters.record(
                    method: "POST", route: call.signal?.grpcPath ?? "none",
                    status: outcome.httpStatus, seconds: (clock.now - start) / .seconds(1))
                return
            }
        }
    }

    /// How a call ended.
    private enum Outcome {
        case message([UInt8])
        case refused(Refusal)
        case noMethod(String)

        /// What the same answer would have over HTTP, for the counters.
        var httpStatus: Int {
            switch self {
            case .message: 200
            case .refused(let refusal): refusal.status
            case .noMethod: 501
            }
        }
    }

    /// How a call ends by what came; nil while it goes on.
    private func outcome(of event: GRPCEvent, _ call: GRPCCall) async -> Outcome? {
        guard let signal = call.signal else { return .noMethod(call.path) }
        do throws(Refusal) {
            let request: IngestRequest
            do throws(Refusal) {
                switch event {
                case .call:
                    // Before the message has come: nobody unknown shall send much.
                    try await authorize(call)
                    return nil
                case .refused(let refusal): throw refusal
                case .message(let message, let reservation):
                    request = IngestRequest(
                        body: message.body, contentType: nil,
                        contentEncoding: try call.encoding(of: message), reservation: reservation)
                }
            } catch {
                pipeline.note(error, at: IngestDoor(signal))
                throw error
            }
            return .message(try await pipeline.otlpMessage(signal, request))
        } catch {
            return .refused(error)
        }
    }

    private func authorize(_ call: GRPCCall) async throws(Refusal) {
        let decision: Authenticator.Decision
        do {
            decision = try await authenticator.decide(call.credential, door: .needs(.ingest))
        } catch {
            throw Refusal(
                status: 503, reason: .internalError, message: "credentials cannot be looked up now")
        }
        switch decision {
        case .allowed: return
        case .unauthorized(let message):
            throw Refusal(status: 401, reason: .unauthorized, message: message)
        case .forbidden(let message):
            throw Refusal(status: 403, reason: .forbidden, message: message)
        case .tooManyAttempts:
            throw Refusal(
                status: 429, reason: .tooManyAttempts,
                message: "too many wrong credentials; wait a minute")
        }
    }

    private static func write(_ outcome: Outcome, to outbound: Outbound) async throws {
        switch outcome {
        case .message(let message):
            let frame = GRPCMessage.framed(message, allocator: ByteBufferAllocator())
            var trailers: HPACKHeaders = [:]
            GRPCStatus.ok.add(to: &trailers)
            try await outbound.write(
                contentsOf: [
                    .headers(.init(headers: head)), .data(.init(data: .byteBuffer(frame))),
                    .headers(.init(headers: trailers, endStream: true)),
                ])
        case .refused(let refusal):
            try await write(GRPCStatus(refusal), to: outbound)
        case .noMethod(let path):
            try await write(GRPCStatus(code: 12, message: "no such method: \(path)"), to: outbound)
        }
    }

    /// A status without a message: one block of headers that also ends the stream.
    private static func write(_ status: GRPCStatus, to outbound: Outbound) async throws {
        var headers = head
        status.add(to: &headers)
        try await outbound.write(.headers(.init(headers: headers, endStream: true)))
    }

    private static var head: HPACKHeaders {
        [
            ":status": "200", "content-type": "application/grpc",
            "grpc-accept-encoding": GRPCCall.acceptedEncodings,
        ]
    }
}
