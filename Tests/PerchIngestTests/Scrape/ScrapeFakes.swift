import Synchronization

@testable import PerchIngest

/// Targets in memory, by their address.
final class FakeTargets: ScrapeClient {
    enum Answer {
        case response(ScrapeResponse)
        case failure(String)
        /// Answers only when it is cancelled.
        case never
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var requests: [ScrapeRequest] = []
    }

    private let state = Mutex(State())

    var requests: [ScrapeRequest] { state.withLock { $0.requests } }

    func set(_ url: String, _ answer: Answer) {
        state.withLock { $0.answers[url] = answer }
    }

    func set(_ url: String, text: String) {
        set(
            url,
            .response(
                ScrapeResponse(status: 200, contentType: "text/plain", body: Array(text.utf8))))
    }

    func get(_ request: ScrapeRequest) async throws(ScrapeFailure) -> ScrapeResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers[request.url] ?? .failure("connection refused")
        }
        switch answer {
        case .response(let response): return response
        case .failure(let message): throw ScrapeFailure(message)
        case .never:
            try? await Task.sleep(for: .seconds(600))
            throw ScrapeFailure("cancelled")
        }
    }
}

/// Files in memory.
final class FakeFiles: ScrapeFiles {
    private let files = Mutex<[String: String]>([:])

    func set(_ path: String, _ text: String?) {
        files.withLock { $0[path] = text }
    }

    func paths(matching pattern: String) -> [String] {
        let prefix = pattern.prefix { $0 != "*" }
        return files.withLock { $0.keys.filter { $0.hasPrefix(prefix) }.sorted() }
    }

    func bytes(_ path: String, byteCountMax: Int) throws(ScrapeFailure) -> [UInt8] {
        guard let text = files.withLock({ $0[path] }) else { throw ScrapeFailure("no such file") }
        return Array(text.utf8.prefix(byteCountMax))
    }
}
