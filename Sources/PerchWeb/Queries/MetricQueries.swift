package import PerchModel

/// One metric that can be picked.
package struct MetricEntry: Sendable, Hashable {
    package var name: String
    package var seriesCount: Int
    package var metadata: MetricMetadata?

    package init(name: String, seriesCount: Int, metadata: MetricMetadata? = nil) {
        self.name = name
        self.seriesCount = seriesCount
        self.metadata = metadata
    }

    /// Whether its values only grow, so that its rate is what a reader wants.
    package var isCounter: Bool {
        if name.hasSuffix("_total") || name.hasSuffix("_count") || name.hasSuffix("_sum")
            || name.hasSuffix("_bucket")
        {
            return metadata?.type != .gauge
        }
        return metadata?.type == .counter
    }
}

/// What can be picked on the metrics page.
package struct MetricList: Sendable, Hashable {
    package var metrics: [MetricEntry] = []
    package var notices: [String] = []

    package init() {}
}

extension PageQueries {
    /// All metrics with samples in the range, by name.
    package func metrics(_ range: TimeRange) async throws(StoreFailure) -> MetricList {
        var query = SampleQuery(matchers: [], times: range.millis)
        query.labelsOnly = true
        query.seriesLimit = Limits.labelSeriesMax
        var counts: [String: Int] = [:]
        var seen = 0
        var cursor = samples.read(query)
        while let chunk = try await cursor.next() {
            counts[chunk.labels.metricName, default: 0] += 1
            seen += 1
        }
        var list = MetricList()
        if seen >= Limits.labelSeriesMax {
            list.notices.append("Only the first \(Units.count(seen)) series were listed.")
        }
        let families = try await samples.metadata()
        let byFamily = Dictionary(families.map { ($0.family, $0) }) { first, _ in first }
        list.metrics = counts.keys.sorted().prefix(Limits.metricNamesMax).map { name in
            MetricEntry(
                name: name, seriesCount: counts[name] ?? 0,
                metadata: Self.metadata(of: name, in: byFamily))
        }
        if counts.count > list.metrics.count {
            list.notices.append("The first \(Units.count(list.metrics.count)) metrics are listed.")
        }
        return list
    }

    /// A histogram's parts carry the family's metadata.
    static func metadata(
        of name: String, in families: [String: MetricMetadata]
    ) -> MetricMetadata? {
        if let metadata = families[name] { return metadata }
        for suffix in ["_total", "_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
            return families[String(name.dropLast(suffix.count))]
        }
        return nil
    }
}
