import NIOCore
import NIOPosix

/// Sends bytes over TCP, for requests and readers that no client library makes.
enum RawClient {
    /// What came back.
    struct Answer: Sendable {
        var text = ""
        /// Whether the other side closed the connection.
        var isClosed = false

        /// The status of the first answer; 0 without one.
        var status: Int {
            let words = text.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ")
            return words.count > 1 ? Int(words[1]) ?? 0 : 0
        }

        /// What stands after the head.
        var body: Substring {
            text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
        }

        /// The value of a header of the first answer.
        func header(_ name: String) -> String? {
            let head = text.prefix(
                upTo: text.firstRange(of: "\r\n\r\n")?.lowerBound ?? text.endIndex)
            for line in head.split(separator: "\r\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                    return parts[1].trimmingPrefix(" ").description
                }
            }
            return nil
        }
    }

    /// Sends `text` and reads the head of an answer, or what came until the end.
    static func exchange(port: Int, send text: String) async throws -> String {
        try await exchange(port: port, send: [text], until: { $0.contains("\r\n\r\n") }).text
    }

    /// Sends pieces and reads until `isEnough`, the end of the connection, or `seconds` are over.
    static func exchange(
        port: Int, send pieces: [String], seconds: Double = 20,
        until isEnough: @escaping @Sendable (String) -> Bool
    ) async throws -> Answer {
        try await connected(port) { inbound, outbound in
            do {
                for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
            } catch {
                // The other side may have closed before all was sent; its answer counts.
            }
            let received = ByteBox()
            let isClosed = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        for try await chunk in inbound {
                            await received.append(chunk)
                            if isEnough(await received.text) { return false }
                        }
                    } catch is CancellationError {
                        return false
                    } catch {
                        // A reset is an end too.
                    }
                    return !Task.isCancelled
                }
                group.addTask {
                    try? await Task.sleep(for: .seconds(seconds))
                    return false
                }
                defer { group.cancelAll() }
                return try await group.next() ?? false
            }
            return Answer(text: await received.text, isClosed: isClosed)
        }
    }

    /// Sends `text`, and reads nothing while `work` runs.
    static func holding<Value: Sendable>(
        port: Int, send text: String, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        let result: Result<Value, any Error>
        do {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        try? await channel.close()
        return try result.get()
    }

    private static func connected<Value: Sendable>(
        _ port: Int,
        _ work:
            @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await work(inbound, outbound)
        }
    }

    private actor ByteBox {
        private var buffer = ByteBuffer()

        var text: String { String(buffer: buffer) }

        func append(_ chunk: ByteBuffer) {
            var chunk = chunk
            buffer.writeBuffer(&chunk)
        }
    }
}
