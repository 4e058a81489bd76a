import Foundation
import Logging
import PerchAccess
import PerchServer

/// A server in the test's own process, on a port that the system chose.
enum InProcess {
    /// Starts a server, runs `body` with it, and stops it; answers what `body` answers.
    ///
    /// `change` says what the configuration has besides folder, port 0 and `auth: none`.
    static func run<Value: Sendable>(
        dataPath: String, change: (inout PerchConfiguration) -> Void = { _ in },
        reread: (@Sendable () throws -> PerchConfiguration)? = nil,
        _ body: @Sendable (Server.Running, String) async throws -> Value
    ) async throws -> Value {
        var configuration = PerchConfiguration()
        configuration.data = dataPath
        configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.auth = .none
        configuration.freeSpaceByteCountMin = 0
        change(&configuration)
        let (ready, continuation) = AsyncStream.makeStream(of: Server.Running.self)
        let chosen = configuration
        let server = Server(
            configuration: chosen, reread: reread ?? { chosen },
            environmentSecrets: [(adminSecret, .admin), (ingestSecret, .ingest)],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onReady: { continuation.yield($0) })
        async let running: Void = {
            defer { continuation.finish() }
            try await server.run()
        }()
        guard let started = await ready.first(where: { _ in true }) else {
            try await running
            throw PerchProcess.Failure(description: "the server ended before it was ready")
        }
        let scheme = started.isTLS ? "https" : "http"
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(started, "\(scheme)://\(started.address)"))
        } catch {
            result = .failure(error)
        }
        await started.stop()
        try await running
        return try result.get()
    }

    static let adminSecret = "an-admin-secret-for-tests"
    static let ingestSecret = "an-ingest-secret-for-tests"
}
