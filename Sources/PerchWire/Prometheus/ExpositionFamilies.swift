package import PerchModel

/// Which metrics stand together in an exposition, and under which description.
///
/// A family's metrics must stand together, and the names of their samples follow from its type:
/// those of a counter end in `_total`. What does not fit its description keeps its name and is
/// told as unknown. Source: OpenMetrics 1.0, "Metric Types".
package struct ExpositionFamilies: Sendable {
    package struct Family: Sendable {
        /// The description, with the family's name in an exposition.
        package var metadata: MetricMetadata
        /// The names of its samples.
        package var metrics: [String]
    }

    /// By name.
    package private(set) var families: [Family] = []
    private var places: [String: Int] = [:]
    private var described: [String: MetricMetadata] = [:]

    /// Sorts `metrics`, names of samples, into families.
    package init(metrics: [String], described: [MetricMetadata]) {
        for metadata in described { self.described[metadata.family] = metadata }
        for metric in metrics.sorted() { add(metric) }
        families.sort { $0.metadata.family < $1.metadata.family }
        places = [:]
    }

    private mutating func add(_ metric: String) {
        var metadata =
            description(of: metric)
            ?? MetricMetadata(family: metric, type: .unknown, unit: "", help: "")
        if let place = places[metadata.family] {
            if families[place].metadata.type == metadata.type {
                families[place].metrics.append(metric)
                return
            }
            metadata = MetricMetadata(
                family: metric, type: .unknown, unit: "", help: metadata.help)
            if let place = places[metric] {
                families[place].metrics.append(metric)
                return
            }
        }
        places[metadata.family] = families.count
        families.append(Family(metadata: metadata, metrics: [metric]))
    }

    /// The description of the family to which samples of this name belong.
    private func description(of metric: String) -> MetricMetadata? {
        for (suffix, types) in Self.suffixes where metric.hasSuffix(suffix) {
            let base = String(metric.dropLast(suffix.count))
            // Prometheus' text describes a counter by the name of its samples.
            for name in [base, suffix == "_created" ? base + "_total" : metric] {
                guard !base.isEmpty, var found = described[name], types.contains(found.type)
                else { continue }
                found.family = base
                return found
            }
        }
        guard var own = described[metric] else { return nil }
        own.family = metric
        // Samples of these types have a suffix, and this name has none.
        if [.counter, .info].contains(own.type) { own.type = .unknown }
        return own
    }

    private static let suffixes: [(String, [MetricType])] = [
        ("_total", [.counter]),
        ("_bucket", [.histogram, .gaugeHistogram]),
        ("_count", [.histogram, .summary]),
        ("_sum", [.histogram, .summary]),
        ("_gcount", [.gaugeHistogram]),
        ("_gsum", [.gaugeHistogram]),
        ("_created", [.counter, .histogram, .summary]),
        ("_info", [.info]),
    ]
}
