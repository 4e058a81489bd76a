import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests to a server under test.
enum HTTP {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        /// The body's lines, for NDJSON.
        var lines: [Substring] { text.split(separator: "\n") }
    }

    static func get(_ address: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send("GET", address, headers: headers)
    }

    static func post(
        _ address: String, _ body: [UInt8], headers: [(String, String)] = [],
        timeout: TimeAmount = .seconds(60)
    ) async throws -> Answer {
        try await send("POST", address, headers: headers, body: body, timeout: timeout)
    }

    /// A client whose server went away tries to connect until `timeout`.
    static func send(
        _ method: String, _ address: String, headers: [(String, String)] = [],
        body: [UInt8]? = nil, client: HTTPClient = .shared, timeout: TimeAmount = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        // The client refuses what shrinks to a twenty-fifth, as alike rows do.
        if !request.headers.contains(name: "Accept-Encoding") {
            request.headers.add(name: "Accept-Encoding", value: "identity")
        }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: timeout)
        let buffer = try await response.body.collect(upTo: 1 << 30)
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: Array(buffer.readableBytesView))
    }

    /// The rows of a dataset as the server exports them.
    static func events(
        _ address: String, _ dataset: String, query: String = ""
    ) async throws -> [[String: Any]] {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let suffix = query.isEmpty ? "" : "&query=\(encoded)"
        let answer = try await get("\(address)/api/v1/events/\(dataset)?limit=0\(suffix)")
        guard answer.status == 200 else { throw PerchProcess.Failure(description: answer.text) }
        return try answer.lines.map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }
}
