import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import PerchIngest

/// The client against a small server on the loopback.
@Suite struct HTTPScrapeClientTests {
    /// Answers by the path: its own headers, a redirect, nothing, or many bytes.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var head: HTTPRequestHead?

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                answer(head, context)
            }
        }

        private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
            switch head.uri {
            case "/silent": return
            case "/moved":
                write(context, .found, [("location", "/metrics?a=b%20c")], "")
            case "/large":
                write(context, .ok, [], String(repeating: "x", count: 20_000))
            case "/missing":
                write(context, .notFound, [], "no")
            default:
                let names = ["accept", "authorization", "x-tenant"]
                let echo = names.map { "\($0)=\(head.headers.first(name: $0) ?? "")" }
                write(
                    context, .ok,
                    [("content-type", "text/plain; version=0.0.4"), ("content-encoding", "none")],
                    "\(head.uri) \(echo.joined(separator: " "))")
            }
        }

        private func write(
            _ context: ChannelHandlerContext, _ status: HTTPResponseStatus,
            _ headers: [(String, String)], _ body: String
        ) {
            var head = HTTPResponseHead(version: .http1_1, status: status)
            head.headers = HTTPHeaders(headers + [("content-length", "\(body.utf8.count)")])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let buffer = context.channel.allocator.buffer(string: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// Runs a body with the address of a server that lives as long, and a client.
    private func withServer(
        _ body: (String, HTTPScrapeClient) async throws -> Void
    ) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = HTTPScrapeClient()
        let port = channel.localAddress?.port ?? 0
        let result: Result<Void, any Error>
        do {
            result = .success(try await body("http://127.0.0.1:\(port)", client))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        try await channel.close().get()
        try result.get()
    }

    private static func request(
        _ url: String, timeoutNanos: Int64 = 5_000_000_000, follows: Bool = true
    ) -> ScrapeRequest {
        var transport = ScrapeTransport()
        transport.followsRedirects = follows
        return ScrapeRequest(
            url: url, headers: [("X-Tenant", "t"), ("Authorization", "Bearer b")],
            timeoutNanos: timeoutNanos, bodyByteCountMax: 10_000, transport: transport)
    }

    @Test func headersAndBodiesGoThrough() async throws {
        try await withServer { address, client in
            let response = try await client.get(Self.request("\(address)/metrics?x=y"))
            #expect(response.status == 200)
            #expect(response.contentType == "text/plain; version=0.0.4")
            #expect(response.contentEncoding == "none")
            #expect(
                String(decoding: response.body, as: UTF8.self)
                    == "/metrics?x=y accept= authorization=Bearer b x-tenant=t")
            #expect(try await client.get(Self.request("\(address)/missing")).status == 404)
        }
    }

    @Test func redirectsAreFollowedWhenAsked() async throws {
        try await withServer { address, client in
            let followed = try await client.get(Self.request("\(address)/moved"))
            #expect(String(decoding: followed.body, as: UTF8.self).hasPrefix("/metrics?a=b%20c "))
            let kept = try await client.get(Self.request("\(address)/moved", follows: false))
            #expect(kept.status == 302)
        }
    }

    @Test func aLargeBodyIsCutOff() async throws {
        try await withServer { address, client in
            let failure = await #expect(throws: ScrapeFailure.self) {
                try await client.get(Self.request("\(address)/large"))
            }
            #expect(failure?.message == "body size limit exceeded")
        }
    }

    @Test func aSilentTargetIsLeft() async throws {
        try await withServer { address, client in
            let failure = await #expect(throws: ScrapeFailure.self) {
                try await client.within(
                    Self.request("\(address)/silent", timeoutNanos: 300_000_000))
            }
            #expect(failure?.message == "context deadline exceeded")
        }
    }

    @Test func whatCannotBeReachedSaysSo() async throws {
        try await withServer { _, client in
            for url in ["http://127.0.0.1:1/metrics", "ftp://a/", "http://"] {
                await #expect(throws: ScrapeFailure.self) {
                    try await client.get(Self.request(url, timeoutNanos: 2_000_000_000))
                }
            }
            var request = Self.request("https://127.0.0.1:1/")
            request.transport.tls.authorityFile = "/nowhere.pem"
            let failure = await #expect(throws: ScrapeFailure.self) {
                try await client.get(request)
            }
            #expect(failure?.message.hasPrefix("TLS files of the target") == true)
        }
    }
}
