import PerchModel

/// Reads the protobuf form: `MetricFamily` messages with their lengths before them.
///
/// Source: prometheus/client_model, metrics.proto; what becomes of them is as in Prometheus 3,
/// `model/textparse`.
struct ProtoExposition {
    /// What a family says of itself; texts are ranges of the body.
    private struct Family {
        var name = 0..<0
        var help = 0..<0
        var unit = 0..<0
        var type: UInt64 = 0
    }

    private let options: ExpositionOptions
    private var result = ExpositionResult()
    private var families: [Family] = []
    private var labels = SeriesLabels(style: .unchanged)
    private var key: [UInt8] = []
    private var budget = BucketBudget()
    // Of the family.
    private var type: UInt64 = 0
    private var name: [UInt8] = []
    private var bucketName: [UInt8] = []
    private var sumName: [UInt8] = []
    private var countName: [UInt8] = []
    // Of the metric.
    private var timeMillis: Int64 = 0
    private var hasOwnTime = false

    init(options: ExpositionOptions) {
        self.options = options
    }

    mutating func decode(_ bytes: Span<UInt8>) throws(WireFailure) -> ExpositionResult {
        guard bytes.count <= Int(Int32.max) else { throw .tooLarge("a body over 2 GB") }
        var cursor = ProtoCursor(bytes.indices)
        while cursor.position < cursor.end { try family(bytes, try cursor.range(bytes)) }
        describe(bytes)
        return result
    }

    // MARK: Families

