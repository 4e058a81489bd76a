import NIOCore
import NIOPosix

/// Sends bytes over TCP and reads until the other side closes, for requests no client would send.
enum RawClient {
    static func exchange(port: Int, send text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ByteBuffer()
            do {
                for try await var chunk in inbound {
                    answer.writeBuffer(&chunk)
                    if String(buffer: answer).contains("\r\n\r\n") { break }
                }
            } catch {
                // A reset is an end too.
            }
            return String(buffer: answer)
        }
    }
}
