import AsyncHTTPClient
import GRDB
import Hummingbird
import Logging
import NIOCore
import Perch
import PerchHummingbird
import ServiceLifecycle
import UnixSignals

/// Puts the shop together and runs it until it is told to stop.
struct Demo {
    let options: Options
    let logger: Logger
    private let perch: Observability
    private let conditions = Conditions()
    private let apiPort = ListeningPort()
    private let paymentsPort = ListeningPort()
    private let inventoryPort = ListeningPort()
    private let photos = PhotoQueue()

    init(options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
        perch = Observability(options)
    }

    func run() async throws {
        let file = ShopDatabase(path: options.databaseFile)
        defer { file.removeIfTemporary() }
        let apiPool = try file.open(label: "api")
        try Schema.migrate(apiPool)
        let workerPool = try file.open(label: "worker")
        let inventoryPool = try file.open(label: "inventory")

        var configuration = HTTPClient.Configuration(
            timeout: .init(connect: .nanoseconds(Limits.connectTimeout.nanoseconds)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            Limits.connectionsPerHostMax
        // A refused connection is an answer; the callers know best when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let pools = Pools(api: apiPool, worker: workerPool, inventory: inventoryPool)
            try await services(client: client, pools: pools).run()
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    /// The database of each service that has one.
    private struct Pools {
        let api: DatabasePool
        let worker: DatabasePool
        let inventory: DatabasePool
    }

    /// Services stop in the reverse order: first the visitors, last the SDK, which sends the rest.
    private func services(client: HTTPClient, pools: Pools) -> ServiceGroup {
        var random = SeededRandom(seed: options.seed)
        let visits = random.fork()
        let incidents = random.fork()
        let outcomes = PaymentOutcomes(random: random.fork())
        let mail = MailServer(random: random.fork())
        let (photoFates, attacks) = (random.fork(), random.fork())
        let clock = WallClock.start()

        let database = TracedDatabase(pool: pools.worker, perch: perch.worker)
        let queue = JobQueue(database: database)
        var services: [any Service] = [
            perch,
            paymentsApplication(outcomes),
            inventoryApplication(pools.inventory),
            apiApplication(client: client, pool: pools.api, clock: clock),
            Worker(
                queue: queue,
                steps: JobSteps(
                    database: database, perch: perch.worker, conditions: conditions, mail: mail),
                perch: perch.worker, conditions: conditions, clock: clock),
            Housekeeping(
                queue: queue, perch: perch.worker, conditions: conditions, clock: clock),
            MediaWorker(
                queue: photos, perch: perch.media, conditions: conditions, random: photoFates,
                clock: clock),
            IncidentSchedule(
                conditions: conditions, announcer: announcer, first: options.incident,
                random: incidents, logger: logger),
            TrafficGenerator(
                client: client, port: apiPort, conditions: conditions, rate: options.rate,
                limit: options.trafficSeconds, isHurried: options.isHurried, random: visits,
                clock: clock),
        ]
        services.append(
            LoginAttack(client: client, port: apiPort, conditions: conditions, random: attacks))
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
        let router = observedRouter(perch.payments)
        PaymentsApp(outcomes: outcomes, conditions: conditions, perch: perch.payments)
            .addRoutes(to: router)
        return application(router, port: options.paymentsPort, "payments", paymentsPort)
    }

    private func inventoryApplication(_ pool: DatabasePool) -> any Service {
        let router = observedRouter(perch.inventory)
        InventoryApp(
            database: TracedDatabase(pool: pool, perch: perch.inventory), conditions: conditions,
            perch: perch.inventory
        ).addRoutes(to: router)
        return application(router, port: 0, "inventory", inventoryPort)
    }

    private func apiApplication(
        client: HTTPClient, pool: DatabasePool, clock: @escaping NanosecondClock
    ) -> any Service {
        let database = TracedDatabase(pool: pool, perch: perch.api)
        let products = ProductStore(database: database)
        let orders = OrderStore(database: database)
        let payments = PaymentsClient(client: client, port: paymentsPort, perch: perch.api)
        perch.api.health.add(
            HealthCheck("database") {
                try await pool.read { try $0.execute(sql: "SELECT 1") }
                return [:]
            })
        let router = observedRouter(perch.api)
        router.addJobs(of: perch.worker, access: .open)
        ShopAPI(
            products: products,
            cache: ProductCache(
                store: products, perch: perch.api, conditions: conditions, clock: clock),
            orders: orders,
            checkout: Checkout(
                orders: orders, payments: payments,
                inventory: InventoryClient(
                    client: client, port: inventoryPort, perch: perch.api),
                perch: perch.api, clock: clock),
            conditions: conditions, perch: perch.api, clock: clock
        ).addRoutes(to: router)
        AccountRoutes(photos: photos, perch: perch.api, clock: clock).addRoutes(to: router)
        return application(router, port: options.port, "api", apiPort)
    }

    /// Everything that a web service needs: one call for requests, one each for its endpoints.
    ///
    /// They are open since the demo listens on the loopback address only.
    private func observedRouter(_ perch: PerchService) -> Router<BasicRequestContext> {
        let router = Router()
        var observed = RequestObserverOptions()
        observed.fieldsByHeader = ["x-shop-id": "shop_id"]
        observed.regionHeader = "x-region"
        router.observe(with: perch, options: observed)
        router.addHealth(perch.health, access: .open)
        router.addMetrics(of: perch, access: .open)
        return router
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

    private var announcer: @Sendable (Incident) -> PerchService {
        let perch = perch
        return { incident in
            switch incident {
            case .paymentProviderSlow: perch.payments
            case .databaseLock: perch.worker
            case .badDeploy, .cacheStampede, .loginAttack: perch.api
            case .inventoryDown: perch.inventory
            }
        }
    }
}
