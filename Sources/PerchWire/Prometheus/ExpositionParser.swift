import PerchBytes
import PerchModel

/// Reads the lines of one body into one batch.
///
/// The bytes come as a parameter of each call, so that names and values are ranges of them.
struct ExpositionParser {
    /// Some text: of the body, or of `scratch` where escapes had to be replaced.
    struct Text {
        var range: Range<Int>
        var isScratch = false
    }

    struct Label {
        var name: Text
        var value: Text
    }

    let format: ExpositionFormat
    private let options: ExpositionOptions
    var position = 0
    let end: Int
    var result = ExpositionResult()
    /// The canonical bytes of the series so far, with room after them.
    private var canonical: [UInt8]
    private var used = 0
    /// The labels of the line being read.
    var labels: [Label] = []
    var scratch: [UInt8] = []
    var metricName: Text?
    /// Where the name and the labels of the line before stand.
    private var lastKey = 0..<0
    var described: [MetadataLine] = []
    /// Of the family described last, where bounds are to have one form.
    private var boundLabel = BoundText.Label.none
    var hasEnded = false

    init(byteCount: Int, format: ExpositionFormat, options: ExpositionOptions) {
        self.format = format
        self.options = options
        end = byteCount
        canonical = [UInt8](repeating: 0, count: byteCount + byteCount / 4 + 64)
        let rows = byteCount / 100
        result.batch.seriesEnds.reserveCapacity(rows)
        result.batch.seriesIndexes.reserveCapacity(rows)
        result.batch.times.reserveCapacity(rows)
        result.batch.values.reserveCapacity(rows)
        result.hasOwnTime.reserveCapacity(rows)
    }

    mutating func decode(_ bytes: Span<UInt8>) throws(WireFailure) {
        guard end <= Int(Int32.max) else { throw .tooLarge("a body over 2 GB") }
        while position < end {
            guard !hasEnded else {
                throw .malformed("unexpected data after # EOF", atByte: position)
            }
            switch bytes[position] {
            case UInt8(ascii: "#"): try comment(bytes)
            case UInt8(ascii: "\n") where format == .text: position += 1
            case UInt8(ascii: " ") where format == .text: position += 1
            case UInt8(ascii: "\t") where format == .text: position += 1
            default: try sample(bytes)
            }
        }
        if format == .openMetrics, !hasEnded {
            throw .malformed("data does not end with # EOF", atByte: end)
        }
    }

    consuming func finish(_ bytes: Span<UInt8>) throws(WireFailure) -> ExpositionResult {
        canonical.removeLast(canonical.count - used)
        result.batch.seriesBytes = canonical
        result.metadataHash = MetadataLine.hash(described, bytes)
        let isKnown = result.metadataHash == options.knownMetadataHash
        if !isKnown || options.convertsClassicHistograms {
            result.batch.metadata = try MetadataLine.families(described, bytes)
        }
        if options.convertsClassicHistograms {
            ClassicHistograms.convert(&result, keepsClassic: options.keepsClassicHistograms)
            if isKnown { result.batch.metadata = [] }
        }
        return result
    }

    private mutating func sample(_ bytes: Span<UInt8>) throws(WireFailure) {
        let start = position
        labels.removeAll(keepingCapacity: true)
        metricName = nil
        if Self.isNameStart(bytes[position], allowsColon: true) {
            position += 1
            while position < end, Self.isNamePart(bytes[position], allowsColon: true) {
                position += 1
            }
            metricName = Text(range: start..<position)
        }
        skipBlanks(bytes)
        if position < end, bytes[position] == UInt8(ascii: "{") {
            position += 1
            try labelSet(bytes)
        }
        guard let metricName else { throw .malformed("expected a metric name", atByte: start) }
        let series = try seriesIndex(bytes, metricName, start..<position)
        skipBlanks(bytes)
        let valueToken = token(bytes)
        guard let value = value(bytes, valueToken) else {
            throw .malformed("expected a value after the name", atByte: valueToken.lowerBound)
        }
        skipBlanks(bytes)
        let time = try time(bytes)
        let ownTime = options.honorsTimes ? time : nil
        guard result.batch.times.count < PrometheusLimits.maxRows else {
            throw .tooLarge("over \(PrometheusLimits.maxRows) samples in one body")
        }
        let sampleTime = ownTime ?? options.defaultTimeMillis
        result.batch.addSample(series: series, timeMillis: sampleTime, value: value)
        result.hasOwnTime.append(ownTime != nil)
        skipBlanks(bytes)
        if format == .openMetrics, position < end, bytes[position] == UInt8(ascii: "#") {
            try exemplar(bytes, series, sampleTime)
        }
        try endOfLine(bytes)
    }

    @inline(__always)
    private func value(_ bytes: Span<UInt8>, _ token: Range<Int>) -> Double? {
        if let value = ExpositionNumber.value(bytes, token) { return value }
        guard options.readsStaleMarkers, LabelList.text(bytes, token) == "StaleNaN" else {
            return nil
        }
        return Double(bitPattern: SampleBatch.staleMarkerBits)
    }

    /// A timestamp, if one stands here.
    private mutating func time(_ bytes: Span<UInt8>) throws(WireFailure) -> Int64? {
        guard position < end, bytes[position] != UInt8(ascii: "\n"),
            bytes[position] != UInt8(ascii: "#")
        else { return nil }
        let token = token(bytes)
        let time =
            format == .text
            ? ExpositionNumber.milliseconds(bytes, token) : ExpositionNumber.seconds(bytes, token)
        guard let time else {
            throw .malformed("the timestamp is not valid", atByte: token.lowerBound)
        }
        return time
    }

