import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Sends a form to a server and reads its JSON.
struct QueryClient {
    /// What went wrong, for people.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Bytes of an answer.
    private static let answerByteCountMax = 512 << 20

    var address: String
    var token: String?

    /// The body of the answer; a refusal is thrown with the server's text.
    func ask(_ path: String, _ fields: [(name: String, value: String)]) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        let form = fields.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: form))
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, timeout: .seconds(150))
        } catch {
            throw Failure(description: "no answer from \(address): \(error)")
        }
        let body = try await response.body.collect(upTo: Self.answerByteCountMax)
        guard response.status == .ok else {
            let told = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))
            let text = (told as? [String: Any])?["error"] as? String
            throw Failure(
                description: text ?? "\(address) answered \(response.status.code) to \(path)")
        }
        return Array(body.readableBytesView)
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
