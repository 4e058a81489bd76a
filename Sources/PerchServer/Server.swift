import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import PerchAccess
import PerchAPI
import PerchIngest
package import PerchModel
package import UnixSignals

/// A Perch server from start to stop.
///
/// `run()` returns after a graceful shutdown, with everything on disk. A test runs it in its own
/// process with port 0 and reads the ports from `onReady`.
package struct Server: Sendable {
    /// What a running server tells about itself.
    package struct Running: Sendable {
        /// Where the main listener is.
        package var address: ListenAddress
        /// Where the second OTLP listener is, when it is open.
        package var otlpAddress: ListenAddress?
        /// Where the listener for OTLP over gRPC is, when it is open.
        package var grpcAddress: ListenAddress?
        /// The path of the one-time link for the first administrator, when there is none yet.
        package var firstRunPath: String?
        package var isTLS: Bool
        /// For tests that look behind the doors.
        package var events: any EventSource
        package var samples: any SampleSource
        package var access: AccessService
        /// Begins a graceful shutdown; `run()` returns when it is over.
        package var stop: @Sendable () async -> Void
    }

    let configuration: PerchConfiguration
    let reread: @Sendable () throws -> PerchConfiguration
    let environmentSecrets: [(secret: String, kind: KeyKind)]
    let now: @Sendable () -> Int64
    let logger: Logger
    let stopSignals: [UnixSignal]
    let onReady: @Sendable (Running) async -> Void

    /// `reread` reads the configuration anew, for a reload; `now` answers nanoseconds since 1970;
    /// `stopSignals` begin a graceful shutdown; `onReady` is called once, when all listeners are
    /// open.
    package init(
        configuration: PerchConfiguration,
        reread: @escaping @Sendable () throws -> PerchConfiguration,
        environmentSecrets: [(secret: String, kind: KeyKind)] = [],
        now: @escaping @Sendable () -> Int64 = SystemClock.now,
        logger: Logger,
        stopSignals: [UnixSignal] = [],
        onReady: @escaping @Sendable (Running) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.reread = reread
        self.environmentSecrets = environmentSecrets
        self.now = now
        self.logger = logger
        self.stopSignals = stopSignals
        self.onReady = onReady
    }

    package func run() async throws {
        // Before anything that takes time: a signal must find its handler, and waits in it.
        let signals = await UnixSignalsSequence(trapping: [.sighup] + stopSignals)
        logger.info("starting", metadata: ["version": "\(PerchVersion.current)"])
        let stores = try await Stores.open(configuration, now: now, logger: logger)
        do {
            try await serve(stores, signals)
        } catch {
            await stores.close(logger: logger)
            throw error
        }
        await stores.close(logger: logger)
        logger.info("stopped")
    }

    private func serve(_ stores: Stores, _ signals: UnixSignalsSequence) async throws {
        let access = try AccessService(
            store: stores.catalog, environmentSecrets: environmentSecrets, now: now)
        let firstRunToken =
            configuration.auth == .none ? nil : try await access.makeFirstRunToken()
        let state = try ServerState(
            configuration, stores: stores, access: access, reread: reread, now: now,
            logger: logger)
        let listeners = Listeners(configuration, logger: logger)
        let (open, stop) = (OneTimeEvent(), OneTimeEvent())
        let opened = OpenedListeners(count: listeners.count) { addresses in
            guard let main = addresses[.main] else { return }
            state.setReady(true)
            await onReady(
                Running(
                    address: main, otlpAddress: addresses[.otlp],
                    grpcAddress: addresses[.grpc],
                    firstRunPath: firstRunToken.map { "/first-run?token=\($0)" },
                    isTLS: configuration.tls != nil, events: stores.events,
                    samples: stores.series, access: access, stop: { stop.happen() }))
            open.happen()
        }
        let services = listeners.services(
            router: state.router(), otlpRouter: state.otlpRouter(), grpc: state.grpcService(),
            certificates: state.certificates, opened: opened)
        await state.restoreSpanMetrics()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await Upkeep(state: state).run(signals, stop: stop) }
            try await listeners.run(
                services, opened: open, stop: stop,
                onStop: {
                    state.setReady(false)
                    state.tail.close()
                })
            group.cancelAll()
        }
        // After the last request, so that nothing is missing.
        await state.endSpanMetrics()
    }
}