    /// ` # {trace_id="…"} 1.5 1600000000.123`, from its `#` on.
    private mutating func exemplar(
        _ bytes: Span<UInt8>, _ series: UInt32, _ sampleTime: Int64
    ) throws(WireFailure) {
        let start = position
        position += 1
        skipBlanks(bytes)
        guard position < end, bytes[position] == UInt8(ascii: "{") else {
            throw .malformed("expected the labels of an exemplar", atByte: position)
        }
        position += 1
        labels.removeAll(keepingCapacity: true)
        // A name of a metric has no place here.
        metricName = Text(range: 0..<0)
        try labelSet(bytes)
        try checkText(bytes, start..<position)
        skipBlanks(bytes)
        let token = token(bytes)
        guard let value = ExpositionNumber.value(bytes, token) else {
            throw .malformed("expected the value of an exemplar", atByte: token.lowerBound)
        }
        skipBlanks(bytes)
        let time = try time(bytes) ?? sampleTime
        skipBlanks(bytes)
        let pairs = labels.map { (text($0.name, bytes), text($0.value, bytes)) }
        guard
            pairs.reduce(0, { $0 + $1.0.unicodeScalars.count + $1.1.unicodeScalars.count })
                <= PrometheusLimits.maxExemplarCharacters
        else {
            result.droppedExemplars += 1
            return
        }
        result.batch.exemplars.append(
            Exemplar(series: series, timeMillis: time, value: value, labels: Labels(pairs)))
    }

    func text(_ text: Text, _ bytes: Span<UInt8>) -> String {
        text.isScratch
            ? String(decoding: scratch[text.range], as: UTF8.self)
            : LabelList.text(bytes, text.range)
    }

    // MARK: Tokens

    @inline(__always)
    mutating func skipBlanks(_ bytes: Span<UInt8>) {
        while position < end,
            bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t")
        {
            position += 1
        }
    }

    /// Everything up to the next blank or the end of the line.
    @inline(__always)
    mutating func token(_ bytes: Span<UInt8>) -> Range<Int> {
        let start = position
        while position < end, bytes[position] > UInt8(ascii: " ") { position += 1 }
        return start..<position
    }

    mutating func endOfLine(_ bytes: Span<UInt8>) throws(WireFailure) {
        guard position < end else { return }
        guard bytes[position] == UInt8(ascii: "\n") else {
            throw .malformed("expected the end of the line", atByte: position)
        }
        position += 1
    }

    @inline(__always)
    static func isNameStart(_ byte: UInt8, allowsColon: Bool) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
            || (allowsColon && byte == UInt8(ascii: ":"))
    }

    @inline(__always)
    static func isNamePart(_ byte: UInt8, allowsColon: Bool) -> Bool {
        isNameStart(byte, allowsColon: allowsColon) || byte &- UInt8(ascii: "0") < 10
    }

    // MARK: Series

    /// The index of the series of this line, whose name and labels have been read.
    private mutating func seriesIndex(
        _ bytes: Span<UInt8>, _ name: Text, _ key: Range<Int>
    ) throws(WireFailure) -> UInt32 {
        // Fast path: another time of the series of the line before.
        if ByteCopy.equal(bytes, key, bytes, lastKey) {
            return UInt32(truncatingIfNeeded: result.batch.seriesEnds.count - 1)
        }
        try checkText(bytes, key)
        if boundLabel != .none { normalizeBound(bytes) }
        let needed =
            used + key.count + scratch.count + 10 * labels.count + 32 + ByteCopy.slack
        if canonical.count < needed {
            canonical += [UInt8](repeating: 0, count: max(needed, canonical.count))
        }
        let start = used
        let escapes = scratch
        var line: [Label] = []
        swap(&line, &labels)
        var output = canonical.mutableSpan
        let filled = LabelWriter.write(
            name, &line, bytes, escapes.span, to: &output, from: start)
        swap(&line, &labels)
        guard let filled else {
            throw .malformed("a label stands twice", atByte: key.lowerBound)
        }
        used = filled
        lastKey = key
        scratch.removeAll(keepingCapacity: true)
        result.batch.seriesEnds.append(UInt32(truncatingIfNeeded: used))
        return UInt32(truncatingIfNeeded: result.batch.seriesEnds.count - 1)
    }

    /// Takes note of a type, whose series are those that follow.
    mutating func beginFamily(of type: MetricType) {
        guard options.normalizesBounds else { return }
        boundLabel = BoundText.Label(type)
        lastKey = 0..<0
    }

    private mutating func normalizeBound(_ bytes: Span<UInt8>) {
        let wanted = boundLabel.name
        for index in labels.indices {
            let (name, value) = (labels[index].name, labels[index].value)
            guard !name.isScratch, !value.isScratch,
                ByteCopy.equal(bytes, name.range, wanted.span, 0..<wanted.count),
                let text = BoundText.normal(bytes, value.range)
            else { continue }
            let start = scratch.count
            scratch += text
            labels[index].value = Text(range: start..<scratch.count, isScratch: true)
        }
    }

    private func checkText(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireFailure) {
        guard ByteCopy.isASCII(bytes, range) || UTF8Check.isValid(bytes.extracting(range)) else {
            throw .malformed("text that is not UTF-8", atByte: range.lowerBound)
        }
    }
}
