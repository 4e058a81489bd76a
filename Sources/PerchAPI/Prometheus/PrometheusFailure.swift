import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel
import PerchPromQL

/// Why a question of Prometheus' API is refused, in its shape.
///
/// Source: Prometheus, "HTTP API", format overview; status codes of web/api/v1.
struct PrometheusFailure: Error, HTTPResponseError, CustomStringConvertible {
    enum Kind: String {
        case badData = "bad_data"
        case execution
        case timeout
        case canceled
        case unavailable
        case notFound = "not_found"
        case tooMany = "too_many_requests"
        case internalFailure = "internal"
    }

    var kind: Kind
    var message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    var description: String { message }

    var status: HTTPResponse.Status {
        switch kind {
        case .badData: .badRequest
        case .execution: .unprocessableContent
        case .timeout, .unavailable: .serviceUnavailable
        case .canceled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
        case .notFound: .notFound
        case .tooMany: .tooManyRequests
        case .internalFailure: .internalServerError
        }
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if kind == .tooMany { headers[.retryAfter] = "1" }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    bytes: AnswerWriter.failure(kind: kind.rawValue, message: message))))
    }
}

extension PrometheusFailure {
    /// The answer to a store that cannot give what is asked for.
    ///
    /// What the store says may name files, so only its kind is told.
    init(store failure: StoreFailure) {
        switch failure {
        case .cancelled: self.init(.canceled, "query was canceled")
        case .closed: self.init(.unavailable, "the server is stopping")
        case .overloaded: self.init(.unavailable, "the store is overloaded; try again")
        case .noSpace, .failed, .tooLarge:
            self.init(.internalFailure, "the store could not be read; see the server's log")
        }
    }
}
