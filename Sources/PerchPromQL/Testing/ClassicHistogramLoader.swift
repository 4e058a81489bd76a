import PerchModel

/// Makes native histograms with custom bounds of classic ones, as `load_with_nhcb` asks.
struct ClassicHistogramLoader {
    private struct Parts {
        var buckets: [Double: Double] = [:]
        var count: Double?
        var sum = 0.0
    }

    /// By the labels of the whole, then by step.
    private var parts: [Labels: [Int: Parts]] = [:]

    mutating func add(_ labels: Labels, _ points: [ScriptPoint]) {
        let name = labels.metricName
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            var bound = 0.0
            if suffix == "_bucket" {
                guard let value = Double(labels["le"] ?? ""), !value.isNaN else { return }
                bound = value
            }
            let base = labels.setting([
                ("__name__", String(name.dropLast(suffix.count))), ("le", ""),
            ])
            for (step, point) in points.enumerated() {
                guard case .float(let value) = point else { continue }
                var part = parts[base]?[step] ?? Parts()
                switch suffix {
                case "_bucket": part.buckets[bound] = part.buckets[bound] ?? value
                case "_sum": part.sum = value
                default: part.count = value
                }
                parts[base, default: [:]][step] = part
            }
        }
    }

    /// The series of native histograms.
    func series() -> [ScriptSeries] {
        parts.map { labels, steps in
            var points: [ScriptPoint] = []
            for step in 0...(steps.keys.max() ?? 0) {
                points.append(
                    steps[step].map { .histogram(Self.histogram($0), hasHint: false) } ?? .nothing)
            }
            return ScriptSeries(labels: labels, points: points)
        }
    }

    private static func histogram(_ parts: Parts) -> NativeHistogram {
        var bounds = parts.buckets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let count = parts.count ?? bounds.last?.1 ?? 0
        if bounds.last?.0 != .infinity { bounds.append((.infinity, count)) }
        var histogram = NativeHistogram()
        histogram.schema = NativeHistogram.customBoundsSchema
        histogram.count = count
        histogram.sum = parts.sum
        histogram.customBounds = bounds.dropLast().map(\.0)
        var previous = 0.0
        var list = BucketList(indexes: [], counts: [])
        for (index, bound) in bounds.enumerated() {
            list.indexes.append(index)
            list.counts.append(bound.1 - previous)
            previous = bound.1
        }
        histogram.positive = list.compacted
        return histogram
    }
}
