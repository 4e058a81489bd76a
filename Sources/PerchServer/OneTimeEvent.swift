/// Something that happens once and that one task waits for: all listeners open, a wish to stop.
struct OneTimeEvent: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Lets the waiting task go on; more calls do nothing.
    func happen() {
        continuation.yield()
        continuation.finish()
    }

    /// Returns when it has happened, and when the task is cancelled.
    func wait() async {
        for await _ in stream { return }
    }
}
