import PerchModel

/// Reads log records as JSON, one a line, as the loggers of many languages write them.
///
/// See docs/protocols/json-lines.md for the fields that are understood.
package enum JSONLines {
    /// Reads a body: lines, or one array of objects.
    ///
    /// A line that is no JSON object is kept as plain text; only a limit of the whole body refuses
    /// it.
    package static func decode(
        _ body: [UInt8], options: JSONLinesOptions, receivedNanos: Int64
    ) throws(WireFailure) -> JSONLinesResult {
        var decoder = LinesDecoder(options: options, receivedNanos: receivedNanos)
        if try !decoder.array(body) { try decoder.lines(body) }
        return decoder.finished()
    }
}

private struct LinesDecoder {
    private var writer: LineWriter
    private var counts: JSONLinesResult

    init(options: JSONLinesOptions, receivedNanos: Int64) {
        writer = LineWriter(options: options, receivedNanos: receivedNanos)
        counts = JSONLinesResult(batch: EventBatch(dataset: .logs))
    }

    func finished() -> JSONLinesResult {
        var result = counts
        result.batch = writer.batch
        return result
    }

    /// Reads the body when it is one array that begins with an object; false when it is not.
    mutating func array(_ body: [UInt8]) throws(WireFailure) -> Bool {
        guard let elements = try ArrayBody.elements(body) else { return false }
        for (index, range) in elements.enumerated() {
            try line(body, range, number: index + 1)
        }
        return true
    }

    mutating func lines(_ body: [UInt8]) throws(WireFailure) {
        // A byte order mark is no part of the text.
        var start = LineText.afterMark(body, body.indices).lowerBound
        var number = 1
        while start < body.count {
            let end = LineText.lineEnd(body.span, from: start)
            try line(body, start..<end, number: number)
            number += 1
            start = end + 1
        }
    }

    private mutating func line(
        _ body: [UInt8], _ range: Range<Int>, number: Int
    ) throws(WireFailure) {
        let range = LineText.trimmed(body, range)
        guard !range.isEmpty else { return }
        let prefix = LineText.criPrefix(body, range)
        var context = LineContext()
        context.timeNanos = prefix?.timeNanos
        context.stream = prefix?.stream ?? []
        let rest = LineText.afterMark(body, prefix?.rest ?? range)
        guard let reason = try writer.object(body, rest, context) else {
            counts.acceptedCount += 1
            return
        }
        try writer.plain(body, prefix?.rest ?? range, context)
        counts.plainRows.append(UInt32(writer.rowCount - 1))
        if counts.bad.count < Limits.maxNamedLines {
            counts.bad.append(JSONLinesResult.BadLine(line: number, reason: reason))
        }
    }
}

/// A body that is one JSON array.
enum ArrayBody {
    /// Where the elements stand, or nil when the body is not an array that begins with an object.
    static func elements(_ body: [UInt8]) throws(WireFailure) -> [Range<Int>]? {
        guard let bracket = body.firstIndex(where: { !LineText.isSpace($0) }),
            body[bracket] == UInt8(ascii: "["),
            let brace = body[(bracket + 1)...].firstIndex(where: { !LineText.isSpace($0) }),
            body[brace] == UInt8(ascii: "{")
        else { return nil }
        var reader = JSONReader(body.indices, allowsNonFinite: true)
        var elements: [Range<Int>] = []
        do throws(WireFailure) {
            try reader.beginArray(body.span)
            var first = true
            while try reader.nextElement(body.span, &first) {
                elements.append(try reader.skipValue(body.span))
                guard elements.count <= Limits.maxRows else {
                    throw .tooLarge("more than \(Limits.maxRows) records")
                }
            }
            try reader.finish(body.span)
            return elements
        } catch {
            guard case .malformed = error else { throw error }
            return nil
        }
    }
}

/// What stands around the JSON of a line.
enum LineText {
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    /// Where the line that begins at `start` ends: at its line feed, or at the end of all.
    static func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        // Four words at once, as long as none of them has one.
        while bytes.count &- position >= 32 {
            var hits: UInt64 = 0
            for place in 0..<4 {
                let rest =
                    word(bytes, at: position &+ 8 &* place).littleEndian ^ (ones &* 0x0a)
                hits |= (rest &- ones) & ~rest
            }
            if hits & (ones &* 0x80) != 0 { break }
            position &+= 32
        }
        while bytes.count &- position >= 8 {
            let rest = word(bytes, at: position).littleEndian ^ (ones &* 0x0a)
            // A byte that is equal is zero here, and the subtraction sets its top bit.
            let hits = (rest &- ones) & ~rest & (ones &* 0x80)
            if hits != 0 { return position &+ hits.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < bytes.count, bytes[position] != 0x0a { position &+= 1 }
        return position
    }

    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(bytes[start]) { start += 1 }
        while start < end, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The range without a byte order mark at its begin.
    static func afterMark(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        range.count >= 3 && bytes[range.lowerBound] == 0xef
            && bytes[range.lowerBound + 1] == 0xbb && bytes[range.lowerBound + 2] == 0xbf
            ? range.lowerBound + 3..<range.upperBound : range
    }

    /// What a container runtime puts in front of each line: time, stream, and whether the line is
    /// whole.
    ///
    /// Source: Kubernetes' CRI logging format.
    static func criPrefix(
        _ bytes: [UInt8], _ range: Range<Int>
    ) -> (timeNanos: Int64, stream: [UInt8], rest: Range<Int>)? {
        guard bytes[range.lowerBound] &- UInt8(ascii: "0") < 10 else { return nil }
        let parts = bytes[range].split(
            separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4,
            parts[2].elementsEqual("F".utf8) || parts[2].elementsEqual("P".utf8),
            parts[1].elementsEqual("stdout".utf8) || parts[1].elementsEqual("stderr".utf8),
            let time = TimeText.parse(bytes, parts[0].startIndex..<parts[0].endIndex)
        else { return nil }
        return (time, Array(parts[1]), parts[3].startIndex..<range.upperBound)
    }
}
