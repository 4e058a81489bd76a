package import PerchModel
import Synchronization

/// Scrapes the targets of a configuration, each in a task of its own.
package final class Scraper: Sendable {
    private struct State {
        var settings = ScrapeSettings()
        var version = 0
        var pools = ScrapePools()
        var counters = ScrapeCounters()
        var descriptions = ScrapeDescriptions()
        /// Whether a discovery answered since its answers were looked at.
        var hasNews = false
        /// The last answers of discoveries, by their job and place.
        var services: [String: [TargetGroup]] = [:]
        /// What was wrong with a discovery when it was last asked, likewise.
        var failures: [String: String] = [:]
        /// The bytes and groups of files of discovery.
        var files: [String: (bytes: [UInt8], groups: [TargetGroup])] = [:]
    }

    private let sink: any SampleSink
    private let scrape: TargetScrape
    private let parse: @Sendable ([UInt8]) throws -> SettingsNode
    private let gate = ScrapeGate(ScrapeLimits.scrapesMax)
    private let state = Mutex(State())

    /// `parse` reads YAML and JSON, for what discoveries answer.
    package init(
        sink: any SampleSink, client: any ScrapeClient, files: any ScrapeFiles,
        parse: @escaping @Sendable ([UInt8]) throws -> SettingsNode,
        now: @escaping @Sendable () -> Int64
    ) {
        self.sink = sink
        self.parse = parse
        scrape = TargetScrape(client: client, files: files, now: now)
    }

    /// Takes a configuration, at the start and at each reload.
    ///
    /// Targets that stay go on without a gap; those that go end with staleness markers.
    package func apply(_ settings: ScrapeSettings) {
        state.withLock {
            $0.settings = settings
            $0.version += 1
        }
    }

    package var status: [ScrapePoolStatus] { state.withLock { $0.pools.status } }
    /// What the targets whose labels fit all matchers say of their families.
    package func descriptions(of matchers: [LabelMatcher]) -> [TargetDescriptions] {
        let (targets, descriptions) = state.withLock { ($0.pools.targets, $0.descriptions) }
        let fitting = targets.filter { target in
            let labels = target.target.labels.labels
            return matchers.allSatisfy { $0.fits(labels) }
        }
        return fitting.sorted { $0.target.key < $1.target.key }.map { target in
            TargetDescriptions(
                labels: target.target.labels,
                families: target.metadataHash.map { descriptions[$0] } ?? [])
        }
    }

    package var counters: ScrapeCounters { state.withLock { $0.counters } }

    /// Scrapes until the task is cancelled.
    ///
    /// Series do not end then: a server that restarts goes on with them.
    package func run() async {
        await withDiscardingTaskGroup { group in
            var seen = 0
            var looked: Int64?
            while !Task.isCancelled {
                let (version, hasNews) = state.withLock { state in
                    defer { state.hasNews = false }
                    return (state.version, state.hasNews)
                }
                let now = scrape.now()
                let isDue = looked.map { now - $0 >= ScrapeLimits.fileLookNanos } ?? true
                if version != seen { watchServices(version, in: &group) }
                if version != seen || hasNews || isDue {
                    seen = version
                    looked = now
                    update(in: &group)
                }
                do {
                    try await Task.sleep(for: .milliseconds(200))
                } catch {
                    break
                }
            }
            group.cancelAll()
        }
    }

    /// Looks at files and answers of discoveries, and begins what is new.
    private func update(in group: inout DiscardingTaskGroup) {
        let (settings, version) = state.withLock { ($0.settings, $0.version) }
        readFiles(settings)
        let sources = settings.jobs.map { job in
            job.files.flatMap(\.patterns).flatMap(scrape.files.paths)
                + job.services.map { Self.key(job, $0) }
        }
        let started = state.withLock { state in
            let jobs = zip(settings.jobs, sources).map { job, sources in
                let found = sources.flatMap { state.files[$0]?.groups ?? state.services[$0] ?? [] }
                return (
                    job: job, groups: job.staticGroups + found,
                    messages: sources.compactMap { state.failures[$0] }
                )
            }
            state.descriptions.keep(Set(state.pools.targets.compactMap(\.metadataHash)))
            return state.pools.update(jobs, version: version)
        }
        for active in started {
            group.addTask { await self.follow(active) }
        }
    }

    /// One target, from its first scrape to its end.
    private func follow(_ active: ActiveTarget) async {
        let first = active.now
        var version = first.version
        var series = ScrapeSeries(target: first.target.labels, job: first.job)
        var last: Int64?
        while !Task.isCancelled {
            var now = active.now
            let schedule = ScrapeSchedule(
                intervalNanos: now.target.intervalNanos, key: now.target.key)
            let planned = schedule.next(after: max(scrape.now(), last ?? .min))
            last = planned
            guard await wait(until: planned, active) else { return }
            now = active.now
            if now.isStopped {
                await end(&series, schedule)
                return
            }
            if now.version != version {
                version = now.version
                series.change(now.job)
            }
            await gate.enter()
            let started = scrape.now()
            let (batch, scraped) = await scrape.run(
                now.target, now.job, &series, plannedNanos: planned, refusal: now.refusal)
            var report = scraped
            if !Task.isCancelled {
                switch await append(batch) {
                case .whole: break
                case .partly(let message): report.add(message)
                case .refused(let message):
                    report.add(message)
                    series.takeBack()
                }
            }
            gate.leave()
            let hash = series.metadataHash
            active.change { [report] in
                $0.startNanos = started
                $0.report = report
                $0.metadataHash = hash ?? $0.metadataHash
            }
            state.withLock { [report] in
                if let hash, !batch.metadata.isEmpty { $0.descriptions.add(batch.metadata, hash) }
                $0.counters.scrapes += 1
                $0.counters.failedScrapes += report.isUp ? 0 : 1
                $0.counters.samples += report.kept
            }
        }
    }

    /// Writes that a target's series ended, again for a while when the store does not take it.
    private func end(_ series: inout ScrapeSeries, _ schedule: ScrapeSchedule) async {
        let batch = series.end(timeMillis: scrape.now() / 1_000_000)
        for _ in 0..<ScrapeLimits.endTriesMax {
            guard case .refused = await append(batch) else { return }
            let pause = schedule.next(after: scrape.now()) - scrape.now()
            do {
                try await Task.sleep(for: .nanoseconds(min(pause, ScrapeLimits.waitNanosMax)))
            } catch {
                return
            }
        }
    }

    /// False when the task was cancelled; comes back early for a target that was stopped.
    private func wait(until planned: Int64, _ active: ActiveTarget) async -> Bool {
        while !active.now.isStopped {
            let rest = planned - scrape.now()
            guard rest > 0 else { break }
            do {
                try await Task.sleep(for: .nanoseconds(min(rest, ScrapeLimits.waitNanosMax)))
            } catch {
                return false
            }
        }
        return !Task.isCancelled
    }

    /// What the store took of a batch; why not the rest, for whoever looks at the target.
    private enum Appended {
        case whole
        /// All but new series over a limit.
        case partly(String)
        case refused(String)
    }

    private func append(_ batch: SampleBatch) async -> Appended {
        guard batch.seriesCount > 0 || !batch.metadata.isEmpty else { return .whole }
        do throws(StoreFailure) {
            guard let sink = sink as? any ReportingSampleSink else {
                try await sink.append(batch)
                return .whole
            }
            let refusals = try await sink.write(batch, isBackfill: false)
            state.withLock { $0.counters.refusedSamples += refusals.count }
            return refusals.overSeriesLimit > 0 ? .partly(refusals.message) : .whole
        } catch {
            state.withLock { $0.counters.failedAppends += 1 }
            return .refused(error.scrapeMessage)
        }
    }

    // MARK: Discovery

    /// Reads the files of all jobs; one that cannot be read keeps the targets it had.
    private func readFiles(_ settings: ScrapeSettings) {
        var seen: Set<String> = []
        let paths = settings.jobs.flatMap(\.files).flatMap(\.patterns)
            .flatMap(scrape.files.paths)
        for path in paths where seen.insert(path).inserted {
            do {
                let bytes = try scrape.files.bytes(
                    path, byteCountMax: ScrapeLimits.discoveryByteCountMax)
                if state.withLock({ $0.files[path]?.bytes }) == bytes { continue }
                let groups = try TargetGroup.all(parse(bytes), source: path).map { group in
                    var group = group
                    group.labels["__meta_filepath"] = path
                    return group
                }
                state.withLock {
                    $0.files[path] = (bytes, groups)
                    $0.failures[path] = nil
                }
            } catch {
                failed(path, "\(path): \(error)")
            }
        }
        state.withLock { state in
            state.files = state.files.filter { seen.contains($0.key) }
        }
    }

    private func failed(_ key: String, _ message: String) {
        state.withLock {
            $0.failures[key] = message
            $0.counters.discoveryFailures += 1
        }
    }

    private static func key(_ job: ScrapeJob, _ service: HTTPDiscovery) -> String {
        "\(job.name) \(service.url)"
    }

    private func watchServices(_ version: Int, in group: inout DiscardingTaskGroup) {
        for job in state.withLock({ $0.settings.jobs }) {
            for service in job.services {
                group.addTask { await self.watch(service, Self.key(job, service), version) }
            }
        }
    }

    /// Asks a discovery until another configuration comes.
    private func watch(_ service: HTTPDiscovery, _ key: String, _ version: Int) async {
        while !Task.isCancelled, state.withLock({ $0.version }) == version {
            do {
                let groups = try await targets(of: service)
                state.withLock {
                    $0.services[key] = groups
                    $0.hasNews = true
                    $0.failures[key] = nil
                }
            } catch {
                failed(key, "\(service.url): \(error)")
            }
            let until = scrape.now() + service.refreshNanos
            while scrape.now() < until, state.withLock({ $0.version }) == version {
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    return
                }
            }
        }
    }

    private func targets(of service: HTTPDiscovery) async throws -> [TargetGroup] {
        let headers =
            [("Accept", "application/json"), ("User-Agent", "perch")]
            + (try TargetScrape.headers(service.transport, scrape.files))
        let response = try await scrape.client.within(
            ScrapeRequest(
                url: service.url, headers: headers,
                timeoutNanos: max(1_000_000_000, min(service.refreshNanos, 30_000_000_000)),
                bodyByteCountMax: ScrapeLimits.discoveryByteCountMax,
                transport: service.transport))
        guard response.status == 200 else {
            throw ScrapeFailure("server returned HTTP status \(response.status)")
        }
        return try TargetGroup.all(parse(response.body), source: service.url).map { group in
            var group = group
            group.labels["__meta_url"] = service.url
            return group
        }
    }
}
