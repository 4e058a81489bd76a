/// The listeners of a server.
enum ListenerName: Sendable, Hashable {
    case main
    /// OTLP over HTTP.
    case otlp
    /// OTLP over gRPC.
    case grpc
}

/// Tells when all listeners are open, with the ports that the system chose.
actor OpenedListeners {
    private let count: Int
    private let onAll: @Sendable ([ListenerName: ListenAddress]) async -> Void
    private var addresses: [ListenerName: ListenAddress] = [:]

    init(
        count: Int, onAll: @escaping @Sendable ([ListenerName: ListenAddress]) async -> Void
    ) {
        self.count = count
        self.onAll = onAll
    }

    func opened(_ name: ListenerName, _ address: ListenAddress) async {
        addresses[name] = address
        if addresses.count == count { await onAll(addresses) }
    }
}
