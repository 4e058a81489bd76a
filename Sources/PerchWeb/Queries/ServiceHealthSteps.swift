import PerchModel

extension ServiceHealth {
    /// What several stretches hold together; nil without any.
    static func sum(_ parts: some Sequence<ServiceHealth>) -> ServiceHealth? {
        var whole: ServiceHealth?
        for part in parts {
            if whole == nil {
                whole = part
            } else {
                whole?.requests += part.requests
                whole?.failures += part.failures
                whole?.buckets.add(part.buckets)
            }
        }
        return whole
    }
}

extension PageQueries {
    /// As `health(end:seconds:)` for stretches one after the other, the last of which ends at `end`.
    ///
    /// One pass over the samples tells of all of them and, added up, of longer ones.
    func healths(
        end: Int64, seconds: Int64, count: Int
    ) async throws(StoreFailure) -> [String: [ServiceHealth]] {
        let size = max(1, seconds) &* 1_000_000_000
        let steps = Steps(start: end &- size &* Int64(count), size: size, count: count)
        let window = "[\(max(1, seconds))s] anchored"
        var result: [String: [ServiceHealth]] = [:]
        let calls = try await answers.lines(Self.callsQuestion("", window), steps)
        for line in calls {
            let isFailed = line.labels["status_code"] == "STATUS_CODE_ERROR"
            Self.add(line, to: &result, line.labels["service_name"] ?? "", .spans) {
                health, count in
                health.requests += count
                if isFailed { health.failures += count }
            }
        }
        let buckets = try await answers.lines(Self.bucketsQuestion("", window), steps)
        for line in buckets {
            let bound = line.labels["le"].flatMap(Double.init).map { $0 * 1e6 }
            let name = line.labels["service_name"] ?? ""
            guard result[name] != nil else { continue }
            Self.add(line, to: &result, name, .spans) { $0.buckets.add(bound, $1) }
        }
        for family in Self.requestFamilies {
            try await addHealths(family, steps, window, &result)
        }
        return result
    }

    private func addHealths(
        _ family: RequestFamily, _ steps: Steps, _ window: String,
        _ result: inout [String: [ServiceHealth]]
    ) async throws(StoreFailure) {
        var found: [String: [ServiceHealth]] = [:]
        for line in try await answers.lines(family.countsQuestion(window), steps) {
            guard let name = Self.service(of: line.labels), result[name] == nil else { continue }
            let isFailed = RequestFamily.isFailure(line.labels)
            Self.add(line, to: &found, name, .metrics) { health, count in
                health.requests += count
                if isFailed { health.failures += count }
            }
        }
        guard !found.isEmpty else { return }
        for line in try await answers.lines(family.bucketsQuestion(window), steps) {
            guard let name = Self.service(of: line.labels), found[name] != nil else { continue }
            let bound = line.labels["le"].flatMap(Double.init).map { $0 * family.nanos }
            Self.add(line, to: &found, name, .metrics) { $0.buckets.add(bound, $1) }
        }
        result.merge(found) { first, _ in first }
    }

    private static func add(
        _ line: MetricAnswers.Line, to result: inout [String: [ServiceHealth]], _ name: String,
        _ source: ServiceHealth.Source, _ body: (inout ServiceHealth, Double) -> Void
    ) {
        var healths =
            result[name]
            ?? Array(repeating: ServiceHealth(source: source), count: line.values.count)
        for (index, value) in line.values.enumerated() where healths.indices.contains(index) {
            if let value { body(&healths[index], value) }
        }
        result[name] = healths
    }
}
