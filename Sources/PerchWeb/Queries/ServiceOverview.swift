import PerchLogQL
package import PerchModel

/// One service of the home page.
package struct ServiceSummary: Sendable, Hashable {
    package var name: String
    /// Of the page's range; nil when neither spans nor metrics tell.
    package var health: ServiceHealth?
    /// Requests a second.
    package var requestRate: Double?
    /// Requests a step, for the small chart.
    package var requests: [Double] = []
    /// Of the range, or of its last hours when it is long.
    package var p50Nanos: Double?
    package var p95Nanos: Double?
    package var saturation: Saturation?
    package var levels = LevelCounts()
    package var lastSeenNanos: Int64?
    package var deploy: Deploy?
    /// What is wrong now, the worst first.
    package var troubles: [Trouble] = []

    package init(name: String) {
        self.name = name
    }

    package var errorShare: Double? { health?.errorShare }
    package var state: Trouble.Grade { troubles.map(\.grade).max() ?? .good }
}

/// Something that is wrong with a service.
package struct Trouble: Sendable, Hashable {
    package enum Grade: Int, Sendable, Comparable {
        case good
        case warn
        case bad

        package static func < (one: Grade, other: Grade) -> Bool { one.rawValue < other.rawValue }

        var name: String {
            switch self {
            case .good: "good"
            case .warn: "warn"
            case .bad: "bad"
            }
        }
    }

    /// Where its cause is looked for.
    package enum Kind: Sendable, Hashable {
        case errors
        case latency
        case saturation
        case fatal
        case silence
    }

    package var grade: Grade
    package var kind: Kind
    package var words: String
}

/// Something that is other than an hour before.
package struct Change: Sendable, Hashable {
    package var service: String
    package var words: String
    package var isWorse: Bool
    package var deploy: Deploy?
}

/// Error messages of one form.
package struct ErrorGroup: Sendable, Hashable {
    package var service: String
    package var pattern: String
    package var example: String
    package var count: Int
}

/// What the home page shows.
package struct ServiceOverview: Sendable, Hashable {
    package var services: [ServiceSummary] = []
    /// What rates are divided by: the part of the range that has data, at least a minute.
    package var seconds: Double = 60
    package var changes: [Change] = []
    package var errors: [ErrorGroup] = []
    package var notices: [String] = []

    package init() {}
}

extension PageQueries {
    private static let hourNanos: Int64 = 3_600_000_000_000

    /// Every service that sent something in the range; those in trouble first, then by name.
    package func overview(
        _ range: TimeRange, now: Int64
    ) async throws(StoreFailure) -> ServiceOverview {
        // What is to come cannot have counted anything yet.
        let end = max(min(range.nanos.upperBound, now), range.nanos.lowerBound + 1)
        let seconds = max(1, (end - range.nanos.lowerBound) / 1_000_000_000)
        let steps = range.steps(40)
        var overview = ServiceOverview()
        var services: [String: ServiceSummary] = [:]
        func change(_ name: String, _ body: (inout ServiceSummary) -> Void) {
            body(&services[name, default: ServiceSummary(name: name)])
        }
        // The two stores are asked at the same time.
        async let answer = fromEvents(range, end)
        let lines = try await requestLines(steps)
        let recent = try await RecentHealth(healths(end: end, seconds: 600, count: 12))
        let health = try await rangeHealth(recent, end, seconds)
        let fullness = try await saturation(end: end)
        let fromEvents = try await answer.get()
        for (name, time) in fromEvents.seen { change(name) { $0.lastSeenNanos = time } }
        let silent = try await servicesOfMetrics(range).filter { services[$0] == nil }.sorted()
        for (index, name) in silent.enumerated() {
            let last =
                index < Limits.metricServicesMax ? try await lastSample(of: name, range) : nil
            change(name) { $0.lastSeenNanos = last }
        }
        overview.seconds = Self.covered(lines, steps, range.nanos.lowerBound..<end)
        for (name, values) in lines { change(name) { $0.requests = values.map { $0 ?? 0 } } }
        for (name, health) in health where health.requests > 0 {
            let durations = seconds <= Limits.latencySecondsMax ? health : recent.hour[name]
            change(name) {
                $0.health = health
                $0.requestRate = health.requests / overview.seconds
                $0.p50Nanos = durations?.durationNanos(0.5)
                $0.p95Nanos = durations?.durationNanos(0.95)
            }
        }
        for (name, saturation) in fullness { change(name) { $0.saturation = saturation } }
        for (name, levels) in fromEvents.levels { change(name) { $0.levels = levels } }
        for deploy in await deploys(end - 30 * 24 * Self.hourNanos..<end + 1).reversed() {
            // One that is known by its deploys alone has nothing to show.
            services[deploy.service]?.deploy = deploy
        }
        overview.services = Array(services.values)
        await addTroubles(end, recent, fromEvents.fatal, &overview)
        overview.errors = fromEvents.errors
        overview.services.sort { ($1.state, $0.name) < ($0.state, $1.name) }
        return overview
    }

