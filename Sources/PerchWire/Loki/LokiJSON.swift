import PerchModel

/// Reads a push in JSON: `{"streams":[{"stream":{…},"values":[["NANOSECONDS","line",{…}],…]}]}`.
struct LokiJSON {
    private(set) var rows: LokiRows
    private var text: [UInt8] = []
    private var keys = LineKeys()

    init(receivedNanos: Int64) {
        rows = LokiRows(receivedNanos: receivedNanos)
    }

    mutating func request(_ bytes: [UInt8]) throws(WireFailure) {
        var reader = JSONReader(bytes.indices)
        try reader.beginObject(bytes.span)
        var first = true
        while let key = try reader.nextKey(bytes.span, &first) {
            if bytes[key.range].elementsEqual("streams".utf8), try !reader.isNull(bytes.span) {
                try streams(bytes, &reader)
            } else {
                try reader.skipValue(bytes.span)
            }
        }
        try reader.finish(bytes.span)
    }

    private mutating func streams(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) {
        try reader.beginArray(bytes.span)
        var first = true
        while try reader.nextElement(bytes.span, &first) { try stream(bytes, &reader) }
    }

    /// One stream; its labels usually come first, and are waited for when they do not.
    private mutating func stream(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) {
        let start = reader.position
        try reader.beginObject(bytes.span)
        var stream: LokiRows.Stream?
        var waiting: [(range: Range<Int>, isLegacy: Bool)] = []
        var first = true
        while let key = try reader.nextKey(bytes.span, &first) {
            switch String(decoding: bytes[key.range], as: UTF8.self) {
            case "stream": stream = try labels(bytes, &reader)
            case "labels": stream = try selector(bytes, &reader)
            case "values": try take(bytes, &reader, stream, isLegacy: false, &waiting)
            case "entries": try take(bytes, &reader, stream, isLegacy: true, &waiting)
            default: try reader.skipValue(bytes.span)
            }
        }
        guard let stream else {
            throw .malformed("at least one label pair is required per stream", atByte: start)
        }
        for item in waiting {
            var inner = JSONReader(item.range)
            try entries(bytes, &inner, stream, isLegacy: item.isLegacy)
        }
    }

    private mutating func take(
        _ bytes: [UInt8], _ reader: inout JSONReader, _ stream: LokiRows.Stream?, isLegacy: Bool,
        _ waiting: inout [(range: Range<Int>, isLegacy: Bool)]
    ) throws(WireFailure) {
        if try reader.isNull(bytes.span) {
            try reader.null(bytes.span)
        } else if let stream {
            try entries(bytes, &reader, stream, isLegacy: isLegacy)
        } else {
            waiting.append((try reader.skipValue(bytes.span), isLegacy))
        }
    }

    private mutating func labels(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) -> LokiRows.Stream {
        let start = reader.position
        try reader.beginObject(bytes.span)
        var labels: [(name: String, value: String)] = []
        var first = true
        while let key = try reader.nextKey(bytes.span, &first) {
            let name = unescaped(key, bytes)
            guard LokiLabels.isName(name) else {
                throw .malformed(
                    "the label name \"\(name)\" is not valid", atByte: key.range.lowerBound)
            }
            labels.append((name, unescaped(try reader.string(bytes.span), bytes)))
        }
        return try rows.stream(labels, atByte: start)
    }

    private mutating func selector(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) -> LokiRows.Stream {
        let string = try reader.string(bytes.span)
        let text = Array(unescaped(string, bytes).utf8)
        let labels = try LokiLabels.parse(text.span, text.indices, atByte: string.range.lowerBound)
        return try rows.stream(labels, atByte: string.range.lowerBound)
    }

