import PerchModel

/// Writes rows of ``SpanSeries`` as Prometheus' samples.
struct SpanSampleWriter {
    /// Labels in the order of their names, which is the order of canonical bytes.
    typealias LabelPairs = [(name: String, value: String)]

    /// What is so much that a store may take it as a batch, in the order in which it was written.
    private(set) var full: [SampleBatch] = []
    private(set) var batch = SampleBatch()
    let timeMillis: Int64
    /// When a series that begins counted nothing yet: a sample of zero there lets a rate see what
    /// came until the first write.
    let zeroMillis: Int64

    init(timeMillis: Int64, zeroMillis: Int64) {
        self.timeMillis = timeMillis
        self.zeroMillis = zeroMillis
    }

    var isEmpty: Bool { full.isEmpty && batch.sampleCount == 0 }

    /// A counter; the series of a row begin with one.
    mutating func counter(_ name: String, _ labels: LabelPairs, _ value: Double, isNew: Bool) {
        if batch.seriesBytes.count > Limits.spanBatchByteCountMax {
            full.append(batch)
            batch = SampleBatch()
        }
        _ = add(name, labels, value, isNew: isNew)
    }

    /// A histogram; answers the series of its buckets.
    mutating func histogram(
        _ names: HistogramNames, _ labels: LabelPairs, cumulative: [UInt64], sumNanos: Double,
        isNew: Bool
    ) -> [UInt32] {
        var series: [UInt32] = []
        for (bucket, count) in cumulative.enumerated() {
            let place = labels.firstIndex { "le".utf8.lexicographicallyPrecedes($0.name.utf8) }
            var labels = labels
            labels.insert(("le", names.bounds[bucket]), at: place ?? labels.count)
            series.append(add(names.bucket, labels, Double(count), isNew: isNew))
        }
        _ = add(names.sum, labels, sumNanos / names.unitNanos, isNew: isNew)
        _ = add(names.count, labels, Double(cumulative.last ?? 0), isNew: isNew)
        return series
    }

    mutating func exemplar(
        series: UInt32, timeMillis: Int64, value: Double, traceID: String, spanID: String
    ) {
        batch.exemplars.append(
            Exemplar(
                series: series, timeMillis: timeMillis, value: value,
                labels: Labels([("span_id", spanID), ("trace_id", traceID)])))
    }

    mutating func describe(_ metadata: [MetricMetadata]) {
        batch.metadata = metadata
    }

    private mutating func add(
        _ name: String, _ labels: LabelPairs, _ value: Double, isNew: Bool
    ) -> UInt32 {
        Labels.append(Self.metricNameLabel, to: &batch.seriesBytes)
        Labels.append(name.utf8, to: &batch.seriesBytes)
        for label in labels where !label.value.isEmpty {
            Labels.append(label.name.utf8, to: &batch.seriesBytes)
            Labels.append(label.value.utf8, to: &batch.seriesBytes)
        }
        batch.seriesEnds.append(UInt32(batch.seriesBytes.count))
        let series = UInt32(batch.seriesEnds.count - 1)
        if isNew { batch.addSample(series: series, timeMillis: zeroMillis, value: 0) }
        batch.addSample(series: series, timeMillis: timeMillis, value: value)
        return series
    }

    private static let metricNameLabel = Array("__name__".utf8)
}

/// The names of a histogram's series, and its bounds as texts.
struct HistogramNames: Sendable {
    let family: String
    let bucket: String
    let sum: String
    let count: String
    let unitNanos: Double
    let bounds: [String]

    init(_ family: String, unitNanos: Int64) {
        self.family = family
        bucket = family + "_bucket"
        sum = family + "_sum"
        count = family + "_count"
        self.unitNanos = Double(unitNanos)
        bounds =
            SpanSeries.boundsNanos.map { nanos in
                nanos.isMultiple(of: unitNanos)
                    ? String(nanos / unitNanos) : String(Double(nanos) / Double(unitNanos))
            } + ["+Inf"]
    }
}