    /// From the first step with requests on.
    private static func covered(
        _ lines: [String: [Double?]], _ steps: Steps, _ range: Range<Int64>
    ) -> Double {
        let seconds = Double(range.upperBound - range.lowerBound) / 1e9
        let first = lines.values.compactMap { $0.firstIndex { $0 != nil } }.min()
        guard let first else { return max(60, seconds) }
        let start = max(steps.time(first), range.lowerBound)
        return max(60, min(seconds, Double(range.upperBound &- start) / 1e9))
    }

    /// Of the range; what the last hours tell is not asked again.
    private func rangeHealth(
        _ recent: RecentHealth, _ end: Int64, _ seconds: Int64
    ) async throws(StoreFailure) -> [String: ServiceHealth] {
        if seconds == 3_600 { return recent.hour }
        return try await health(
            end: end, seconds: seconds, withDurations: seconds <= Limits.latencySecondsMax)
    }

    private struct FromEvents: Sendable {
        var seen: [String: Int64]
        var levels: [String: LevelCounts]
        /// Of the last ten minutes.
        var fatal: [String: LevelCounts]
        var errors: [ErrorGroup]
    }

    private func fromEvents(
        _ range: TimeRange, _ end: Int64
    ) async -> Result<FromEvents, StoreFailure> {
        do throws(StoreFailure) {
            return .success(
                FromEvents(
                    seen: try await servicesSeen(range), levels: try await levels(range.nanos),
                    fatal: try await levels(end &- Self.hourNanos / 6..<end),
                    errors: try await errorGroups(end)))
        } catch {
            return .failure(error)
        }
    }

    /// Log records by service and level; the store may count alike ones together.
    func levels(_ times: Range<Int64>) async throws(StoreFailure) -> [String: LevelCounts] {
        var query = EventQuery(dataset: .logs, times: times)
        query.projection = .fields(LevelScan.fields)
        query.order = .unordered
        query.joining = EventQuery.Joining(
            stretches: nil, keepsResources: true, implied: .levelText)
        var result: [String: LevelCounts] = [:]
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            let names = batch.resources.map(\.service)
            var levels = LevelScan(batch)
            let weights = batch.weights
            for row in 0..<batch.rowCount {
                let name = names[Int(batch.resourceIndexes[row])]
                result[name, default: LevelCounts()][levels.level(row)] +=
                    Int(clamping: weights?[row] ?? 1)
            }
        }
        return result
    }

    // MARK: What is wrong, and what is new

    /// The last ten minutes beside the hour before them, and the last hour beside the one before.
    private func addTroubles(
        _ end: Int64, _ recent: RecentHealth, _ fatal: [String: LevelCounts],
        _ overview: inout ServiceOverview
    ) async {
        for index in overview.services.indices {
            let service = overview.services[index]
            var judge = Judge(service: service, nowNanos: end)
            judge.weigh(recent.now[service.name], recent.before[service.name])
            judge.weigh(fatal: fatal[service.name]?[.fatal] ?? 0)
            judge.weighSilence()
            overview.services[index].troubles = judge.troubles.sorted { $0.grade > $1.grade }
            overview.changes += Self.changes(
                service.name, recent.hour[service.name], recent.hourBefore[service.name])
        }
        let deploys = await deploys(end &- Self.hourNanos..<end + 1)
        overview.changes =
            deploys.map { deploy in
                Change(
                    service: deploy.service, words: "deployed \(deploy.version)", isWorse: false,
                    deploy: deploy)
            }
            + overview.changes.sorted {
                ($1.isWorse ? 1 : 0, $0.service, $0.words)
                    < ($0.isWorse ? 1 : 0, $1.service, $1.words)
            }
    }

    private static func changes(
        _ name: String, _ hour: ServiceHealth?, _ before: ServiceHealth?
    ) -> [Change] {
        let now = hour?.requests ?? 0
        guard let before, before.requests >= 60 else {
            guard now >= 60 else { return [] }
            return [Change(service: name, words: "began to get requests", isWorse: false)]
        }
        guard let hour, now >= before.requests * 0.02 else {
            return [Change(service: name, words: "gets no requests any more", isWorse: true)]
        }
        var changes: [Change] = []
        let ratio = now / before.requests
        if ratio >= 1.5 || ratio <= 0.6 {
            let words =
                "requests \(ratio >= 1 ? "up" : "down") to \(Units.share(ratio)) of the hour before"
            changes.append(Change(service: name, words: words, isWorse: false))
        }
        if let share = hour.errorShare, let old = before.errorShare, share >= 0.005,
            share > old * 2
        {
            let words = "failed requests up from \(Units.share(old)) to \(Units.share(share))"
            changes.append(Change(service: name, words: words, isWorse: true))
        }
        if let p95 = hour.durationNanos(0.95), let old = before.durationNanos(0.95), p95 > 2e7,
            p95 > old * 1.5
        {
            let words = "p95 up from \(Units.duration(old)) to \(Units.duration(p95))"
            changes.append(Change(service: name, words: words, isWorse: true))
        }
        return changes
    }

    /// The most frequent messages of errors in the hour before `end`.
    private func errorGroups(_ end: Int64) async throws(StoreFailure) -> [ErrorGroup] {
        var query = EventQuery(dataset: .logs, times: end &- Self.hourNanos..<end)
        guard let predicate = try? SearchParser.parse("level>=error") else { return [] }
        query.predicate = predicate
        query.projection = .fields([FieldReference(RecordField.body, space: .record)])
        query.limit = Limits.errorRecordsMax
        var groups: [String: ErrorGroup] = [:]
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            let names = batch.resources.map(\.service)
            var bodies = ColumnScan(batch, RecordField.body, .string)
            let weights = batch.weights
            for row in 0..<batch.rowCount {
                guard let body = bodies.bytes(row) else { continue }
                let name = names[Int(batch.resourceIndexes[row])]
                let pattern = MessagePattern.text(body)
                let key = name + "\u{0}" + pattern
                let count = Int(clamping: weights?[row] ?? 1)
                if groups[key] == nil {
                    groups[key] = ErrorGroup(
                        service: name, pattern: pattern,
                        example: String(decoding: body.prefix(300), as: UTF8.self), count: 0)
                }
                groups[key]?.count += count
            }
        }
        return Array(
            groups.values.sorted {
                ($1.count, $0.pattern, $0.service) < ($0.count, $1.pattern, $1.service)
            }
            .prefix(Limits.errorGroupsMax))
    }
}