    private mutating func family(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var family = Family()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2: family.name = try cursor.range(bytes)
            case 2 << 3 | 2: family.help = try cursor.range(bytes)
            case 3 << 3: family.type = try cursor.varint(bytes)
            case 5 << 3 | 2: family.unit = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard !family.name.isEmpty, UTF8Check.isValid(bytes.extracting(family.name)) else {
            throw .malformed("a family without a name in UTF-8", atByte: range.lowerBound)
        }
        guard families.count < PrometheusLimits.maxMetadata else {
            throw .tooLarge("over \(PrometheusLimits.maxMetadata) families in one body")
        }
        families.append(family)
        type = family.type
        name = Array(bytes.extracting(family.name))
        bucketName = name + Array("_bucket".utf8)
        sumName = name + Array("_sum".utf8)
        countName = name + Array("_count".utf8)
        cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 4 << 3 | 2: try metric(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    /// Tells of the families, unless they are those that are known, and converts what needs their
    /// types.
    private mutating func describe(_ bytes: Span<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for family in families {
            for range in [family.name, family.help, family.unit] {
                for index in range { add(bytes[index]) }
                add(0xff)
            }
            add(UInt8(truncatingIfNeeded: family.type))
        }
        result.metadataHash = hash
        let isKnown = hash == options.knownMetadataHash
        guard !isKnown || options.convertsClassicHistograms else { return }
        result.batch.metadata = families.map { family in
            MetricMetadata(
                family: LabelList.text(bytes, family.name), type: Self.type(family.type),
                unit: LabelList.text(bytes, family.unit), help: LabelList.text(bytes, family.help))
        }
        guard options.convertsClassicHistograms else { return }
        ClassicHistograms.convert(&result, keepsClassic: options.keepsClassicHistograms)
        if isKnown { result.batch.metadata = [] }
    }

    /// The types of `MetricType`.
    private static func type(_ value: UInt64) -> MetricType {
        switch value {
        case 0: .counter
        case 1: .gauge
        case 2: .summary
        case 4: .histogram
        case 5: .gaugeHistogram
        default: .unknown
        }
    }

    // MARK: Metrics

    private mutating func metric(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        labels.begin()
        var values = [Range<Int>?](repeating: nil, count: 8)
        timeMillis = options.defaultTimeMillis
        hasOwnTime = false
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2: try label(bytes, try cursor.range(bytes))
            case 2 << 3 | 2, 3 << 3 | 2, 4 << 3 | 2, 5 << 3 | 2, 7 << 3 | 2:
                values[Int(tag >> 3)] = try cursor.range(bytes)
            case 6 << 3:
                let time = Int64(bitPattern: try cursor.varint(bytes))
                // Zero is what stands for none in Go.
                if options.honorsTimes, time != 0 { (timeMillis, hasOwnTime) = (time, true) }
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        if let refusal = labels.refusal { throw .malformed(refusal, atByte: range.lowerBound) }
        labels.finish()
        guard !labels.hasRepeats else {
            throw .malformed("a label stands twice", atByte: range.lowerBound)
        }
        let field =
            switch type {
            case 0: 3
            case 1: 2
            case 2: 4
            case 4, 5: 7
            default: 5
            }
        guard let value = values[field] else {
            throw .malformed("a metric without a value of its type", atByte: range.lowerBound)
        }
        switch field {
        case 4: try summary(bytes, value)
        case 7: try histogram(bytes, value)
        default: try number(bytes, value)
        }
    }

    private mutating func label(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let (name, value) = try Self.pair(bytes, range)
        try labels.take(bytes, name: bytes.extracting(name), value: .string(value))
    }

    /// The name and the value of a `LabelPair`.
    private static func pair(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> (name: Range<Int>, value: Range<Int>) {
        var name = 0..<0
        var value = 0..<0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2: name = try cursor.range(bytes)
            case 2 << 3 | 2: value = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard !name.isEmpty, UTF8Check.isValid(bytes.extracting(name)),
            UTF8Check.isValid(bytes.extracting(value))
        else { throw .malformed("a label without a name in UTF-8", atByte: range.lowerBound) }
        return (name, value)
    }

    /// The series of the metric with this name and perhaps one more label.
    private mutating func series(
        _ name: [UInt8], _ extra: (name: [UInt8], value: [UInt8])? = nil
    ) throws(WireFailure) -> UInt32 {
        labels.encode(name: name, extra: extra, into: &key)
        let used = result.batch.seriesBytes.count + key.count
        guard used <= Limits.maxRepeatedBytes,
            result.batch.seriesCount < PrometheusLimits.maxRows
        else { throw .tooLarge("labels of all series are too long, or the series too many") }
        result.batch.seriesBytes.append(contentsOf: key)
        result.batch.seriesEnds.append(UInt32(used))
        return UInt32(result.batch.seriesCount - 1)
    }

    private mutating func add(_ series: UInt32, _ value: Double) {
        // Every NaN becomes the same one, so that none is taken for a staleness marker.
        result.batch.addSample(
            series: series, timeMillis: timeMillis, value: value.isNaN ? .nan : value)
        result.hasOwnTime.append(hasOwnTime)
    }

    /// A gauge, a counter or what has no type: a value, and of a counter an exemplar.
    private mutating func number(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var value = 0.0
        var example: Range<Int>?
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 1: value = try cursor.double(bytes)
            case 2 << 3 | 2 where type == 0: example = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        let series = try series(name)
        add(series, value)
        if let example { try exemplar(bytes, example, series, needsTime: false) }
    }

    private mutating func summary(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var count = 0.0
        var sum = 0.0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: count = Double(try cursor.varint(bytes))
            case 2 << 3 | 1: sum = try cursor.double(bytes)
            case 3 << 3 | 2:
                let (quantile, value) = try Self.doubles(bytes, try cursor.range(bytes))
                let text = Array(FloatText.openMetrics(quantile).utf8)
                add(try series(name, (Self.quantile, text)), value)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        add(try series(countName), count)
        add(try series(sumName), sum)
    }

    /// The two doubles of a `Quantile`.
    private static func doubles(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> (Double, Double) {
        var values = (0.0, 0.0)
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 1: values.0 = try cursor.double(bytes)
            case 2 << 3 | 1: values.1 = try cursor.double(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return values
    }

    private mutating func histogram(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let message = try ProtoHistogram.read(bytes, range, &budget)
        let isNative = message.isNative && options.readsNativeHistograms
        if isNative {
            guard result.batch.histograms.count < PrometheusLimits.maxRows else {
                throw .tooLarge("over \(PrometheusLimits.maxRows) samples in one body")
            }
            let histogram = try message.native(isGauge: type == 5, atByte: range.lowerBound)
            let series = try series(name)
            result.batch.histograms.append(
                HistogramSample(series: series, timeMillis: timeMillis, histogram: histogram))
            result.histogramHasOwnTime.append(hasOwnTime)
            let examples =
                message.exemplars.isEmpty
                ? message.buckets.compactMap(\.exemplar) : message.exemplars
            for example in examples { try exemplar(bytes, example, series, needsTime: true) }
            guard options.keepsClassicHistograms, !message.buckets.isEmpty else { return }
        }
        var hasAll = false
        for bucket in message.buckets {
            hasAll = hasAll || bucket.bound == .infinity
            let text = Array(FloatText.openMetrics(bucket.bound).utf8)
            let series = try series(bucketName, (Self.le, text))
            add(series, bucket.count)
            guard !isNative, let example = bucket.exemplar else { continue }
            try exemplar(bytes, example, series, needsTime: false)
        }
        if !hasAll { add(try series(bucketName, (Self.le, Self.infinity)), message.count) }
        add(try series(countName), message.count)
        add(try series(sumName), message.sum)
    }

    private mutating func exemplar(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32, needsTime: Bool
    ) throws(WireFailure) {
        guard result.batch.exemplars.count < PrometheusLimits.maxRows else {
            throw .tooLarge("over \(PrometheusLimits.maxRows) exemplars in one body")
        }
        var pairs: [(name: String, value: String)] = []
        var value = 0.0
        var time: Int64?
        var characters = 0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2:
                let pair = try Self.pair(bytes, try cursor.range(bytes))
                let (name, text) = (
                    LabelList.text(bytes, pair.name), LabelList.text(bytes, pair.value)
                )
                characters += name.unicodeScalars.count + text.unicodeScalars.count
                // A label has a character at least, so these are few.
                guard characters <= PrometheusLimits.maxExemplarCharacters else {
                    result.droppedExemplars += 1
                    return
                }
                pairs.append((name, text))
            case 2 << 3 | 1: value = try cursor.double(bytes)
            case 3 << 3 | 2: time = try Self.millis(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        // Prometheus drops exemplars of native histograms that have no time.
        guard time != nil || !needsTime else { return }
        result.batch.exemplars.append(
            Exemplar(
                series: series, timeMillis: time ?? timeMillis, value: value,
                labels: Labels(pairs)))
    }

    /// A `Timestamp` in milliseconds.
    private static func millis(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> Int64 {
        var seconds: Int64 = 0
        var nanos: Int64 = 0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: seconds = Int64(bitPattern: try cursor.varint(bytes))
            case 2 << 3: nanos = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return seconds &* 1_000 &+ nanos / 1_000_000
    }

    private static let le = Array("le".utf8)
    private static let infinity = Array("+Inf".utf8)
    private static let quantile = Array("quantile".utf8)
}
