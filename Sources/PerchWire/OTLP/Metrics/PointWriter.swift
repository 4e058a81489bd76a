import PerchModel

/// Turns data points into samples.
struct PointWriter {
    var result = OTLPMetricsResult()
    /// Why the first refused point was refused.
    private(set) var firstReason = ""

    private let receivedNanos: Int64
    private var table = SeriesTable()
    private var labels = SeriesLabels()
    private var key: [UInt8] = []
    private var labelBytes = 0
    // Of the resource.
    private var newestMillis: Int64?
    // Of the metric.
    private var name: [UInt8] = []
    private var bucketName: [UInt8] = []
    private var sumName: [UInt8] = []
    private var countName: [UInt8] = []
    private var isDelta = false
    private var refusal: String?
    // Of the point.
    private var timeMillis: Int64 = 0
    private var startMillis: Int64 = 0
    private var isStale = false

    init(receivedNanos: Int64) {
        self.receivedNanos = receivedNanos
    }

    mutating func beginResource(_ identity: [(name: String, value: String)]) {
        labels.beginResource(identity)
        newestMillis = nil
    }

    /// Begins a metric.
    ///
    /// With `refusal`, its points are counted and refused.
    mutating func beginMetric(_ name: [UInt8], isDelta: Bool, refusal: String?) {
        self.name = name
        bucketName = name + Array("_bucket".utf8)
        sumName = name + Array("_sum".utf8)
        countName = name + Array("_count".utf8)
        self.isDelta = isDelta
        self.refusal = refusal
    }

    /// Takes the data point in `range`.
    mutating func point(
        _ kind: MetricFields.Kind, _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        result.pointCount += 1
        guard result.batch.sampleCount < Limits.maxRows * 4 else {
            throw .tooLarge("more than \(Limits.maxRows * 4) samples")
        }
        if let refusal {
            refuse(refusal)
            return
        }
        switch kind {
        case .gauge, .sum: try number(bytes, try PointFields.number(bytes, range))
        case .histogram:
            let fields = try PointFields.distribution(bytes, range, isSummary: false)
            try histogram(bytes, fields)
        case .exponentialHistogram:
            try exponential(bytes, try PointFields.exponential(bytes, range))
        case .summary:
            let fields = try PointFields.distribution(bytes, range, isSummary: true)
            try summary(bytes, fields)
        }
    }

    /// Adds the series that tells of the resource, at the newest time of its points.
    mutating func targetInfo(_ attributes: [Resource.Attribute]) throws(WireFailure) {
        guard let newestMillis, !attributes.isEmpty else { return }
        labels.begin()
        for attribute in attributes {
            let value = Array(attribute.value.text.utf8)
            let name = Array(attribute.key.utf8)
            try labels.take(value.span, name: name.span, value: .string(value.indices))
        }
        labels.finish()
        labels.encode(name: Array("target_info".utf8), extra: nil, into: &key)
        let series = try table.index(of: key, in: &result.batch)
        result.batch.addSample(series: series, timeMillis: newestMillis, value: 1)
    }

    private mutating func refuse(_ reason: String) {
        result.rejectedCount += 1
        if firstReason.isEmpty { firstReason = reason }
    }

    private mutating func begin(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        labels.begin()
        var cursor = ProtoCursor(fields.range)
        while let tag = try cursor.tag(bytes) {
            if tag == fields.attributesTag {
                try labels.read(bytes, try cursor.range(bytes))
            } else {
                try cursor.skip(bytes, tag: tag)
            }
        }
        labels.finish()
        let nanos = fields.time == 0 ? receivedNanos : Int64(clamping: fields.time)
        timeMillis = nanos / 1_000_000
        startMillis = Int64(clamping: fields.start) / 1_000_000
        isStale = fields.isStale
        newestMillis = max(newestMillis ?? timeMillis, timeMillis)
    }

    private mutating func series(
        _ name: [UInt8], _ extra: (name: [UInt8], value: [UInt8])? = nil
    ) throws(WireFailure) -> UInt32 {
        labels.encode(name: name, extra: extra, into: &key)
        labelBytes += key.count
        guard labelBytes <= Limits.maxLabelWork else {
            throw .tooLarge("labels of all samples are over \(Limits.maxLabelWork) bytes")
        }
        let series = try table.index(of: key, in: &result.batch)
        if isDelta, result.deltaSeries[series] == nil { result.deltaSeries[series] = startMillis }
        return series
    }

