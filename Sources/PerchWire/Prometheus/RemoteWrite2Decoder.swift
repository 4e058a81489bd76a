import PerchBytes
import PerchModel

/// Reads one body of remote write 2.0, whose texts stand once, in a table of symbols.
struct RemoteWrite2Decoder {
    /// Reads what both versions have in common, and holds the result.
    private var inner = RemoteWriteDecoder(byteCount: 0)
    private var symbols: [Range<Int>] = []
    private var seriesBytes: [UInt8] = []
    private var list = LabelList()
    /// References of the labels being read.
    private var references: [Int] = []
    /// Bytes of labels that were written or looked at: symbols may be referred to again and again.
    private var labelByteCount = 0
    /// The families that are described already, by the symbol of a series' name.
    private var described: Set<Int> = []

    mutating func decode(_ bytes: Span<UInt8>) throws(WireFailure) -> RemoteWriteResult {
        guard bytes.count <= Int(Int32.max) else { throw .tooLarge("a body over 2 GB") }
        try readSymbols(bytes)
        var cursor = ProtoCursor(0..<bytes.count)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 5 << 3 | 2: try series(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        inner.result.batch.seriesBytes = seriesBytes
        return inner.result
    }

    private mutating func readSymbols(_ bytes: Span<UInt8>) throws(WireFailure) {
        var cursor = ProtoCursor(0..<bytes.count)
        while let tag = try cursor.tag(bytes) {
            guard tag == 4 << 3 | 2 else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            guard symbols.count < PrometheusLimits.maxSymbols else {
                throw .tooLarge("over \(PrometheusLimits.maxSymbols) symbols in one request")
            }
            symbols.append(try cursor.range(bytes))
        }
    }

    /// One `TimeSeries`: its labels first, wherever they stand.
    private mutating func series(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        try readReferences(bytes, range)
        let nameSymbol = nameSymbol(bytes)
        let index = try seriesIndex(bytes, hasName: nameSymbol != nil)
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 2 << 3 | 2: try sample(bytes, try cursor.range(bytes), index)
            case 3 << 3 | 2: try inner.histogram(bytes, try cursor.range(bytes), index)
            case 4 << 3 | 2: try exemplar(bytes, try cursor.range(bytes), index)
            case 5 << 3 | 2:
                let range = try cursor.range(bytes)
                if index != nil, let nameSymbol, described.insert(nameSymbol).inserted {
                    try metadata(bytes, range, name: symbols[nameSymbol])
                }
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    /// The references in field 1 of a message, packed or one by one.
    private mutating func readReferences(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        references.removeAll(keepingCapacity: true)
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2:
                var packed = ProtoCursor(try cursor.range(bytes))
                while packed.position < packed.end { try addReference(bytes, &packed) }
            case 1 << 3: try addReference(bytes, &cursor)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func addReference(
        _ bytes: Span<UInt8>, _ cursor: inout ProtoCursor
    ) throws(WireFailure) {
        let reference = Int(truncatingIfNeeded: try cursor.varint(bytes) & 0xffff_ffff)
        // One more than the limit tells that there are too many.
        if references.count <= 2 * PrometheusLimits.maxLabels { references.append(reference) }
    }

    /// The symbol that is the series' name.
    private func nameSymbol(_ bytes: Span<UInt8>) -> Int? {
        for place in stride(from: 0, to: references.count - 1, by: 2) {
            let (name, value) = (references[place], references[place + 1])
            guard name < symbols.count, value < symbols.count, !symbols[value].isEmpty,
                Self.metricName.count == symbols[name].count,
                ByteCopy.equal(bytes, symbols[name], Self.metricName.span, 0..<8)
            else { continue }
            return value
        }
        return nil
    }

    /// Puts the labels of the references into `list`, or says what is wrong with them.
    private mutating func fillList() throws(WireFailure) -> String? {
        list.removeAll()
        guard references.count <= 2 * PrometheusLimits.maxLabels else {
            return "over \(PrometheusLimits.maxLabels) labels"
        }
        guard references.count.isMultiple(of: 2) else { return "a label without a value" }
        for place in stride(from: 0, to: references.count, by: 2) {
            let (name, value) = (references[place], references[place + 1])
            guard name < symbols.count, value < symbols.count else {
                return "a reference to a symbol that is not there"
            }
            labelByteCount += symbols[name].count + symbols[value].count + 10
            list.append(name: symbols[name], value: symbols[value])
        }
        guard labelByteCount <= Limits.maxRepeatedBytes else {
            throw .tooLarge("the labels of all series are over \(Limits.maxRepeatedBytes) bytes")
        }
        return nil
    }

    private mutating func seriesIndex(
        _ bytes: Span<UInt8>, hasName: Bool
    ) throws(WireFailure) -> UInt32? {
        guard inner.result.batch.seriesCount < PrometheusLimits.maxSeries else {
            throw .tooLarge("over \(PrometheusLimits.maxSeries) series in one request")
        }
        let start = seriesBytes.count
        var message = try fillList()
        if message == nil, !hasName { message = "a series without a metric's name" }
        if message == nil { message = list.encode(bytes, to: &seriesBytes) }
        if let message {
            seriesBytes.removeLast(seriesBytes.count - start)
            if inner.result.rejectedMessage.isEmpty { inner.result.rejectedMessage = message }
            return nil
        }
        inner.result.batch.seriesEnds.append(UInt32(truncatingIfNeeded: seriesBytes.count))
        return UInt32(truncatingIfNeeded: inner.result.batch.seriesCount - 1)
    }

    private mutating func sample(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var value = 0.0
        var time: Int64 = 0
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 1: value = try cursor.double(bytes)
            case 2 << 3: time = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard let series else { return inner.reject() }
        try inner.addRow()
        inner.result.batch.addSample(series: series, timeMillis: time, value: value)
    }

    private mutating func exemplar(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        try readReferences(bytes, range)
        let message = try fillList()
        var cursor = ProtoCursor(range)
        var exemplar = Exemplar(
            series: series ?? 0, timeMillis: 0, value: 0, labels: Labels(canonical: []))
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 2 << 3 | 1: exemplar.value = try cursor.double(bytes)
            case 3 << 3: exemplar.timeMillis = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        var encoded: [UInt8] = []
        guard series != nil, message == nil,
            list.characterCount(bytes) <= PrometheusLimits.maxExemplarCharacters,
            list.encode(bytes, to: &encoded) == nil
        else {
            inner.result.droppedExemplars += 1
            return
        }
        try inner.addRow()
        exemplar.labels = Labels(canonical: encoded)
        inner.result.batch.exemplars.append(exemplar)
    }

    /// The description that comes with a series, for its family.
    private mutating func metadata(
        _ bytes: Span<UInt8>, _ range: Range<Int>, name: Range<Int>
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var entry = MetricMetadata(
            family: LabelList.text(bytes, name), type: .unknown, unit: "", help: "")
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: entry.type = RemoteWriteDecoder.type(try cursor.varint(bytes))
            case 3 << 3: entry.help = text(bytes, try cursor.varint(bytes))
            case 4 << 3: entry.unit = text(bytes, try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard entry.type != .unknown || !entry.help.isEmpty || !entry.unit.isEmpty else { return }
        entry.family = Self.family(entry)
        labelByteCount += entry.help.utf8.count + entry.unit.utf8.count
        guard inner.result.batch.metadata.count < PrometheusLimits.maxMetadata,
            labelByteCount <= Limits.maxRepeatedBytes
        else {
            throw .tooLarge("over \(PrometheusLimits.maxMetadata) descriptions in one request")
        }
        if inner.result.batch.metadata.last?.family != entry.family {
            inner.result.batch.metadata.append(entry)
        }
    }

    private func text(_ bytes: Span<UInt8>, _ reference: UInt64) -> String {
        guard reference < UInt64(symbols.count) else { return "" }
        return LabelList.text(bytes, symbols[Int(reference)])
    }

    /// The name of the family: that of a classic histogram has none of its series' suffixes.
    private static func family(_ entry: MetricMetadata) -> String {
        let suffixes: [String] =
            switch entry.type {
            case .histogram: ["_bucket", "_sum", "_count"]
            case .gaugeHistogram: ["_bucket", "_gsum", "_gcount"]
            case .summary: ["_sum", "_count"]
            default: []
            }
        for suffix in suffixes where entry.family.hasSuffix(suffix) {
            return String(entry.family.dropLast(suffix.count))
        }
        return entry.family
    }

    private static let metricName = Array("__name__".utf8)
}
