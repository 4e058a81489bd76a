import HTTPTypes
package import Hummingbird
import NIOCore

/// Health, the server's own metrics, and what operators ask of it.
package struct OperatorRoutes: Sendable {
    /// What the routes need of the running server.
    package struct Hooks: Sendable {
        /// Nil when ready, else why not.
        package var notReady: @Sendable () async -> String?
        /// Writes what the middleware does not know.
        package var metrics: @Sendable (inout Exposition) async -> Void
        /// Seals the write logs.
        package var flush: @Sendable () async throws -> Void
        /// Reads the configuration anew; answers what changed, throws what is wrong.
        package var reload: @Sendable () async throws -> String

        package init(
            notReady: @escaping @Sendable () async -> String?,
            metrics: @escaping @Sendable (inout Exposition) async -> Void,
            flush: @escaping @Sendable () async throws -> Void,
            reload: @escaping @Sendable () async throws -> String
        ) {
            self.notReady = notReady
            self.metrics = metrics
            self.flush = flush
            self.reload = reload
        }
    }

    private let hooks: Hooks
    private let counters: RequestCounters

    package init(hooks: Hooks, counters: RequestCounters) {
        self.hooks = hooks
        self.counters = counters
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("-/healthy") { _, _ in Self.text(.ok, "healthy\n") }
        router.get("-/ready") { _, _ in
            guard let reason = await hooks.notReady() else { return Self.text(.ok, "ready\n") }
            return Self.text(.serviceUnavailable, "not ready: \(reason)\n")
        }
        router.get("metrics") { _, _ in
            var text = Exposition()
            counters.write(to: &text)
            await hooks.metrics(&text)
            return Self.text(.ok, text.text, type: Exposition.contentType)
        }
        router.post("-/flush") { _, _ in
            try await hooks.flush()
            return Self.text(.ok, "flushed\n")
        }
        router.post("-/reload") { _, _ in
            do {
                return Self.text(.ok, try await hooks.reload() + "\n")
            } catch {
                throw Problem(.badRequest, "configuration kept as it was: \(error)")
            }
        }
    }

    private static func text(
        _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
