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
    private let main: ListenAddress
    private let otlp: ListenAddress?
    private let configuration: PerchConfiguration
    private let logger: Logger

    /// With no address configured the usual OTLP port is opened too, when nobody else has it.
    init(_ configuration: PerchConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        main = configuration.mainAddress
        let otlp: ListenAddress?
        if let configured = configuration.otlpHTTP {
            otlp = configured
        } else if configuration.listen == nil {
            let usual = PerchConfiguration.defaultOTLPHTTP
            otlp = Self.isFree(usual) ? usual : nil
            if otlp == nil {
                logger.warning(
                    "the OTLP port is in use by another process; senders may use the main port",
                    metadata: ["address": "\(usual)"])
            }
        } else {
            otlp = nil
        }
        self.otlp = otlp
        let configured = configuration.limits.connectionsMax
        connectionsMax = DescriptorLimit.connectionsMax(
            configured: configured, descriptors: DescriptorLimit.raise(),
            listenerCount: otlp == nil ? 1 : 2)
        if connectionsMax < configured {
            logger.warning(
                "fewer connections than configured: the process may not open enough files",
                metadata: ["connections": "\(connectionsMax)", "configured": "\(configured)"])
        }
    }

    /// How many there are.
    var count: Int { otlp == nil ? 1 : 2 }

    func applications(
        router: Router<PerchRequestContext>, otlpRouter: Router<PerchRequestContext>,
        certificates: CertificateSource?, opened: OpenedListeners
    ) throws -> [Application<RouterResponder<PerchRequestContext>>] {
        var applications = [
            application(main, router, certificates) { await opened.main($0) }
        ]
        if let otlp {
            applications.append(
                application(otlp, otlpRouter, certificates) { await opened.otlp($0) })
        }
        return applications
    }

    /// Serves until a stop is wished for and requests in progress have ended or run out of time.
    ///
    /// `onStop` is called as soon as the stop is wished for, while requests are still taken.
    func run(
        _ applications: [Application<RouterResponder<PerchRequestContext>>],
        opened: OneTimeEvent, stop: OneTimeEvent, onStop: @escaping @Sendable () -> Void
    ) async throws {
        // Each in a group of its own: one group would stop them one after the other.
        let groups = applications.map { application in
            var services = ServiceGroupConfiguration(
                services: [.init(service: application)],
                logger: Logger(
                    label: "perch.lifecycle", factory: { _ in SwiftLogNoOpLogHandler() }))
            services.maximumGracefulShutdownDuration = Limits.drain + Limits.afterDrain
            return ServiceGroup(configuration: services)
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
        onOpen: @escaping @Sendable (ListenAddress) async -> Void
    ) -> Application<RouterResponder<PerchRequestContext>> {
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
        // The framework tells of each listener that it runs; we say "ready" once, when all do.
        var quiet = logger
        quiet.logLevel = .warning
        return Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    connectionsMax, logger: logger)),
            onServerRunning: { channel in
                var real = address
                real.port = channel.localAddress?.port ?? address.port
                await onOpen(real)
            },
            logger: quiet)
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

/// Tells when all listeners are open, with the ports that the system chose.
actor OpenedListeners {
    private let count: Int
    private let onAll: @Sendable (ListenAddress, ListenAddress?) async -> Void
    private var mainAddress: ListenAddress?
    private var otlpAddress: ListenAddress?

    init(
        count: Int, onAll: @escaping @Sendable (ListenAddress, ListenAddress?) async -> Void
    ) {
        self.count = count
        self.onAll = onAll
    }

    func main(_ address: ListenAddress) async {
        mainAddress = address
        await check()
    }

    func otlp(_ address: ListenAddress) async {
        otlpAddress = address
        await check()
    }

    private func check() async {
        guard let mainAddress, count == 1 || otlpAddress != nil else { return }
        await onAll(mainAddress, otlpAddress)
    }
}
