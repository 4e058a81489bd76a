package import HTTPTypes
package import Hummingbird
import NIOCore
import PerchModel

/// An answer that says what went wrong: `{"status":"error","error":…}` with its HTTP status.
package struct Problem: Error, HTTPResponseError {
    package let status: HTTPResponse.Status
    package let message: String
    package var headers: HTTPFields = [:]

    package init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }

    package func response(from request: Request, context: some RequestContext) -> Response {
        response()
    }

    /// The answer itself.
    package func response() -> Response {
        var text = JSONWriter()
        text.raw("{\"status\":\"error\",\"error\":")
        text.string(message)
        text.raw("}\n")
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text.bytes)))
    }
}
