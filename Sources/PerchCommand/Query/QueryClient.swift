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

    /// Says at once that nobody listens at an address, where the shared one would try again and
    /// again.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(configuration: configuration)
    }()

    var address: String
    var token: String?

    /// The body of the answer; a refusal is thrown with the server's text.
    func ask(_ path: String, _ fields: [(name: String, value: String)]) async throws -> [UInt8] {
        let response = try await send(path, fields, timeout: .seconds(150))
        let body = try await response.body.collect(upTo: Self.answerByteCountMax)
        return Array(body.readableBytesView)
    }

    /// Hands the body of the answer to `output` as it comes.
    func stream(
        _ path: String, _ fields: [(name: String, value: String)],
        to output: ([UInt8]) throws -> Void
    ) async throws {
        let response = try await send(path, fields, timeout: .hours(1))
        for try await piece in response.body { try output(Array(piece.readableBytesView)) }
    }

    private func send(
        _ path: String, _ fields: [(name: String, value: String)], timeout: TimeAmount
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(string: Self.form(fields)))
        let response: HTTPClientResponse
        do {
            response = try await Self.http.execute(request, timeout: timeout)
        } catch {
            throw Failure(description: "no answer from \(address): \(error)")
        }
        guard [.ok, .created].contains(response.status) else {
            throw try await refusal(response, path)
        }
        return response
    }

    /// The fields as the text of a form.
    static func form(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    }

    /// What a server says that did not answer.
    func refusal(_ response: HTTPClientResponse, _ path: String) async throws -> Failure {
        let body = try await response.body.collect(upTo: Self.answerByteCountMax)
        let told = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))
        let text = (told as? [String: Any])?["error"] as? String
        return Failure(
            description: text ?? "\(address) answered \(response.status.code) to \(path)")
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
