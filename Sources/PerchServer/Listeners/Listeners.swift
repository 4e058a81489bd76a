import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import PerchAPI
import Synchronization

/// Which addresses are opened, and the applications behind them.
struct Listeners {
    private let main: ListenAddress
    private let otlp: ListenAddress?
    private let configuration: PerchConfiguration
    private let logger: Logger

    /// With no address configured the usual OTLP port is opened too, when nobody else has it.
    init(_ configuration: PerchConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        main = configuration.mainAddress
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
        let server = HTTPServerBuilder { responder in
            let base = HTTP1Channel(responder: responder, configuration: http1)
            guard let certificates else { return base }
            return ReloadingTLSChannel(base: base, certificates: certificates)
        }
        // The framework tells of each listener that it runs; we say "ready" once, when all do.
        var quiet = logger
        quiet.logLevel = .warning
        return Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connectionsMax, logger: logger)),
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
