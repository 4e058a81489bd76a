import PerchBytes
import PerchModel

/// Reads one body into one batch.
///
/// Invariant: a series' canonical bytes are no longer than the bytes it comes from, so that
/// `canonical` never has to grow.
struct RemoteWriteDecoder {
    var result = RemoteWriteResult()
    /// The canonical bytes of the series so far, and room for all that can follow.
    private var canonical: [UInt8]
    private var used = 0
    /// Where the labels of each series stand in the body.
    private var sources: [(start: UInt32, end: UInt32)] = []
    /// The series that is expected next: a sender repeats its series in the same order.
    private var successor = 0
    var rowCount = 0
    var budget = BucketBudget()
    var list = LabelList()

    init(byteCount: Int) {
        canonical = [UInt8](repeating: 0, count: byteCount + ByteCopy.slack)
        // A sample with its series takes about 150 bytes.
        let rows = byteCount / 100
        result.batch.seriesEnds.reserveCapacity(rows)
        result.batch.seriesIndexes.reserveCapacity(rows)
        result.batch.times.reserveCapacity(rows)
        result.batch.values.reserveCapacity(rows)
        sources.reserveCapacity(rows)
    }

    mutating func decode(_ bytes: Span<UInt8>) throws(WireFailure) {
        guard bytes.count <= Int(Int32.max) else { throw .tooLarge("a body over 2 GB") }
        var cursor = ProtoCursor(0..<bytes.count)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2: try series(bytes, try cursor.range(bytes))
            case 3 << 3 | 2: try metadata(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    consuming func finish() -> RemoteWriteResult {
        canonical.removeLast(canonical.count - used)
        result.batch.seriesBytes = canonical
        return result
    }

    /// One `TimeSeries`: labels, then samples, exemplars and histograms.
    private mutating func series(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        // Labels come first: all writers of protobuf write fields in the order of their numbers.
        cursor.skipShort(bytes, tag: 1 << 3 | 2)
        while cursor.position < range.upperBound, bytes[cursor.position] == 1 << 3 | 2 {
            _ = try cursor.tag(bytes)
            _ = try cursor.range(bytes)
        }
        let index = try seriesIndex(bytes, range.lowerBound..<cursor.position)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 2 << 3 | 2:
                try sample(bytes, try cursor.range(bytes), index)
            case 3 << 3 | 2:
                try exemplar(bytes, try cursor.range(bytes), index)
            case 4 << 3 | 2:
                try histogram(bytes, try cursor.range(bytes), index)
            case 1 << 3 | 2:
                throw .malformed("labels after the samples of a series", atByte: cursor.position)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    /// The index of the series with the labels in a range of the body, or nil when they are not
    /// valid.
    private mutating func seriesIndex(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> UInt32? {
        // Fast path: the labels that followed the series before when it came last, or the first
        // ones again.
        if let known = isSource(bytes, range, successor) ?? isSource(bytes, range, 0) {
            successor = known + 1
            return UInt32(truncatingIfNeeded: known)
        }
        successor = sources.count + 1
        guard sources.count < PrometheusLimits.maxSeries else {
            throw .tooLarge("over \(PrometheusLimits.maxSeries) series in one request")
        }
        let start = used
        var message: String?
        var output = canonical.mutableSpan
        if let end = Self.writeSorted(bytes, range, to: &output, from: start) {
            used = end
        } else {
            message = try writeUnsorted(bytes, range)
        }
        if let message {
            used = start
            if result.rejectedMessage.isEmpty { result.rejectedMessage = message }
            return nil
        }
        sources.append((UInt32(range.lowerBound), UInt32(range.upperBound)))
        result.batch.seriesEnds.append(UInt32(used))
        return UInt32(truncatingIfNeeded: sources.count - 1)
    }

    /// The index, when the labels of that series are the bytes of the range.
    @inline(__always)
    private func isSource(_ bytes: Span<UInt8>, _ range: Range<Int>, _ index: Int) -> Int? {
        guard index < sources.count else { return nil }
        let source = sources[index]
        return ByteCopy.equal(bytes, range, bytes, Int(source.start)..<Int(source.end))
            ? index : nil
    }

    /// Writes labels that come sorted, in ASCII, with each name before its value, and with a
    /// metric's name among them; answers where they end, or nil when they are not so.
    private static func writeSorted(
        _ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout MutableSpan<UInt8>,
        from start: Int
    ) -> Int? {
        // The lengths among them are below 128 then too, and take one byte each.
        guard ByteCopy.isASCII(bytes, range) else { return nil }
        var place = range.lowerBound
        var before = place..<place
        var isNamed = false
        var filled = start
        while place < range.upperBound {
            // The tag and the length of the label; the caller has read them.
            let end = place + 2 + Int(bytes[place + 1])
            guard end - place >= 6, bytes[place + 2] == 1 << 3 | 2 else { return nil }
            let name = (place + 4)..<(place + 4 + Int(bytes[place + 3]))
            guard name.upperBound + 2 <= end, bytes[name.upperBound] == 2 << 3 | 2 else {
                return nil
            }
            let valueLength = Int(bytes[name.upperBound + 1])
            guard name.upperBound + 2 + valueLength == end, !name.isEmpty, valueLength > 0,
                isAfter(bytes, name, before)
            else { return nil }
            isNamed = isNamed || isMetricName(bytes, name)
            // Each text together with its length before it.
            let value = (name.upperBound + 1)..<end
            ByteCopy.copy(
                bytes, (name.lowerBound - 1)..<name.upperBound, to: &output, at: filled)
            filled += name.count + 1
            ByteCopy.copy(bytes, value, to: &output, at: filled)
            filled += value.count
            before = name
            place = end
        }
        return isNamed ? filled : nil
    }

    /// Writes any labels, or answers what is wrong with them.
    private mutating func writeUnsorted(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> String? {
        list.removeAll()
        var cursor = ProtoCursor(range)
        var isNamed = false
        while try cursor.tag(bytes) != nil {
            let label = try label(bytes, try cursor.range(bytes))
            isNamed = isNamed || (Self.isMetricName(bytes, label.name) && !label.value.isEmpty)
            list.append(name: label.name, value: label.value)
            guard list.count <= PrometheusLimits.maxLabels else {
                return "over \(PrometheusLimits.maxLabels) labels"
            }
        }
        guard isNamed else { return "a series without a metric's name" }
        var encoded: [UInt8] = []
        if let message = list.encode(bytes, to: &encoded) { return message }
        let place = used
        var output = canonical.mutableSpan
        ByteCopy.copy(encoded.span, 0..<encoded.count, to: &output, at: place)
        used += encoded.count
        return nil
    }

    /// The ranges of the name and the value of a `Label`.
    func label(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> (name: Range<Int>, value: Range<Int>) {
        var cursor = ProtoCursor(range)
        let empty = range.lowerBound..<range.lowerBound
        var label = (name: empty, value: empty)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2: label.name = try cursor.range(bytes)
            case 2 << 3 | 2: label.value = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return label
    }

    @inline(__always)
    private static func isAfter(_ bytes: Span<UInt8>, _ name: Range<Int>, _ before: Range<Int>)
        -> Bool
    {
        guard !before.isEmpty else { return true }
        let first = bytes[name.lowerBound]
        let last = bytes[before.lowerBound]
        return first > last || (first == last && LabelList.order(bytes, before, name) < 0)
    }

    @inline(__always)
    private static func isMetricName(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        guard name.count == 8, bytes[name.lowerBound] == UInt8(ascii: "_") else { return false }
        return ByteCopy.equal(bytes, name, metricName.span, 0..<8)
    }

    private static let metricName = Array("__name__".utf8)

    private mutating func sample(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var value = 0.0
        var time: Int64 = 0
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 1: value = Double(bitPattern: try cursor.fixed64(bytes))
            case 2 << 3: time = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard let series else { return reject() }
        try addRow()
        result.batch.addSample(series: series, timeMillis: time, value: value)
    }

    private mutating func exemplar(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var exemplar = Exemplar(
            series: series ?? 0, timeMillis: 0, value: 0, labels: Labels(canonical: []))
        list.removeAll()
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3 | 2:
                let label = try label(bytes, try cursor.range(bytes))
                list.append(name: label.name, value: label.value)
            case 2 << 3 | 1: exemplar.value = Double(bitPattern: try cursor.fixed64(bytes))
            case 3 << 3: exemplar.timeMillis = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        var encoded: [UInt8] = []
        guard series != nil,
            list.characterCount(bytes) <= PrometheusLimits.maxExemplarCharacters,
            list.encode(bytes, to: &encoded) == nil
        else {
            result.droppedExemplars += 1
            return
        }
        try addRow()
        exemplar.labels = Labels(canonical: encoded)
        result.batch.exemplars.append(exemplar)
    }

    mutating func addRow() throws(WireFailure) {
        rowCount += 1
        guard rowCount <= PrometheusLimits.maxRows else {
            throw .tooLarge("over \(PrometheusLimits.maxRows) samples in one request")
        }
    }

    mutating func reject(_ message: String = "") {
        result.rejectedCount += 1
        if result.rejectedMessage.isEmpty { result.rejectedMessage = message }
    }
}