/// The last two hours of all services, in tens of minutes.
private struct RecentHealth: Sendable {
    /// The last ten minutes, and the hour before them.
    var now: [String: ServiceHealth]
    var before: [String: ServiceHealth]
    var hour: [String: ServiceHealth]
    var hourBefore: [String: ServiceHealth]

    /// Of twelve stretches of ten minutes.
    init(_ healths: [String: [ServiceHealth]]) {
        let sum = { (part: Range<Int>) in
            healths.compactMapValues { ServiceHealth.sum($0[part.clamped(to: $0.indices)]) }
        }
        now = sum(11..<12)
        before = sum(5..<11)
        hour = sum(6..<12)
        hourBefore = sum(0..<6)
    }
}

/// Decides what is wrong with a service now.
private struct Judge {
    let service: ServiceSummary
    let nowNanos: Int64
    var troubles: [Trouble] = []

    init(service: ServiceSummary, nowNanos: Int64) {
        self.service = service
        self.nowNanos = nowNanos
        if let saturation = service.saturation, saturation.share >= 0.8 {
            add(
                saturation.share >= 0.9 ? .bad : .warn, .saturation,
                "\(saturation.words) \(Units.share(saturation.share)) full")
        }
    }

    private mutating func add(_ grade: Trouble.Grade, _ kind: Trouble.Kind, _ words: String) {
        troubles.append(Trouble(grade: grade, kind: kind, words: words))
    }

    mutating func weigh(_ now: ServiceHealth?, _ before: ServiceHealth?) {
        guard let now, let share = now.errorShare else { return }
        // A single failure of few requests is no fire.
        if now.failures >= 3, share >= 0.01 {
            add(
                share >= 0.05 ? .bad : .warn, .errors,
                "\(Units.share(share)) of requests fail (\(Units.number(now.failures)) in 10 min)")
        }
        if let p95 = now.durationNanos(0.95), let old = before?.durationNanos(0.95),
            now.requests >= 20,
            p95 >= 1e8, p95 >= old * 2
        {
            add(
                .warn, .latency,
                "p95 is \(Units.duration(p95)), \(Units.digits(p95 / old)) times the hour before")
        }
    }

    mutating func weigh(fatal: Int) {
        guard fatal > 0 else { return }
        add(
            .bad, .fatal,
            "\(Units.count(fatal)) fatal \(fatal == 1 ? "record" : "records") in 10 min")
    }

    /// A service that sent spans or logs and then nothing for five minutes.
    mutating func weighSilence() {
        guard let seen = service.lastSeenNanos, service.requestRate ?? 0 >= 0.05 else { return }
        let quiet = nowNanos &- seen
        guard quiet > 300_000_000_000, quiet < 24 * 3_600_000_000_000 else { return }
        add(.warn, .silence, "silent for \(Units.duration(Double(quiet)))")
    }
}
