import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Turns the connection of a request into a WebSocket.
///
/// The request passes everything that other requests pass. From the answer's head on, what is
/// written as its body goes out as it is, and what comes in is read before HTTP's decoder sees it.
/// Source: RFC 6455.
struct WebSocketUpgrade {
    private let headers: HTTPFields

    /// Whether a request wishes to leave HTTP.
    static func isWished(_ request: Request) -> Bool {
        request.headers[.upgrade] != nil && has(request.headers[.connection], "upgrade")
    }

    /// Reads a request; nil when it is none for a WebSocket.
    init?(_ request: Request, _ channel: any Channel) async {
        guard request.method == .get, Self.isWished(request),
            Self.has(request.headers[.upgrade], "websocket"),
            let key = request.headers[.secWebSocketKey], key.utf8.count == 24
        else { return nil }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.uri.description)
        head.headers.add(name: "Sec-WebSocket-Key", value: key)
        head.headers.add(
            name: "Sec-WebSocket-Version", value: request.headers[.secWebSocketVersion] ?? "")
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let answer = try? await upgrader.buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: HTTPHeaders()
        ).get()
        guard let accept = answer?.first(name: "Sec-WebSocket-Accept") else { return nil }
        headers = [
            .upgrade: "websocket", .connection: "upgrade", .secWebSocketAccept: accept,
        ]
    }

    /// The answer, whose body is frames; `onClose` is called when the reader says goodbye.
    func response(
        _ channel: any Channel, onClose: @escaping @Sendable () -> Void, body: ResponseBody
    ) async throws -> Response {
        try await channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let http = try pipeline.handler(type: HTTPResponseEncoder.self)
            try pipeline.addHandlers(
                [
                    ByteToMessageHandler(
                        WebSocketFrameDecoder(maxFrameSize: Limits.webSocketFrameByteCountMax)),
                    WebSocketReader(onClose: onClose),
                ], position: .before(http))
        }.get()
        return Response(status: .switchingProtocols, headers: headers, body: body)
    }

    /// Whether a list of words, parted by commas, has one, in any case.
    private static func has(_ list: String?, _ word: String) -> Bool {
        (list ?? "").split(separator: ",").contains {
            $0.trimmingPrefix(while: \.isWhitespace).lowercased().hasPrefix(word)
        }
    }
}
