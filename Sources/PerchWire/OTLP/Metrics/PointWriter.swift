import PerchModel

/// Turns data points into samples.
struct PointWriter {
    var result = OTLPMetricsResult()
    /// Why the first refused point was refused.
    private(set) var firstReason = ""

    private let receivedNanos: Int64
    private var table = SeriesTable()
    private var labels: SeriesLabels
    private let style: LabelStyle
    private let convertsHistograms: Bool
    private var key: [UInt8] = []
    private var labelBytes = 0
    private var sampleBytes = 0
    private var bounds = BoundTexts()
    // Of the resource.
    private var oldestMillis = Int64.max
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

    init(receivedNanos: Int64, _ options: OTLPMetricsOptions = OTLPMetricsOptions()) {
        self.receivedNanos = receivedNanos
        style = options.labelStyle
        convertsHistograms = options.convertsHistograms
        labels = SeriesLabels(style: style)
    }

    mutating func beginResource(
        _ identity: [(name: String, value: String)],
        promoted: [(name: String, value: String)] = []
    ) {
        labels.beginResource(identity, promoted: promoted)
        newestMillis = nil
        oldestMillis = .max
    }

    mutating func beginScope(_ labels: [(name: String, value: String)]) {
        self.labels.beginScope(labels)
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
        if let refusal {
            refuse(refusal)
            return
        }
        labels.begin()
        let fields =
            switch kind {
            case .gauge, .sum: try PointFields.number(bytes, range, &labels)
            case .histogram:
                try PointFields.distribution(bytes, range, &labels, isSummary: false)
            case .exponentialHistogram: try PointFields.exponential(bytes, range, &labels)
            case .summary: try PointFields.distribution(bytes, range, &labels, isSummary: true)
            }
        guard fields.exemplarCount <= Limits.maxBuckets else {
            refuse("a data point has more than \(Limits.maxBuckets) exemplars")
            return
        }
        if let refusal = labels.refusal {
            refuse(refusal)
            return
        }
        switch kind {
        case .gauge, .sum: try number(bytes, fields)
        case .histogram: try histogram(bytes, fields)
        case .exponentialHistogram: try exponential(bytes, fields)
        case .summary: try summary(bytes, fields)
        }
    }

    /// Adds the series that tells of the resource: at the newest time of its points, and before
    /// that as often as readers need it to find it at all their times.
    mutating func targetInfo(_ attributes: [Resource.Attribute]) throws(WireFailure) {
        guard let newestMillis, !attributes.isEmpty else { return }
        labels.beginTargetInfo()
        for attribute in attributes {
            let value = Array(attribute.value.text.utf8)
            let name = Array(attribute.key.utf8)
            try labels.take(value.span, name: name.span, value: .string(value.indices))
        }
        if let refusal = labels.refusal {
            refuse(refusal)
            return
        }
        labels.finish()
        labels.encode(name: Self.targetInfo, extra: nil, into: &key)
        let series = try table.index(of: key, in: &result.batch)
        let (span, isTooLong) = newestMillis.subtractingReportingOverflow(oldestMillis)
        let count = isTooLong ? Int64.max : span / Limits.targetInfoMillis
        for step in stride(from: min(count, Limits.maxTargetInfos), through: 0, by: -1) {
            // Back from the newest; what the last step leaves over is less than an interval.
            let time = newestMillis - step * Limits.targetInfoMillis
            result.batch.addSample(series: series, timeMillis: time, value: 1)
        }
    }

    private mutating func refuse(_ reason: String) {
        result.rejectedCount += 1
        if firstReason.isEmpty { firstReason = reason }
    }

    private mutating func begin(_ fields: PointFields) {
        labels.finish()
        let nanos = fields.time == 0 ? receivedNanos : Int64(clamping: fields.time)
        timeMillis = nanos / 1_000_000
        startMillis = Int64(clamping: fields.start) / 1_000_000
        isStale = fields.isStale
        newestMillis = max(newestMillis ?? timeMillis, timeMillis)
        oldestMillis = min(oldestMillis, timeMillis)
    }

