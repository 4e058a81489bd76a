import PerchLogQL
package import PerchModel

/// Versions that are first heard of in errors (RUN-4).
///
/// Nobody told of such a release, yet its failures name it, and then its beginning should stand on the
/// charts. Looked for now and then among the newest records, so taking records in costs nothing more.
package struct ErrorVersions: Sendable {
    private let events: any EventSource
    private let deploys: any PageStore

    package init(events: any EventSource, deploys: any PageStore) {
        self.events = events
        self.deploys = deploys
    }

    private static let query =
        "sum by (service_name, service_version, deployment_environment_name, "
        + "deployment_environment) (count_over_time({service_name=~\".+\"} "
        + "| detected_level=~\"error|fatal|critical\" | service_version!=\"\" [10s]))"

    /// Notes a deploy for each version of the error records of the last while that began to run within
    /// a day, after another one, and of which no deploy told; answers these.
    package func note(now: Int64) async throws -> [Deploy] {
        let step = 10 * Self.second
        // A sender whose versions never come twice must not push out what others told.
        let day = now &- Self.daySeconds &* Self.second
        let lately = try await deploys.deploys(
            service: nil, times: day..<max(now, day) &+ 1, limit: Limits.errorVersionsPerDay)
        guard lately.count < Limits.errorVersionsPerDay else { return [] }
        var options = LogQLOptions()
        options.now = now
        let (result, _) = try await LogQLEngine(source: events, options: options).evaluate(
            try LogQLParser.parse(Self.query),
            .range(now &- Limits.errorVersionsSeconds &* Self.second, now, step: step))
        guard case .matrix(let table, _) = result else { return [] }
        var noted: [Deploy] = []
        for (labels, _) in table.sortedSeries()
        where noted.count < Limits.errorVersionsMax {
            let environment =
                labels["deployment_environment_name"] ?? labels["deployment_environment"] ?? ""
            guard let service = labels["service_name"], let version = labels["service_version"],
                [service, version, environment].allSatisfy({
                    $0.utf8.count <= Limits.deployFieldByteCountMax
                }),
                try await isUnknown(service, version, now),
                let began = try await beginning(of: service, version, now)
            else { continue }
            let deploy = Deploy(
                timeNanos: began, service: service, version: version,
                environment: environment)
            if try await deploys.insert(deploy) { noted.append(deploy) }
        }
        return noted
    }

    /// Whether no deploy of a service has this version: while an old and a new one both fail, neither
    /// is a deploy again and again.
    ///
    /// A service whose versions are as many as its processes is given up.
    private func isUnknown(_ service: String, _ version: String, _ now: Int64) async throws -> Bool
    {
        let known = try await deploys.deploys(
            service: service, times: 0..<max(now, 0) &+ 1, limit: Limits.deploysMax)
        let day = now &- Self.daySeconds &* Self.second
        return known.allSatisfy { $0.version != version }
            && known.count { $0.timeNanos >= day } < Limits.errorVersionsMax
    }

    /// When a version began to run within the last day; nil where no other one ran before it, since
    /// then nobody knows for how long it has.
    private func beginning(
        of service: String, _ version: String, _ now: Int64
    ) async throws -> Int64? {
        let of = EventPredicate.equals(
            FieldReference("service.name", space: .resource), service)
        let own = EventPredicate.equals(
            FieldReference("service.version", space: .resource), version)
        var query = EventQuery(
            dataset: .logs, times: now &- Self.daySeconds &* Self.second..<now &+ 1)
        query.predicate = .and([of, own])
        query.projection = .fields([])
        query.order = .oldestFirst
        query.limit = 1
        var found = events.read(query)
        guard let began = try await found.next()?.times.first, began > query.times.lowerBound
        else { return nil }
        query.predicate = .and([of, .not(own)])
        query.times = query.times.lowerBound..<began
        var earlier = events.read(query)
        return try await earlier.next() == nil ? nil : began
    }

    private static let daySeconds: Int64 = 86_400
    private static let second: Int64 = 1_000_000_000
}
