import Foundation
import NIOCore
import NIOPosix
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Recorded connections of real gRPC clients, and the unmodified SDK for Python.
@Suite struct GRPCReplayTests {
    /// Every connection as it was on the wire, in one go; everything recorded comes back.
    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: ["edge-traces-grpc", "shop-grpc-plain", "shop-grpc-gzip"])
    func connectionsAreReplayed(_ folder: String) async throws {
        let expected = try TestData.object("otlp/\(folder)/expected.json")
        let connections = try Self.connections(folder)
        #expect(!connections.isEmpty)
        let data = try TemporaryFolder()
        let rows = try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.otlpGRPC = ListenAddress(host: "127.0.0.1", port: 0)
                ReplayTests.keepForAges(&$0)
            }
        ) { (running, _) async throws in
            let port = try #require(running.grpcAddress?.port)
            for (bytes, callCount) in connections {
                let ended = try await Self.send(bytes, port: port, until: callCount)
                #expect(ended == callCount)
            }
            return try await ReplayTests.everything(running)
        }
        ReplayTests.expect(rows, expected)
    }

    /// The SDK for Python with its gRPC exporters, as its environment variables configure it.
    @Test(
        .enabled(if: Python.has("opentelemetry.exporter.otlp.proto.grpc")),
        arguments: [nil, "gzip"])
    func thePythonSDKIsTaken(_ compression: String?) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: { $0.otlpGRPC = ListenAddress(host: "127.0.0.1", port: 0) }
        ) { (running, _) async throws in
            let address = try #require(running.grpcAddress)
            var environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(address)",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SERVICE_NAME": "till-backend",
            ]
            environment["OTEL_EXPORTER_OTLP_COMPRESSION"] = compression
            let output = try await Python.run("otel_client.py", environment: environment)
            let sent =
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
            let counts = try await ReplayTests.everything(running)
            #expect(counts.spans.values.reduce(0, +) == sent["spans"] as? Int)
            #expect(counts.logs == ["till-backend": sent["logs"] as? Int ?? -1])
            #expect(counts.chunks.contains { $0.labels.metricName == "till_orders_total" })
        }
    }

    /// The bytes of each connection, with the number of its calls.
    private static func connections(_ folder: String) throws -> [(bytes: [UInt8], calls: Int)] {
        let requests = try TestData.objects(in: "otlp/\(folder)", suffix: ".request.json")
        let names = requests.compactMap { $0["http2_connection"] as? String }
        return try Set(names).sorted().map { name in
            (
                try TestData.bytes("otlp/\(folder)/\(name).client.h2.bin"),
                names.count { $0 == name }
            )
        }
    }

    /// Sends all bytes at once and reads until so many streams have ended, or for ten seconds.
    private static func send(
        _ bytes: [UInt8], port: Int, until callCount: Int
    ) async throws -> Int {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            return try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var received: [UInt8] = []
                    for try await chunk in inbound {
                        received += chunk.readableBytesView
                        if endedStreams(received) >= callCount { break }
                    }
                    return endedStreams(received)
                }
                group.addTask {
                    try await Task.sleep(for: .seconds(10))
                    return -1
                }
                defer { group.cancelAll() }
                return try await group.next() ?? -1
            }
        }
    }

    /// How many streams ended by headers, which is how every answer ends.
    private static func endedStreams(_ bytes: [UInt8]) -> Int {
        var (position, count) = (0, 0)
        while position + 9 <= bytes.count {
            let length = bytes[position..<position + 3].reduce(0) { $0 << 8 | Int($1) }
            guard position + 9 + length <= bytes.count else { break }
            let (kind, flags) = (bytes[position + 3], bytes[position + 4])
            if kind == 1, flags & 1 == 1 { count += 1 }
            position += 9 + length
        }
        return count
    }
}
