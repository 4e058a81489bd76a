import NIOCore

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
    /// How often errors are searched for versions that nobody told of.
    static let errorVersionsEverySeconds = 60
    /// File descriptors that connections may not take: files of the stores, the catalog's, those
    /// of the event loops, and some for reading.
    static let reservedDescriptorCount = 256
    /// Calls of a gRPC connection at once; exporters have one or two.
    static let grpcStreamsMax = 100
    /// Bytes of a frame of HTTP/2.
    static let grpcFrameByteCountMax = 64 << 10
    /// Bytes that a client may send of a call before we have read them.
    static let grpcStreamWindow = 1 << 20
    /// The same for all calls of a connection.
    static let grpcConnectionWindow = 2 << 20
    /// How long a gRPC connection may have no call.
    ///
    /// Longer than the minute after which exporters of metrics send again.
    static let grpcIdle = TimeAmount.minutes(15)
    /// How long a silent client may take to say that it is there.
    static let grpcPingTimeout = TimeAmount.seconds(20)
}
