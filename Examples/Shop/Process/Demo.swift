import AsyncHTTPClient
import GRDB
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Puts the shop together and runs it until it is told to stop.
struct Demo {
    private static let version = "2.3.1"

    let options: Options
    let logger: Logger
    private let telemetry: (api: Telemetry, payments: Telemetry, worker: Telemetry)
    private let recorder: Recorder
    private let conditions = Conditions()
    private let apiPort = ListeningPort()
    private let paymentsPort = ListeningPort()

    init(options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
        let instance = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
        recorder = Recorder(
            resources: ["shop-api", "shop-payments", "shop-worker"].map {
                ServiceResource(name: $0, version: Self.version, instance: "\($0)-\(instance)")
            }, clock: WallClock.start())
        telemetry = (
            api: Telemetry(recorder: recorder, service: 0),
            payments: Telemetry(recorder: recorder, service: 1),
            worker: Telemetry(recorder: recorder, service: 2)
        )
    }

    func run() async throws {
        let file = ShopDatabase(path: options.databaseFile)
        defer { file.removeIfTemporary() }
        let apiPool = try file.open(label: "api")
        try Schema.migrate(apiPool)
        let workerPool = try file.open(label: "worker")

        var configuration = HTTPClient.Configuration(
            timeout: .init(connect: .nanoseconds(Limits.exportTimeout.nanoseconds)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            Limits.connectionsPerHostMax
        // A refused connection is an answer; the callers know best when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            try await services(client: client, apiPool: apiPool, workerPool: workerPool).run()
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    /// Services stop in the reverse order: first the visitors, last the exporter.
    private func services(
        client: HTTPClient, apiPool: DatabasePool, workerPool: DatabasePool
    ) -> ServiceGroup {
        var random = SeededRandom(seed: options.seed)
        let visits = random.fork()
        let incidents = random.fork()
        let outcomes = PaymentOutcomes(random: random.fork())
        let mail = MailServer(random: random.fork())

        let queue = JobQueue(
            database: TracedDatabase(pool: workerPool, telemetry: telemetry.worker))
        let transport = OTLPTransport(
            client: client, endpoint: options.endpoint, key: options.key, logger: logger)
        var services: [any Service] = [
            Exporter(recorder: recorder, transport: transport),
            paymentsApplication(outcomes),
            apiApplication(client: client, pool: apiPool),
            Worker(
                queue: queue,
                steps: JobSteps(
                    database: queue.database, telemetry: telemetry.worker,
                    conditions: conditions, mail: mail),
                telemetry: telemetry.worker, conditions: conditions),
            Housekeeping(queue: queue, telemetry: telemetry.worker, conditions: conditions),
            IncidentSchedule(
                conditions: conditions, announcer: announcer, random: incidents, logger: logger),
            TrafficGenerator(
                client: client, port: apiPort, conditions: conditions, rate: options.rate,
                random: visits, clock: recorder.clock),
        ]
        if let seconds = options.durationSeconds {
            services.append(Closing(after: .seconds(seconds)))
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger)
        configuration.maximumGracefulShutdownDuration = Limits.stopTimeout
        return ServiceGroup(configuration: configuration)
    }

    private func paymentsApplication(_ outcomes: PaymentOutcomes) -> any Service {
        let router = Router()
        router.add(
            middleware: RequestTelemetry(telemetry: telemetry.payments, port: paymentsPort))
        PaymentsApp(outcomes: outcomes, conditions: conditions, telemetry: telemetry.payments)
            .addRoutes(to: router)
        return application(router, port: options.paymentsPort, "payments", paymentsPort)
    }

    private func apiApplication(client: HTTPClient, pool: DatabasePool) -> any Service {
        let database = TracedDatabase(pool: pool, telemetry: telemetry.api)
        let products = ProductStore(database: database)
        let orders = OrderStore(database: database)
        let payments = PaymentsClient(
            client: client, port: paymentsPort, telemetry: telemetry.api)
        let router = Router()
        router.add(middleware: RequestTelemetry(telemetry: telemetry.api, port: apiPort))
        ShopAPI(
            products: products,
            cache: ProductCache(
                store: products, telemetry: telemetry.api, conditions: conditions),
            orders: orders,
            checkout: Checkout(orders: orders, payments: payments, telemetry: telemetry.api),
            conditions: conditions, telemetry: telemetry.api
        ).addRoutes(to: router)
        return application(router, port: options.port, "api", apiPort)
    }

    private func application(
        _ router: Router<BasicRequestContext>, port: Int, _ name: String,
        _ listening: ListeningPort
    ) -> any Service {
        let logger = logger
        return Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port
                listening.set(port)
                logger.notice("Shop \(name) listens on http://127.0.0.1:\(port ?? 0)")
            }, logger: quietLogger)
    }

    /// The frameworks speak up only when something is wrong.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }

    private var announcer: @Sendable (Incident) -> Telemetry {
        let telemetry = telemetry
        return { incident in
            switch incident {
            case .paymentProviderSlow: telemetry.payments
            case .databaseLock: telemetry.worker
            case .badDeploy, .cacheStampede: telemetry.api
            }
        }
    }
}