    private mutating func sample(_ series: UInt32, _ value: Double) {
        let value = isStale ? Double(bitPattern: SampleBatch.staleMarkerBits) : value
        result.batch.addSample(series: series, timeMillis: timeMillis, value: value)
    }

    private mutating func number(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        guard fields.value != nil || fields.isStale else {
            refuse("a data point has no value")
            return
        }
        try begin(bytes, fields)
        let series = try series(name)
        sample(series, fields.value ?? 0)
        try exemplars(bytes, fields, buckets: [], series: series)
    }

    private mutating func histogram(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        guard let buckets = try ExplicitBuckets.read(bytes, fields.range) else {
            refuse(
                "a histogram's buckets are more than \(Limits.maxBuckets) or do not fit its bounds")
            return
        }
        try begin(bytes, fields)
        var bucketSeries: [(bound: Double, series: UInt32)] = []
        var total: UInt64 = 0
        for (bound, count) in zip(buckets.bounds, buckets.counts) where bound < .infinity {
            total = total &+ count
            let index = try series(bucketName, (Self.le, Array(FloatText.plain(bound).utf8)))
            sample(index, Double(total))
            bucketSeries.append((bound, index))
        }
        let last = try series(bucketName, (Self.le, Array("+Inf".utf8)))
        sample(last, Double(fields.count))
        bucketSeries.append((.infinity, last))
        if fields.sum != nil || isStale { sample(try series(sumName), fields.sum ?? 0) }
        sample(try series(countName), Double(fields.count))
        try exemplars(bytes, fields, buckets: bucketSeries, series: last)
    }

    private mutating func summary(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        try begin(bytes, fields)
        var cursor = ProtoCursor(fields.range)
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x32 else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let (quantile, value) = try Quantile.read(bytes, try cursor.range(bytes))
            let text = Array(FloatText.plain(quantile).utf8)
            sample(try series(name, (Self.quantile, text)), value)
        }
        sample(try series(sumName), fields.sum ?? 0)
        sample(try series(countName), Double(fields.count))
    }

    private mutating func exponential(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        guard fields.scale >= -4, fields.scale <= Int64(Int32.max) else {
            refuse("an exponential histogram's scale is below -4")
            return
        }
        guard var positive = try ExponentialBuckets.read(bytes, fields.positive),
            var negative = try ExponentialBuckets.read(bytes, fields.negative)
        else {
            refuse("an exponential histogram has more than \(Limits.maxBuckets) buckets")
            return
        }
        try begin(bytes, fields)
        let shift = max(0, fields.scale - 8)
        positive.downscale(by: shift)
        negative.downscale(by: shift)
        var histogram = NativeHistogram()
        histogram.schema = Int32(clamping: fields.scale - shift)
        histogram.zeroThreshold = fields.zeroThreshold
        histogram.isInteger = true
        histogram.zeroCount = Double(fields.zeroCount)
        histogram.count = Double(fields.count)
        histogram.sum =
            isStale ? Double(bitPattern: SampleBatch.staleMarkerBits) : fields.sum ?? 0
        (histogram.positiveSpans, histogram.positiveCounts) = positive.native
        (histogram.negativeSpans, histogram.negativeCounts) = negative.native
        let series = try series(name)
        result.batch.histograms.append(
            HistogramSample(series: series, timeMillis: timeMillis, histogram: histogram))
        try exemplars(bytes, fields, buckets: [], series: series)
    }

    /// Adds the point's exemplars, to the bucket each falls into where there are buckets.
    private mutating func exemplars(
        _ bytes: Span<UInt8>, _ fields: PointFields,
        buckets: [(bound: Double, series: UInt32)], series: UInt32
    ) throws(WireFailure) {
        var cursor = ProtoCursor(fields.range)
        while let tag = try cursor.tag(bytes) {
            guard tag == fields.exemplarsTag else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let exemplar = try ExemplarReader.read(bytes, try cursor.range(bytes))
            let target = buckets.first { exemplar.value <= $0.bound }?.series ?? series
            let nanos = Int64(clamping: exemplar.time)
            result.batch.exemplars.append(
                Exemplar(
                    series: target, timeMillis: nanos == 0 ? timeMillis : nanos / 1_000_000,
                    value: exemplar.value, labels: exemplar.labels))
        }
    }

    private static let le = Array("le".utf8)
    private static let quantile = Array("quantile".utf8)
}
