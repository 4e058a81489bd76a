import Hummingbird
import HummingbirdCore
import Logging
import PerchAccess
import PerchAPI
import PerchFiles
import PerchIngest
import PerchModel
import PerchSeries
import Synchronization

/// What the routes and the upkeep share while a server runs.
final class ServerState: Sendable {
    private struct Changing {
        var configuration: PerchConfiguration
        var scrapeText: String
        var hosts: HostCheck
        var diskByteCountMax: Int
        var isReady = false
        var lastReload: (nanos: Int64, isTaken: Bool)
    }

    let stores: Stores
    let access: AccessService
    let authenticator: Authenticator
    let pipeline: IngestPipeline
    let counters = RequestCounters()
    let tail = TailHub()
    let queries: QueryRunner
    let certificates: CertificateSource?
    let scraper: Scraper
    let dashboardFiles = DashboardFiles()
    var spanMetrics: SpanMetrics { stores.spanMetrics }
    var catalogue: SpanCatalogue { stores.spanMetrics.catalogue }
    private let scrapeClient = HTTPScrapeClient()
    let now: @Sendable () -> Int64
    let startNanos: Int64
    let logger: Logger
    private let reread: @Sendable () throws -> PerchConfiguration
    private let changing: Mutex<Changing>

    init(
        _ configuration: PerchConfiguration, stores: Stores, access: AccessService,
        reread: @escaping @Sendable () throws -> PerchConfiguration,
        now: @escaping @Sendable () -> Int64, logger: Logger
    ) throws {
        self.stores = stores
        self.access = access
        self.reread = reread
        self.now = now
        self.logger = logger
        startNanos = now()
        let mode: Authenticator.Mode =
            switch configuration.auth {
            case .loopback: .loopback
            case .keys: .keys
            case .none: .none
            }
        authenticator = Authenticator(
            mode: mode, isBehindProxy: configuration.behindProxy,
            trustedProxies: configuration.trustedProxies, service: access, now: now)
        pipeline = IngestPipeline(
            events: TailedSink(stores.events, hub: tail), samples: stores.series,
            limits: Self.limits(configuration), policy: try EventPolicy(configuration.policy),
            now: now,
            report: { Self.tell($0, logger) })
        var queryLimits = QueryLimits()
        queryLimits.runningMax = configuration.limits.queriesMax
        queryLimits.time = .seconds(configuration.limits.queryTimeoutSeconds)
        queryLimits.stall = .seconds(configuration.limits.idleTimeoutSeconds)
        queries = QueryRunner(limits: queryLimits, executor: ReadThreads.shared)
        certificates = try configuration.tls.map {
            try CertificateSource(certificatePath: $0.certificatePath, keyPath: $0.keyPath)
        }
        scraper = Scraper(
            sink: stores.series, client: scrapeClient, files: ScrapeFileReader(),
            parse: { try SettingsYAML.node($0) }, now: now)
        let scrapes = try ScrapeSource.read(configuration)
        scraper.apply(scrapes.settings)
        pipeline.setOTLPMetrics(scrapes.otlpMetrics(configuration))
        scrapes.tellNotes(logger)
        changing = Mutex(
            Changing(
                configuration: configuration, scrapeText: scrapes.text,
                hosts: Self.hosts(configuration),
                diskByteCountMax: try stores.diskByteCountMax(configuration),
                lastReload: (now(), true)))
        shareDisk()
    }

    var configuration: PerchConfiguration { changing.withLock { $0.configuration } }
    /// What is scraped, without its secrets.
    var scrapeText: String { changing.withLock { $0.scrapeText } }
    var hosts: HostCheck { changing.withLock { $0.hosts } }
    var isReady: Bool { changing.withLock { $0.isReady } }
    /// When the configuration was read last, and whether it was taken.
    var lastReload: (nanos: Int64, isTaken: Bool) { changing.withLock { $0.lastReload } }

    func setReady(_ isReady: Bool) {
        changing.withLock { $0.isReady = isReady }
    }

    /// Divides the disk between the stores anew, by what each uses.
    func shareDisk() {
        let (disk, retention) = changing.withLock {
            ($0.diskByteCountMax, $0.configuration.retention)
        }
        stores.share(diskByteCountMax: disk, retention)
    }

    /// Reads the configuration anew and takes what may change; answers what happened.
    ///
    /// A mistake throws and changes nothing.
    func reload() throws -> String {
        let time = now()
        do {
            let told = try takeConfiguration()
            changing.withLock { $0.lastReload = (time, true) }
            return told
        } catch {
            changing.withLock { $0.lastReload.isTaken = false }
            throw error
        }
    }

    private func takeConfiguration() throws -> String {
        let old = configuration
        let new = try reread()
        let restart = new.restartKeys(comparedTo: old)
        guard restart.isEmpty else {
            throw ConfigurationFailure(
                message: "a restart is needed for \(restart.joined(separator: ", "))")
        }
        // First what may fail, so that a refusal changes nothing.
        let disk = try stores.diskByteCountMax(new)
        let scrapes = try ScrapeSource.read(new)
        let policy = try EventPolicy(new.policy)
        let hasNewCertificate = try certificates?.reloadIfChanged() ?? false
        changing.withLock {
            $0.configuration = new
            $0.scrapeText = scrapes.text
            $0.hosts = Self.hosts(new)
            $0.diskByteCountMax = disk
        }
        shareDisk()
        pipeline.setLimits(Self.limits(new))
        stores.series.setBounds(new.limits.series)
        // Counts of services and of sampling go on, unless what they count by has changed.
        if new.policy != old.policy { pipeline.setPolicy(policy) }
        stores.sampler.set(new.policy.tailSampling)
        scraper.apply(scrapes.settings)
        pipeline.setOTLPMetrics(scrapes.otlpMetrics(new))
        scrapes.tellNotes(logger)
        if let level = Logger.Level(rawValue: new.logLevel) { JSONLogHandler.setLevel(level) }
        logger.info("configuration reloaded")
        let mayBeSame = new == old && !hasNewCertificate && new.prometheusFile == nil
        return mayBeSame ? "nothing changed" : "reloaded"
    }

    /// Scrapes until it is cancelled.
    func scrape() async {
        await scraper.run()
        await scrapeClient.shutdown()
    }

    private static func limits(_ configuration: PerchConfiguration) -> IngestLimits {
        IngestLimits(
            bodyByteCountMax: configuration.limits.bodyByteCountMax,
            logAges: configuration.retention.ages(.logs),
            spanAges: configuration.retention.ages(.spans),
            sampleAgeNanosMax: Int64(configuration.retention.metricsSeconds) * 1_000_000_000,
            inFlightByteCountMax: configuration.headByteCountMax)
    }

    private static func hosts(_ configuration: PerchConfiguration) -> HostCheck {
        HostCheck(hosts: configuration.hosts + configuration.addresses.map(\.host))
    }

    private static func tell(_ failure: IngestFailure, _ logger: Logger) {
        var metadata: Logger.Metadata = [
            "source": "\(failure.source.rawValue)", "reason": "\(failure.reason.rawValue)",
            "error": "\(failure.detail)",
        ]
        if let id = failure.id { metadata["id"] = "\(id)" }
        if failure.suppressedCount > 0 { metadata["more"] = "\(failure.suppressedCount)" }
        logger.error("records could not be kept", metadata: metadata)
    }
}
