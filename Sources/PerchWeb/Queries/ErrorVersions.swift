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

    /// Notes a deploy for each version of the error records of the last while that no deploy of its
    /// service has; answers these.
    package func note(now: Int64) async throws -> [Deploy] {
        let step = 10 * Self.second
        var options = LogQLOptions()
        options.now = now
        let (result, _) = try await LogQLEngine(source: events, options: options).evaluate(
            try LogQLParser.parse(Self.query),
            .range(now &- Limits.errorVersionsSeconds &* Self.second, now, step: step))
        guard case .matrix(let table, let times) = result else { return [] }
        var noted: [Deploy] = []
        for (labels, series) in table.sortedSeries()
        where noted.count < Limits.errorVersionsMax {
            let first = (0..<table.stepCount).first {
                !SeriesTable.isAbsent(table.value(series, $0)) && table.value(series, $0) > 0
            }
            guard let first, let service = labels["service_name"],
                let version = labels["service_version"],
                service.utf8.count <= Limits.deployFieldByteCountMax,
                version.utf8.count <= Limits.deployFieldByteCountMax
            else { continue }
            let end = times.start &+ Int64(first) &* (times.step ?? step)
            let deploy = Deploy(
                timeNanos: end &- step, service: service, version: version,
                environment: labels["deployment_environment_name"]
                    ?? labels["deployment_environment"] ?? "")
            if try await isUnknown(deploy, now), try await deploys.insert(deploy) {
                noted.append(deploy)
            }
        }
        return noted
    }

    /// While an old and a new version both fail, neither is a deploy again and again.
    private func isUnknown(_ deploy: Deploy, _ now: Int64) async throws -> Bool {
        try await deploys.deploys(
            service: deploy.service, times: 0..<max(now, 0) &+ 1,
            limit: Limits.deploysMax
        ).allSatisfy { $0.version != deploy.version }
    }

    private static let second: Int64 = 1_000_000_000
}