    private func unescaped(_ string: JSONString, _ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        JSONUnescape.append(string, of: bytes.span, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func entries(
        _ bytes: [UInt8], _ reader: inout JSONReader, _ stream: LokiRows.Stream, isLegacy: Bool
    ) throws(WireFailure) {
        try reader.beginArray(bytes.span)
        var first = true
        while try reader.nextElement(bytes.span, &first) {
            if isLegacy {
                try legacyEntry(bytes, &reader, stream)
            } else {
                try entry(bytes, &reader, stream)
            }
        }
    }

    /// `["NANOSECONDS","line"]`, or with metadata as a third element.
    private mutating func entry(
        _ bytes: [UInt8], _ reader: inout JSONReader, _ stream: LokiRows.Stream
    ) throws(WireFailure) {
        try reader.beginArray(bytes.span)
        var first = true
        guard try reader.nextElement(bytes.span, &first) else {
            throw reader.failure("a time and a line belong here")
        }
        let time = try time(bytes, &reader)
        guard try reader.nextElement(bytes.span, &first) else {
            throw reader.failure("a line belongs after the time")
        }
        try rows.begin(stream, timeNanos: time)
        switch try line(bytes, &reader) {
        case .inBody(let range):
            try rest(bytes, &reader, &first)
            rows.finish(stream, line: bytes.span.extracting(range))
        case .inText:
            try rest(bytes, &reader, &first)
            let line = text
            rows.finish(stream, line: line.span)
        }
    }

    /// Metadata, and elements that we do not know.
    private mutating func rest(
        _ bytes: [UInt8], _ reader: inout JSONReader, _ first: inout Bool
    ) throws(WireFailure) {
        guard try reader.nextElement(bytes.span, &first) else { return }
        if try reader.peek(bytes.span) == .object {
            try metadata(bytes, &reader)
        } else {
            try reader.skipValue(bytes.span)
        }
        while try reader.nextElement(bytes.span, &first) { try reader.skipValue(bytes.span) }
    }

    /// Where the text of a line stands.
    private enum Line {
        case inBody(Range<Int>)
        case inText
    }

    /// A line; what is not text is kept as JSON.
    private mutating func line(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) -> Line {
        guard try reader.peek(bytes.span) == .string else {
            guard try reader.peek(bytes.span) != .null else {
                throw reader.failure("a line belongs after the time")
            }
            text.removeAll(keepingCapacity: true)
            JSONCompact.append(bytes.span, try reader.skipValue(bytes.span), to: &text)
            let line = text
            rows.line(line.span)
            return .inText
        }
        let string = try reader.string(bytes.span)
        if string.isPlain {
            rows.line(bytes.span.extracting(string.range))
            return .inBody(string.range)
        }
        text.removeAll(keepingCapacity: true)
        JSONUnescape.append(string, of: bytes.span, to: &text)
        let line = text
        rows.line(line.span)
        return .inText
    }

    /// `{"ts":"RFC 3339","line":"…"}`, as the first version of the protocol had it.
    private mutating func legacyEntry(
        _ bytes: [UInt8], _ reader: inout JSONReader, _ stream: LokiRows.Stream
    ) throws(WireFailure) {
        let start = reader.position
        try reader.beginObject(bytes.span)
        var time: Int64?
        var line: JSONString?
        var first = true
        while let key = try reader.nextKey(bytes.span, &first) {
            switch String(decoding: bytes[key.range], as: UTF8.self) {
            case "ts":
                let string = try reader.string(bytes.span)
                time = TimeText.parse(bytes, string.range)
            case "line": line = try reader.string(bytes.span)
            default: try reader.skipValue(bytes.span)
            }
        }
        guard let time, let line else {
            throw .malformed("an entry needs ts, a time, and line", atByte: start)
        }
        try rows.begin(stream, timeNanos: time)
        let text = Array(unescaped(line, bytes).utf8)
        rows.line(text.span)
        rows.finish(stream, line: text.span)
    }

    private func time(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) -> Int64 {
        let range: Range<Int>
        switch try reader.peek(bytes.span) {
        case .string: range = try reader.string(bytes.span).range
        case .number: range = try reader.number(bytes.span)
        default: throw reader.failure("nanoseconds belong here, as text")
        }
        guard let time = JSONNumber.int(bytes.span, range) else {
            throw .malformed("expected nanoseconds since 1970", atByte: range.lowerBound)
        }
        return time
    }

    private mutating func metadata(
        _ bytes: [UInt8], _ reader: inout JSONReader
    ) throws(WireFailure) {
        try reader.beginObject(bytes.span)
        var count = 0
        var first = true
        keys.beginLine()
        while let (key, _) = try keys.next(bytes.span, &reader, &first) {
            count += 1
            guard count <= Limits.maxAttributes else {
                throw .malformed(
                    "more than \(Limits.maxAttributes) fields of one entry", atByte: reader.position
                )
            }
            let value: LineField.Value
            switch try reader.peek(bytes.span) {
            case .string: value = .string(try reader.string(bytes.span))
            case .number: value = .number(try reader.number(bytes.span))
            case .bool: value = .bool(try reader.bool(bytes.span))
            case .null:
                try reader.null(bytes.span)
                continue
            case .object, .array: value = .json(try reader.skipValue(bytes.span))
            }
            if key.isPlain {
                rows.metadata(bytes.span.extracting(key.range), value, bytes.span)
            } else {
                let name = Array(unescaped(key, bytes).utf8)
                rows.metadata(name.span, value, bytes.span)
            }
        }
    }
}
