/// The bounds of starting and stopping.
enum Limits {
    /// How long a server that was told to stop still accepts, while `/-/ready` says 503 already.
    ///
    /// Senders that a balancer had chosen it for are answered and not refused.
    static let stopNotice = Duration.milliseconds(250)
    /// How long requests in progress may take after that; then their connections are closed.
    ///
    /// With the notice and the closing of the stores this stays under the five seconds of a stop.
    static let drain = Duration.seconds(3)
    /// What handlers of closed connections get before they are cancelled.
    static let afterDrain = Duration.milliseconds(500)
    /// File descriptors that connections may not take: files of the stores, the catalog's, those
    /// of the event loops, and some for reading.
    static let reservedDescriptorCount = 256
}
