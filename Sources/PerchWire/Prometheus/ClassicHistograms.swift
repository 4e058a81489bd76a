import PerchModel

/// Makes native histograms with listed bounds out of classic ones.
///
/// What does not add up to a histogram stays as it came. Source: Prometheus 3,
/// `convert_classic_histograms_to_nhcb`.
struct ClassicHistograms {
    private enum Part {
        case bucket
        case sum
        case count
    }

    /// The samples of one histogram at one time.
    fileprivate struct Group {
        /// The labels of the native series, canonical.
        var series: [UInt8]
        var timeMillis: Int64
        var hasOwnTime: Bool
        var buckets: [(bound: Double, count: Double)] = []
        var sum = 0.0
        var count: Double?
        /// Indexes of its samples.
        var samples: [Int] = []
    }

    private struct Key: Hashable {
        var series: [UInt8]
        var timeMillis: Int64
    }

    private var groups: [Group] = []
    private var places: [Key: Int] = [:]

    /// Converts what a body brought; the metadata of its batch says what is a histogram.
    ///
    /// Without `keepsClassic` the series that were converted go.
    static func convert(_ result: inout ExpositionResult, keepsClassic: Bool) {
        var conversion = ClassicHistograms()
        conversion.collect(result)
        var replaced = [UInt32?](repeating: nil, count: result.batch.seriesCount)
        var isDropped = [Bool](repeating: false, count: result.batch.sampleCount)
        let native = Set(
            result.batch.histograms.map { sample in
                Array(result.batch.seriesBytes[result.batch.seriesRange(at: Int(sample.series))])
            })
        for group in conversion.groups where !native.contains(group.series) {
            guard let histogram = group.histogram else { continue }
            let series = result.batch.addSeries(Labels(canonical: group.series))
            result.batch.histograms.append(
                HistogramSample(
                    series: series, timeMillis: group.timeMillis, histogram: histogram))
            result.histogramHasOwnTime.append(group.hasOwnTime)
            for sample in group.samples {
                replaced[Int(result.batch.seriesIndexes[sample])] = series
                isDropped[sample] = !keepsClassic
            }
        }
        for index in result.batch.exemplars.indices {
            let series = Int(result.batch.exemplars[index].series)
            if let native = replaced[series] { result.batch.exemplars[index].series = native }
        }
        guard isDropped.contains(true) else { return }
        let kept = isDropped.indices.filter { !isDropped[$0] }
        result.batch.seriesIndexes = kept.map { result.batch.seriesIndexes[$0] }
        result.batch.times = kept.map { result.batch.times[$0] }
        result.batch.values = kept.map { result.batch.values[$0] }
        result.hasOwnTime = kept.map { result.hasOwnTime[$0] }
    }

    private mutating func collect(_ result: ExpositionResult) {
        var parts: [String: (family: String, part: Part)] = [:]
        for metadata in result.batch.metadata where metadata.type == .histogram {
            parts[metadata.family + "_bucket"] = (metadata.family, .bucket)
            parts[metadata.family + "_sum"] = (metadata.family, .sum)
            parts[metadata.family + "_count"] = (metadata.family, .count)
        }
        guard !parts.isEmpty else { return }
        for sample in result.batch.times.indices {
            let labels = result.batch.labels(at: Int(result.batch.seriesIndexes[sample]))
            guard let (family, part) = parts[labels.metricName] else { continue }
            var bound: String?
            var pairs: [(name: String, value: String)] = []
            for pair in labels.pairs {
                switch pair.name {
                case "__name__": pairs.append((pair.name, family))
                case "le" where part == .bucket: bound = pair.value
                default: pairs.append((pair.name, pair.value))
                }
            }
            let key = Key(series: Labels(pairs).bytes, timeMillis: result.batch.times[sample])
            let place = places[key] ?? groups.count
            if place == groups.count {
                places[key] = place
                groups.append(
                    Group(
                        series: key.series, timeMillis: key.timeMillis,
                        hasOwnTime: result.hasOwnTime[sample]))
            }
            groups[place].samples.append(sample)
            let value = result.batch.values[sample]
            switch part {
            case .bucket: groups[place].buckets.append((Self.number(bound), value))
            case .sum: groups[place].sum = value
            case .count: groups[place].count = value
            }
        }
    }

    /// The number in a label; NaN for what is none, which fits no histogram.
    private static func number(_ text: String?) -> Double {
        let bytes = Array((text ?? "").utf8)
        return ExpositionNumber.value(bytes.span, bytes.indices) ?? .nan
    }
}

extension ClassicHistograms.Group {
    /// The native histogram, or nil when the samples are none.
    fileprivate var histogram: NativeHistogram? {
        var sorted = buckets.sorted { $0.bound < $1.bound }
        guard !sorted.isEmpty, !sorted.contains(where: { $0.bound.isNaN || $0.count.isNaN }) else {
            return nil
        }
        if let last = sorted.last, last.bound < .infinity {
            sorted.append((.infinity, count ?? last.count))
        }
        guard let total = sorted.last?.count, count ?? total == total else { return nil }
        var counts: [Double] = []
        var before = 0.0
        for bucket in sorted {
            guard bucket.count >= before else { return nil }
            counts.append(bucket.count - before)
            before = bucket.count
        }
        var histogram = NativeHistogram()
        histogram.schema = NativeHistogram.customBoundsSchema
        histogram.isInteger = sorted.allSatisfy { $0.count == $0.count.rounded() }
        histogram.count = total
        histogram.sum = sum.isNaN ? .nan : sum
        histogram.customBounds = sorted.dropLast().map(\.bound)
        let filled = counts.indices.filter { counts[$0] > 0 }
        histogram.positiveSpans = NativeHistogram.spans(indexes: filled)
        histogram.positiveCounts = filled.map { counts[$0] }
        return histogram.defect == nil ? histogram : nil
    }
}
