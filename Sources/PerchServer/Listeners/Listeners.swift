import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import PerchAPI
import ServiceLifecycle
import Synchronization

/// Which addresses are opened, and the applications behind them: opened together, stopped
/// together.
struct Listeners {
    private let connections = OpenConnections()
    private let connectionsMax: Int
    private let addresses: [(name: ListenerName, address: ListenAddress)]
    private let configuration: PerchConfiguration
    private let logger: Logger

    /// With no address configured the usual OTLP ports are opened too, when nobody else has them.
    init(_ configuration: PerchConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        func other(
            _ configured: ListenAddress?, usual: ListenAddress, hint: String
        ) -> ListenAddress? {
            if configured != nil || configuration.listen != nil { return configured }
            if Self.isFree(usual) { return usual }
            logger.warning(
                "an OTLP port is in use by another process; \(hint)",
                metadata: ["address": "\(usual)"])
            return nil
        }
        var addresses = [(name: ListenerName.main, address: configuration.mainAddress)]
        if let otlp = other(
            configuration.otlpHTTP, usual: PerchConfiguration.defaultOTLPHTTP,
            hint: "senders may use the main port")
        {
            addresses.append((.otlp, otlp))
        }
        if let grpc = other(
            configuration.otlpGRPC, usual: PerchConfiguration.defaultOTLPGRPC,
            hint: "gRPC is off; otlp_grpc names another")
        {
            addresses.append((.grpc, grpc))
        }
        self.addresses = addresses
        let configured = configuration.limits.connectionsMax
        connectionsMax = DescriptorLimit.connectionsMax(
            configured: configured, descriptors: DescriptorLimit.raise(),
            listenerCount: addresses.count)
        if connectionsMax < configured {
            logger.warning(
                "fewer connections than configured: the process may not open enough files",
                metadata: ["connections": "\(connectionsMax)", "configured": "\(configured)"])
        }
    }

    /// How many there are.
    var count: Int { addresses.count }

    func services(
        router: Router<PerchRequestContext>, otlpRouter: Router<PerchRequestContext>,
        grpc: GRPCService, certificates: CertificateSource?, opened: OpenedListeners
    ) -> [any Service] {
        addresses.map { name, address in
            let onOpen: @Sendable (any Channel) async -> Void = { channel in
                var real = address
                real.port = channel.localAddress?.port ?? address.port
                await opened.opened(name, real)
            }
            switch name {
            case .main: return application(address, router, certificates, onOpen)
            case .otlp: return application(address, otlpRouter, certificates, onOpen)
            case .grpc: return grpcListener(address, grpc, certificates, onOpen)
            }
        }
    }

    /// Serves until a stop is wished for and requests in progress have ended or run out of time.
    ///
    /// `onStop` is called as soon as the stop is wished for, while requests are still taken.
    func run(
        _ services: [any Service], opened: OneTimeEvent, stop: OneTimeEvent,
        onStop: @escaping @Sendable () -> Void
    ) async throws {
        // Each in a group of its own: one group would stop them one after the other.
        let groups = services.map { service in
            var configuration = ServiceGroupConfiguration(
                services: [.init(service: service)],
                logger: Logger(
                    label: "perch.lifecycle", factory: { _ in SwiftLogNoOpLogHandler() }))
            configuration.maximumGracefulShutdownDuration = Limits.drain + Limits.afterDrain
            return ServiceGroup(configuration: configuration)
        }
        enum Part { case listener, stopping }
        try await withThrowingTaskGroup(of: Part.self) { tasks in
            for group in groups {
                tasks.addTask {
                    try await group.run()
                    return .listener
                }
            }
            tasks.addTask {
                await drain(groups, opened: opened, stop: stop, onStop: onStop)
                return .stopping
            }
            var running = groups.count
            while running > 0, let part = try await tasks.next() {
                if case .listener = part { running -= 1 }
            }
            tasks.cancelAll()
        }
    }

    private func drain(
        _ groups: [ServiceGroup], opened: OneTimeEvent, stop: OneTimeEvent,
        onStop: @Sendable () -> Void
    ) async {
        // What was not opened yet cannot be closed in order.
        await opened.wait()
        await stop.wait()
        guard !Task.isCancelled else { return }
        onStop()
        try? await Task.sleep(for: Limits.stopNotice)
        for group in groups { await group.triggerGracefulShutdown() }
        // Cancelled when all requests end before.
        guard (try? await Task.sleep(for: Limits.drain)) != nil else { return }
        logger.warning(
            "connections were closed before they ended",
            metadata: ["connections": "\(connections.count)"])
        connections.cutAll()
    }

    private func application(
        _ address: ListenAddress, _ router: Router<PerchRequestContext>,
        _ certificates: CertificateSource?,
        _ onOpen: @escaping @Sendable (any Channel) async -> Void
    ) -> any Service {
        let limits = configuration.limits
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerByteCountMax,
            maxHeaderListSize: limits.headerByteCountMax, maxHeaderFieldCount: 100)
        let http1 = HTTP1Channel.Configuration(
            idleTimeout: .seconds(Int64(limits.idleTimeoutSeconds)),
            httpDecoderConfiguration: decoder)
        let server = HTTPServerBuilder { [connections] responder in
            ListenerChannel(
                base: HTTP1Channel(responder: responder, configuration: http1),
                certificates: certificates, connections: connections)
        }
        return Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    connectionsMax, logger: logger)),
            onServerRunning: onOpen, logger: quiet)
    }

    private func grpcListener(
        _ address: ListenAddress, _ service: GRPCService, _ certificates: CertificateSource?,
        _ onOpen: @escaping @Sendable (any Channel) async -> Void
    ) -> any Service {
        GRPCChannel(
            service: service, certificates: certificates, connections: connections,
            limits: configuration.limits
        ).server(
            configuration: ServerConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    connectionsMax, logger: logger)),
            onServerRunning: onOpen, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet)
    }

    /// The framework tells of each listener that it runs; we say "ready" once, when all do.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = .warning
        return quiet
    }

    /// Whether a port can be opened now.
    ///
    /// Somebody may still take it before we do; then the start fails with the system's message.
    private static func isFree(_ address: ListenAddress) -> Bool {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        guard
            let channel = try? bootstrap.bind(host: address.host, port: address.port)
                .map({ NIOLoopBound($0, eventLoop: $0.eventLoop).value as any Channel }).wait()
        else { return false }
        try? channel.close().wait()
        return true
    }
}
