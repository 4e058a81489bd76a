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
        guard let elements = ArrayBody.elements(body) else { return false }
        for (index, range) in elements.enumerated() {
            try line(body, range, number: index + 1)
        }
        return true
    }

    mutating func lines(_ body: [UInt8]) throws(WireFailure) {
        var start = 0
        // A byte order mark is no part of the text.
        if body.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
        var number = 1
        while start < body.count {
            let end = body[start...].firstIndex(of: 0x0a) ?? body.count
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
        counts.plainCount += 1
        if counts.bad.count < Limits.maxNamedLines {
            counts.bad.append(JSONLinesResult.BadLine(line: number, reason: reason))
        }
    }
}

/// A body that is one JSON array.
enum ArrayBody {
    /// Where the elements stand, or nil when the body is not an array that begins with an object.
    static func elements(_ body: [UInt8]) -> [Range<Int>]? {
        guard let bracket = body.firstIndex(where: { !LineText.isSpace($0) }),
            body[bracket] == UInt8(ascii: "["),
            let brace = body[(bracket + 1)...].firstIndex(where: { !LineText.isSpace($0) }),
            body[brace] == UInt8(ascii: "{")
        else { return nil }
        var reader = JSONReader(body, allowsNonFinite: true)
        var elements: [Range<Int>] = []
        do {
            try reader.beginArray()
            var first = true
            while try reader.nextElement(&first) { elements.append(try reader.skipValue()) }
            try reader.finish()
            return elements
        } catch {
            return nil
        }
    }
}

/// What stands around the JSON of a line.
enum LineText {
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
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
        bytes[range].starts(with: [0xef, 0xbb, 0xbf])
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
