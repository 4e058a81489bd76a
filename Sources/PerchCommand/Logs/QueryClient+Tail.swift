import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

extension QueryClient {
    /// What comes from the live tail.
    enum TailItem {
        /// The server sends all that is stored from now on.
        case open
        /// An event, as JSON.
        case event(String)
        /// So many were lost.
        case dropped(Int)
    }

    /// Bytes of one line of the tail.
    private static let lineByteCountMax = 64 << 20

    /// Reads the tail until the server ends it.
    func tail(
        _ fields: [(name: String, value: String)],
        _ take: (TailItem) async throws -> Void
    ) async throws {
        let form = fields.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(address)/api/v1/tail?\(form)")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, deadline: .distantFuture)
        } catch {
            throw Failure(description: "no answer from \(address): \(error)")
        }
        guard response.status == .ok else {
            throw try await refusal(response, "/api/v1/tail")
        }
        var event = ""
        var rest = ByteBuffer()
        for try await buffer in response.body {
            rest.writeImmutableBuffer(buffer)
            while let length = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map({
                $0 - rest.readerIndex
            }) {
                let line = rest.readString(length: length) ?? ""
                rest.moveReaderIndex(forwardBy: 1)
                if line.hasPrefix("event: ") {
                    event = String(line.dropFirst(7))
                } else if line == ": open" {
                    try await take(.open)
                } else if line.hasPrefix("data: ") {
                    let data = String(line.dropFirst(6))
                    switch event {
                    case "end": return
                    case "dropped": try await take(.dropped(Self.count(data)))
                    default: try await take(.event(data))
                    }
                    event = ""
                }
            }
            rest.discardReadBytes()
            guard rest.readableBytes <= Self.lineByteCountMax else {
                throw Failure(description: "a line of the tail is too long")
            }
        }
    }

    private static func count(_ data: String) -> Int {
        let value = try? JSONSerialization.jsonObject(with: Data(data.utf8))
        return (value as? [String: Any])?["count"] as? Int ?? 0
    }
}
