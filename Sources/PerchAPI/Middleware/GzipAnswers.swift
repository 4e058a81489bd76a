import HTTPTypes
package import Hummingbird
import NIOCore
import PerchCodec

/// Compresses answers for clients that take gzip: pages, their assets, JSON.
///
/// Only what is in memory already and of some size; answers that are streamed stay as they are.
/// Source: RFC 9110, section 12.5.3.
package struct GzipAnswers: RouterMiddleware {
    package typealias Context = PerchRequestContext

    private static let types = [
        "text/html", "text/css", "text/javascript", "text/csv", "text/plain", "application/json",
        "image/svg+xml",
    ]

    package init() {}

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard Self.isTaken(request.headers[.acceptEncoding] ?? ""), request.method != .head,
            response.headers[.contentEncoding] == nil,
            let type = response.headers[.contentType],
            Self.types.contains(where: { type.hasPrefix($0) }),
            let count = response.body.contentLength, Limits.gzipByteCounts.contains(count)
        else { return response }
        let collected = CollectedBody()
        try await response.body.write(collected)
        let bytes = collected.bytes
        response.headers[.vary] = "Accept-Encoding"
        guard let packed = Compressor.compress(bytes, encoding: .gzip), packed.count < bytes.count
        else {
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            return response
        }
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: packed))
        return response
    }

    /// Whether `gzip` is among what a client takes, and not with a weight of zero.
    static func isTaken(_ header: String) -> Bool {
        for part in header.lowercased().split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard fields.first == "gzip" || fields.first == "*" else { continue }
            let weight = fields.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            return weight.flatMap { Double($0) } != 0
        }
        return false
    }
}

/// Takes a body that is in memory.
private final class CollectedBody: ResponseBodyWriter {
    var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        bytes.append(contentsOf: buffer.readableBytesView)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
