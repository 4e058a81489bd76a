import ServiceLifecycle

/// Ends the shop after a given time.
struct Closing: Service {
    let after: Duration

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: after) }
    }
}
