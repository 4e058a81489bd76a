import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL

/// Why a question of Loki's API is refused, in its shape: the reason as plain text.
struct LokiFailure: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    var message: String

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ failure: LogQLFailure) {
        message = failure.description
        status =
            switch failure {
            case .parse, .badRequest, .limit: .badRequest
            case .cancelled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
            case .storage: .serviceUnavailable
            }
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: message + "\n")))
    }
}
