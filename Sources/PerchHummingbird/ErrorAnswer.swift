import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel

/// What a client is told of a failure: JSON with a message and the request's id (COR-3).
///
/// Nothing of an unexpected error is told: it may name files, queries or people.
enum ErrorAnswer {
    static func response(
        to error: any Error, request: Request, context: some RequestContext, id: String
    ) -> Response {
        guard let known = error as? any HTTPResponseError else {
            return json(.internalServerError, "Internal Server Error", id)
        }
        // An error with a body of its own keeps it.
        guard let plain = error as? HTTPError else {
            let own = try? known.response(from: request, context: context)
            return own ?? json(known.status, known.status.reasonPhrase, id)
        }
        var response = json(plain.status, plain.body ?? plain.status.reasonPhrase, id)
        for field in plain.headers where field.name != .contentLength && field.name != .contentType
        {
            response.headers[field.name] = field.value
        }
        return response
    }

    private static func json(
        _ status: HTTPResponse.Status, _ message: String, _ id: String
    ) -> Response {
        var bytes = Array("{\"error\":{\"message\":".utf8)
        JSONText.appendString(message, to: &bytes)
        bytes += ",\"requestId\":".utf8
        JSONText.appendString(id, to: &bytes)
        bytes += "}}".utf8
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