    /// Counts what a part of a point takes up in memory.
    private mutating func spend(_ byteCount: Int) throws(WireFailure) {
        sampleBytes += byteCount
        guard sampleBytes <= Limits.maxSampleBytes else {
            throw .tooLarge("the samples of a body are over \(Limits.maxSampleBytes) bytes")
        }
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

    private mutating func sample(_ series: UInt32, _ value: Double) throws(WireFailure) {
        try spend(Self.bytesOfSample)
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
        begin(fields)
        let series = try series(name)
        try sample(series, fields.value ?? 0)
        try exemplars(bytes, fields, buckets: [], series: series)
    }

    private mutating func histogram(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        guard let buckets = try ExplicitBuckets.read(bytes, fields.range) else {
            refuse(
                "a histogram's buckets are more than \(Limits.maxBuckets) or do not fit its bounds, "
                    + "or its bounds do not ascend")
            return
        }
        if convertsHistograms {
            try custom(bytes, fields, buckets)
            return
        }
        begin(fields)
        var bucketSeries: [(bound: Double, series: UInt32)] = []
        var total: UInt64 = 0
        let texts = bounds.texts(of: buckets.bounds)
        for (place, bound) in buckets.bounds.enumerated() where bound < .infinity {
            total = total &+ buckets.counts[place]
            let index = try series(bucketName, (Self.le, texts[place]))
            try sample(index, Double(total))
            bucketSeries.append((bound, index))
        }
        let last = try series(bucketName, (Self.le, Self.infinity))
        try sample(last, Double(fields.count))
        bucketSeries.append((.infinity, last))
        if fields.sum != nil || isStale { try sample(try series(sumName), fields.sum ?? 0) }
        try sample(try series(countName), Double(fields.count))
        try exemplars(bytes, fields, buckets: bucketSeries, series: last)
    }

    /// A histogram with bounds as a native one.
    private mutating func custom(
        _ bytes: Span<UInt8>, _ fields: PointFields, _ buckets: ExplicitBuckets
    ) throws(WireFailure) {
        var histogram = NativeHistogram()
        histogram.schema = NativeHistogram.customBoundsSchema
        histogram.isInteger = true
        histogram.count = Double(fields.count)
        histogram.sum = fields.sum ?? 0
        histogram.customBounds = buckets.bounds.filter { $0 < .infinity }
        let filled = buckets.counts.indices.filter { buckets.counts[$0] > 0 }
        histogram.positiveSpans = NativeHistogram.spans(indexes: filled)
        histogram.positiveCounts = filled.map { Double(buckets.counts[$0]) }
        try native(bytes, fields, histogram)
    }

    private mutating func summary(
        _ bytes: Span<UInt8>, _ fields: PointFields
    ) throws(WireFailure) {
        guard let quantiles = try Quantile.readAll(bytes, fields.range) else {
            refuse("a summary has more than \(Limits.maxBuckets) quantiles")
            return
        }
        begin(fields)
        for (quantile, value) in quantiles {
            let text = Array(FloatText.plain(quantile).utf8)
            try sample(try series(name, (Self.quantile, text)), value)
        }
        try sample(try series(sumName), fields.sum ?? 0)
        try sample(try series(countName), Double(fields.count))
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
        let shift = max(0, fields.scale - 8)
        positive.downscale(by: shift)
        negative.downscale(by: shift)
        var histogram = NativeHistogram()
        histogram.schema = Int32(clamping: fields.scale - shift)
        histogram.zeroThreshold = fields.zeroThreshold
        histogram.isInteger = true
        histogram.zeroCount = Double(fields.zeroCount)
        histogram.count = Double(fields.count)
        histogram.sum = fields.sum ?? 0
        (histogram.positiveSpans, histogram.positiveCounts) = positive.native
        (histogram.negativeSpans, histogram.negativeCounts) = negative.native
        try native(bytes, fields, histogram)
    }

    /// Adds a native histogram.
    private mutating func native(
        _ bytes: Span<UInt8>, _ fields: PointFields, _ histogram: NativeHistogram
    ) throws(WireFailure) {
        if let defect = histogram.defect {
            refuse("a histogram has \(defect)")
            return
        }
        begin(fields)
        var histogram = histogram
        if isStale { histogram.sum = Double(bitPattern: SampleBatch.staleMarkerBits) }
        let series = try series(name)
        let numbers =
            histogram.positiveCounts.count + histogram.negativeCounts.count
            + histogram.customBounds.count
        try spend(MemoryLayout<HistogramSample>.stride + 160 + 8 * numbers)
        result.batch.histograms.append(
            HistogramSample(series: series, timeMillis: timeMillis, histogram: histogram))
        try exemplars(bytes, fields, buckets: [], series: series)
    }

    /// Adds the point's exemplars, to the bucket each falls into where there are buckets.
    private mutating func exemplars(
        _ bytes: Span<UInt8>, _ fields: PointFields,
        buckets: [(bound: Double, series: UInt32)], series: UInt32
    ) throws(WireFailure) {
        guard fields.exemplarCount > 0 else { return }
        var cursor = ProtoCursor(fields.range)
        while let tag = try cursor.tag(bytes) {
            guard tag == fields.exemplarsTag else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let exemplar = try ExemplarReader.read(bytes, try cursor.range(bytes), style)
            let target = Self.bucket(of: exemplar.value, in: buckets) ?? series
            // Its labels are no longer than the body has them, but each is an array of its own.
            try spend(MemoryLayout<Exemplar>.stride + 32 + exemplar.labels.bytes.count)
            let nanos = Int64(clamping: exemplar.time)
            result.batch.exemplars.append(
                Exemplar(
                    series: target, timeMillis: nanos == 0 ? timeMillis : nanos / 1_000_000,
                    value: exemplar.value, labels: exemplar.labels))
        }
    }

    /// The first bucket whose bound is not below the value; bounds ascend.
    private static func bucket(
        of value: Double, in buckets: [(bound: Double, series: UInt32)]
    ) -> UInt32? {
        var low = 0
        var high = buckets.count
        while low < high {
            let middle = (low + high) / 2
            if value <= buckets[middle].bound { high = middle } else { low = middle + 1 }
        }
        return low < buckets.count ? buckets[low].series : nil
    }

    private static let bytesOfSample = 24
    private static let targetInfo = Array("target_info".utf8)
    private static let le = Array("le".utf8)
    private static let infinity = Array("+Inf".utf8)
    private static let quantile = Array("quantile".utf8)
}
