import PerchModel

/// Reads labels as a stream's selector writes them: `{app="api", env="prod"}`.
enum LokiLabels {
    /// Whether a label may be called so.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isStart(first) else { return false }
        return name.utf8.allSatisfy { isStart($0) || $0 &- UInt8(ascii: "0") < 10 }
    }

    /// The labels in `range`; failures are told from `position` on.
    static func parse(
        _ bytes: Span<UInt8>, _ range: Range<Int>, atByte position: Int
    ) throws(WireFailure) -> [(name: String, value: String)] {
        var parser = Parser(bytes: Array(bytes.extracting(range)))
        var labels: [(name: String, value: String)] = []
        guard parser.take("{") else { throw parser.failure("{ belongs here", position) }
        while !parser.take("}") {
            if !labels.isEmpty, !parser.take(",") {
                throw parser.failure("a comma or } belongs here", position)
            }
            // A comma may stand behind the last one.
            if parser.take("}") { break }
            guard let name = parser.name() else {
                throw parser.failure("the name of a label belongs here", position)
            }
            guard parser.take("=") else { throw parser.failure("= belongs here", position) }
            guard let value = parser.quoted() else {
                throw parser.failure("a quoted value belongs here", position)
            }
            labels.append((name, value))
        }
        guard parser.isAtEnd else { throw parser.failure("nothing belongs after }", position) }
        return labels
    }

    private static func isStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return position == bytes.count
            }
        }

        func failure(_ message: String, _ start: Int) -> WireFailure {
            .malformed("labels: \(message)", atByte: start + position)
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            skipSpace()
            guard position < bytes.count, UInt32(bytes[position]) == character.value else {
                return false
            }
            position += 1
            return true
        }

        mutating func name() -> String? {
            skipSpace()
            let start = position
            while position < bytes.count,
                isStart(bytes[position])
                    || position > start && bytes[position] &- UInt8(ascii: "0") < 10
            {
                position += 1
            }
            return start == position ? nil : text(start..<position)
        }

        /// A value in double quotes with the escapes of JSON, which are those that clients write.
        mutating func quoted() -> String? {
            skipSpace()
            var reader = JSONReader(position..<bytes.count)
            guard let string = try? reader.string(bytes.span) else { return nil }
            position = reader.position
            var text: [UInt8] = []
            JSONUnescape.append(string, of: bytes.span, to: &text)
            return String(decoding: text, as: UTF8.self)
        }

        private func text(_ range: Range<Int>) -> String {
            String(decoding: bytes[range], as: UTF8.self)
        }

        private mutating func skipSpace() {
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
                position += 1
            }
        }
    }
}
