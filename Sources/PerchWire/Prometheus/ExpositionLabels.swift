extension ExpositionParser {
    /// Reads `name="value",…}` after the opening brace.
    ///
    /// A quoted name without a value is the metric's: `{"a.name", label="value"}`.
    mutating func labelSet(_ bytes: Span<UInt8>) throws(WireFailure) {
        while true {
            skipBlanks(bytes)
            guard position < end else { throw missing("}") }
            if bytes[position] == UInt8(ascii: "}") {
                position += 1
                return
            }
            let start = position
            let isQuoted = bytes[position] == UInt8(ascii: "\"")
            let name = isQuoted ? try quoted(bytes) : try labelName(bytes)
            skipBlanks(bytes)
            guard position < end else { throw missing("=") }
            if bytes[position] == UInt8(ascii: "=") {
                position += 1
                skipBlanks(bytes)
                guard position < end, bytes[position] == UInt8(ascii: "\"") else {
                    throw missing("a quoted value")
                }
                guard !name.range.isEmpty else {
                    throw .malformed("a label without a name", atByte: start)
                }
                guard labels.count < PrometheusLimits.maxLabels else {
                    throw .malformed("over \(PrometheusLimits.maxLabels) labels", atByte: start)
                }
                labels.append(Label(name: name, value: try quoted(bytes)))
            } else {
                guard isQuoted, metricName == nil, !name.range.isEmpty else { throw missing("=") }
                metricName = name
            }
            try separator(bytes)
        }
    }

    /// A comma, or the brace that ends the labels, which stays.
    private mutating func separator(_ bytes: Span<UInt8>) throws(WireFailure) {
        skipBlanks(bytes)
        guard position < end else { throw missing("}") }
        if bytes[position] == UInt8(ascii: ",") {
            position += 1
            skipBlanks(bytes)
            guard position < end, bytes[position] != UInt8(ascii: ",") else {
                throw missing("a label")
            }
        } else if bytes[position] != UInt8(ascii: "}") {
            throw missing("a comma")
        }
    }

    private func missing(_ what: String) -> WireFailure {
        .malformed("expected \(what)", atByte: position)
    }

    private mutating func labelName(_ bytes: Span<UInt8>) throws(WireFailure) -> Text {
        let start = position
        guard Self.isNameStart(bytes[position], allowsColon: false) else {
            throw missing("the name of a label")
        }
        position += 1
        while position < end, Self.isNamePart(bytes[position], allowsColon: false) {
            position += 1
        }
        return Text(range: start..<position)
    }

    /// Text in double quotes, with `\\`, `\"` and `\n`; any other backslash is itself.
    mutating func quoted(_ bytes: Span<UInt8>) throws(WireFailure) -> Text {
        let start = position + 1
        position = start
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return Text(range: start..<(position - 1))
            }
            if byte == UInt8(ascii: "\\") { return try escaped(bytes, from: start) }
            guard byte != UInt8(ascii: "\n") else { break }
            position += 1
        }
        throw missing("a closing quote")
    }

    /// The rest of a quoted text in which an escape was met.
    private mutating func escaped(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(WireFailure) -> Text {
        let begin = scratch.count
        for index in start..<position { scratch.append(bytes[index]) }
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return Text(range: begin..<scratch.count, isScratch: true)
            case UInt8(ascii: "\n"):
                position -= 1
                throw missing("a closing quote")
            case UInt8(ascii: "\\") where position < end:
                Self.appendEscape(bytes[position], to: &scratch)
                position += 1
            default: scratch.append(byte)
            }
        }
        throw missing("a closing quote")
    }

    /// What a backslash and the character after it stand for.
    static func appendEscape(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): text.append(byte)
        default:
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        }
    }
}
