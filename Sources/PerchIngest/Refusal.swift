import PerchCodec
import PerchModel
import PerchWire

/// Why a whole request is refused: status, reason, and a sentence for the sender.
///
/// The sentence never has what a store says of its files; that is for the log.
package struct Refusal: Error, Equatable {
    /// The HTTP status.
    package var status: Int
    package var reason: RefusalReason
    package var message: String

    package init(status: Int, reason: RefusalReason, message: String) {
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// gRPC's code for the body of an OTLP error (OTLP specification, "Failures"; codes by
    /// googleapis, google/rpc/code.proto).
    package var grpcCode: Int {
        switch status {
        case 401: 16
        case 403: 7
        case 404, 405, 501: 12
        case 408: 4
        case 429: 8
        case 500: 13
        case 503: 14
        default: 3
        }
    }

    /// Seconds after which trying again may help; nil where it never does.
    package var retryAfterSeconds: Int? {
        status == 503 || status == 429 ? Limits.retryAfterSeconds : nil
    }

    /// What a decoder or a store threw, as the sender learns it; nil for what nobody foresaw.
    init?(_ error: any Error) {
        switch error {
        case let refusal as Refusal:
            self = refusal
        case DecompressFailure.tooLarge(let limit):
            self.init(
                status: 413, reason: .tooLarge,
                message: "the body is over the limit of \(limit) bytes after decompression")
        case DecompressFailure.malformed(let message, let position),
            WireFailure.malformed(let message, let position):
            self.init(
                status: 400, reason: .malformed, message: "\(message) at byte \(position)")
        case WireFailure.tooLarge(let message):
            self.init(status: 413, reason: .tooLarge, message: message)
        case let failure as StoreFailure:
            self.init(store: failure)
        case is CancellationError:
            self.init(status: 503, reason: .overloaded, message: "the server is stopping")
        default:
            return nil
        }
    }

    private init(store failure: StoreFailure) {
        switch failure {
        case .tooLarge:
            self.init(
                status: 413, reason: .tooLarge,
                message: "the request holds more than the store takes at once; send less")
        case .noSpace:
            self.init(
                status: 503, reason: .noSpace,
                message: "the server's disk is nearly full; try again later")
        case .overloaded:
            self.init(
                status: 503, reason: .overloaded,
                message: "too much waits to be written; try again in some seconds")
        case .closed, .cancelled:
            self.init(status: 503, reason: .storeFailed, message: "the server is stopping")
        default:
            self.init(
                status: 503, reason: .storeFailed,
                message: "the server cannot write; its log has the reason")
        }
    }
}
