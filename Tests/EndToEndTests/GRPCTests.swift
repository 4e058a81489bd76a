import Foundation
import NIOHPACK
import NIOHTTP2
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// OTLP over gRPC: what is taken, what is refused and how it is told.
@Suite struct GRPCTests {
    private static let logs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    private static let traces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    /// A log record without fields but its body.
    private static let record: [UInt8] = [
        0x0a, 9, 0x12, 7, 0x12, 5, 0x2a, 3, 0x0a, 1, UInt8(ascii: "a"),
    ]

    /// Starts a server with a listener for gRPC, and connects to it.
    private static func run<Value: Sendable>(
        change: (inout PerchConfiguration) -> Void = { _ in },
        _ body: @Sendable (Server.Running, String, GRPCClient) async throws -> Value
    ) async throws -> Value {
        let data = try TemporaryFolder()
        return try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.otlpGRPC = ListenAddress(host: "127.0.0.1", port: 0)
                change(&$0)
            }
        ) { (running, address) async throws in
            let client = try await GRPCClient.connect(port: try #require(running.grpcAddress?.port))
            let value = try await body(running, address, client)
            await client.close()
            return value
        }
    }

    private static func rows(_ running: Server.Running, _ dataset: Dataset) async throws -> Int {
        try await running.events.all(EventQuery(dataset: dataset, times: .min ..< .max))
            .reduce(0) { $0 + $1.rowCount }
    }

    /// Every kind of refusal has the code and the hint that OTLP's specification gives it, and the
    /// connection goes on.
    @Test func refusalsAreTold() async throws {
        try await Self.run(change: { $0.limits.bodyByteCountMax = 1_000 }) {
            (running, address, client) async throws in
            func expect(
                _ code: Int, _ text: String, _ pieces: [[UInt8]], path: String = Self.logs,
                _ headers: (String, String)...
            ) async throws {
                let answer = try await client.call(path, pieces, headers: headers)
                #expect(answer.status == code, "\(text): \(answer.headers)")
                #expect(answer.httpStatus == "200")
                #expect(answer.message.contains(text), "\(answer.message)")
                #expect(answer.headers.first(name: "grpc-status-details-bin") == nil)
            }
            let whole = GRPCClient.framed(Self.record)
            try await expect(12, "no such method", [whole], path: "/grpc.health.v1.Health/Check")
            try await expect(12, "no such method", [], path: "/")
            try await expect(3, "at byte", [GRPCClient.framed([0xff, 0xff])])
            try await expect(3, "before a whole message", [])
            try await expect(3, "before a whole message", [Array(whole.dropLast())])
            try await expect(3, "expected one message", [whole, whole])
            try await expect(3, "got 7", [GRPCClient.framed(Self.record, flag: 7)])
            try await expect(3, "no grpc-encoding", [GRPCClient.framed(Self.record, flag: 1)])
            try await expect(
                12, "identity,gzip", [GRPCClient.framed(Self.record, flag: 1)], path: Self.logs,
                ("grpc-encoding", "br"))
            try await expect(
                3, "at byte", [GRPCClient.framed(Self.record, flag: 1)], path: Self.logs,
                ("grpc-encoding", "gzip"))
            // Told by its head alone, before the bytes arrive.
            try await expect(3, "over the limit", [[0, 0x40, 0, 0, 0]])
            try await expect(
                3, "over the limit",
                [
                    GRPCClient.framed(
                        StoredEncodings.encode([UInt8](repeating: 0, count: 2_000), "gzip"),
                        flag: 1)
                ], path: Self.logs, ("grpc-encoding", "gzip"))
            let other = try await client.call(Self.logs, [whole], contentType: "application/json")
            #expect(other.httpStatus == "415")
            #expect(try await Self.rows(running, .logs) == 0)

            let taken = try await client.call(Self.logs, [whole])
            #expect(taken.status == 0)
            #expect(taken.body == [0, 0, 0, 0, 0])
            let byteByByte = try await client.call(Self.logs, whole.map { [$0] })
            #expect(byteByByte.status == 0)
            let bare = try await client.call(Self.logs, [GRPCClient.framed([])])
            #expect(bare.status == 0)
            #expect(try await Self.rows(running, .logs) == 2)
            let metrics = try await HTTP.get("\(address)/metrics").text
            #expect(
                metrics.contains(
                    #"perch_refused_records_total{source="otlp_logs",reason="malformed"} 7"#))
        }
    }

    /// A span without a trace id is refused alone and told in the answer's partial success.
    @Test func partialSuccessIsTold() async throws {
        try await Self.run { (running, _, client) async throws in
            let span: [UInt8] = [0x0a, 6, 0x12, 4, 0x12, 2, 0x2a, 0]
            let answer = try await client.call(Self.traces, [GRPCClient.framed(span)])
            #expect(answer.status == 0)
            #expect(answer.reply.first == 0x0a)
            #expect(answer.reply.dropFirst(2).starts(with: [0x08, 1]), "\(answer.reply)")
            #expect(try await Self.rows(running, .spans) == 0)
        }
    }

    /// Metadata `authorization` is the credential.
    @Test func credentialsAreNeeded() async throws {
        try await Self.run(change: { $0.auth = .keys }) { (running, _, client) async throws in
            func status(_ headers: (String, String)...) async throws -> Int {
                try await client.call(
                    Self.logs, [GRPCClient.framed(Self.record)], headers: headers
                ).status
            }
            #expect(try await status() == 16)
            #expect(try await status(("authorization", "Bearer wrong")) == 16)
            #expect(try await Self.rows(running, .logs) == 0)
            #expect(try await status(("authorization", "Bearer \(InProcess.ingestSecret)")) == 0)
            #expect(try await Self.rows(running, .logs) == 1)
        }
        // A proxy's header makes the sender a remote one, which needs a credential.
        try await Self.run(change: { $0.auth = .loopback }) { (_, _, client) async throws in
            let whole = [GRPCClient.framed(Self.record)]
            #expect(try await client.call(Self.logs, whole).status == 0)
            let remote = try await client.call(
                Self.logs, whole, headers: [("x-forwarded-for", "192.0.2.1")])
            #expect(remote.status == 16)
        }
    }

    /// Too much at once is unavailable, with the time after which to come back; a message that
    /// does not come is a deadline that passed.
    @Test func overloadAndSlownessAreTold() async throws {
        try await Self.run(change: { $0.headByteCountMax = 1 << 20 }) {
            (running, _, client) async throws in
            let most = GRPCClient.framed([UInt8](repeating: 0, count: 1_000_000))
            let other = try await GRPCClient.connect(
                port: try #require(running.grpcAddress?.port))
            let slow = try await client.call(
                Self.logs, [Array(most.prefix(900_000)), Array(most.dropFirst(900_000))],
                headers: [("grpc-timeout", "2S")],
                between: {
                    try await Task.sleep(for: .milliseconds(500))
                    let refused = try await other.call(
                        Self.logs, [GRPCClient.framed([UInt8](repeating: 0, count: 300_000))])
                    #expect(refused.status == 14, "\(refused.headers)")
                    let details = try #require(
                        refused.headers.first(name: "grpc-status-details-bin"))
                    let padding = String(repeating: "=", count: (4 - details.count % 4) % 4)
                    let bytes = try #require(Data(base64Encoded: details + padding))
                    #expect(bytes.starts(with: [0x08, 14]))
                    let retry =
                        Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
                        + [0x12, 4, 0x0a, 2, 0x08, 5]
                    #expect(bytes.firstRange(of: retry) != nil, "\(Array(bytes))")
                    try await Task.sleep(for: .seconds(3))
                })
            #expect(slow.status == 4, "\(slow.headers)")
            await other.close()
        }
    }

    /// A client that asks all the time whether we are there loses its connection.
    @Test func pingsAreBounded() async throws {
        try await Self.run { (_, _, client) async throws in
            for _ in 0..<1_000 where client.isActive { try? await client.ping() }
            for _ in 0..<100 where client.isActive {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(!client.isActive)
        }
    }

    /// A stop says GOAWAY and lets the call in progress end; what was taken is there.
    @Test func aStopLetsCallsEnd() async throws {
        let client = try await Self.run { (running, _, client) async throws in
            let whole = GRPCClient.framed(Self.record)
            let answer = try await client.call(
                Self.logs, [Array(whole.prefix(7)), Array(whole.dropFirst(7))],
                between: {
                    await running.stop()
                    try await Task.sleep(for: .milliseconds(800))
                })
            #expect(answer.status == 0, "\(answer.headers)")
            return client
        }
        #expect(await client.goAways.codes.first == .noError)
        #expect(!client.isActive)
    }

    /// Over TLS by ALPN, with the certificate of the other listeners.
    @Test func callsGoOverTLS() async throws {
        let folder = Repository.root.appending(path: "Tests/EndToEndTests/Certificates")
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.otlpGRPC = ListenAddress(host: "127.0.0.1", port: 0)
                $0.tlsCertificate = folder.appending(path: "one.pem").path()
                $0.tlsKey = folder.appending(path: "one.key").path()
            }
        ) { (running, _) async throws in
            let client = try await GRPCClient.connect(
                port: try #require(running.grpcAddress?.port),
                trusting: folder.appending(path: "one.pem"))
            let answer = try await client.call(Self.logs, [GRPCClient.framed(Self.record)])
            #expect(answer.status == 0)
            #expect(try await Self.rows(running, .logs) == 1)
            await client.close()
        }
    }

    /// A client that goes away leaves nothing behind, and what it did not finish is not kept.
    @Test func clientsThatLeaveAreForgotten() async throws {
        try await Self.run { (running, _, client) async throws in
            let whole = GRPCClient.framed(Self.record)
            _ = try? await client.call(
                Self.logs, [Array(whole.prefix(7)), Array(whole.dropFirst(7))],
                between: { await client.close() })
            let next = try await GRPCClient.connect(port: try #require(running.grpcAddress?.port))
            #expect(try await next.call(Self.logs, [whole]).status == 0)
            await next.close()
            #expect(try await Self.rows(running, .logs) == 1)
        }
    }

    /// HTTP/1.1 at the port of gRPC ends the connection and nothing else.
    @Test func anotherProtocolIsNotTaken() async throws {
        try await Self.run { (running, _, client) async throws in
            let port = try #require(running.grpcAddress?.port)
            let answer = try await RawClient.exchange(
                port: port, send: ["POST /v1/logs HTTP/1.1\r\nHost: localhost\r\n\r\n"],
                until: { _ in false })
            #expect(answer.isClosed)
            let taken = try await client.call(Self.logs, [GRPCClient.framed(Self.record)])
            #expect(taken.status == 0)
        }
    }
}
