/// Cuts a query into tokens.
///
/// Source: Grafana Loki's documentation of LogQL; words are functions only before a parenthesis.
struct LogQLLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var tokens: [LogQLToken] = []

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All tokens; the last is the end.
    static func tokens(_ text: String) throws(LogQLFailure) -> [LogQLToken] {
        var lexer = LogQLLexer(text)
        while try lexer.next() {}
        return lexer.tokens
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private mutating func skipBlank() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let byte = peek(), byte != 0x0a { position += 1 }
            } else if byte == 0x0a {
                position += 1
                line += 1
                lineStart = position
            } else if byte == 0x20 || byte == 0x09 || byte == 0x0d {
                position += 1
            } else {
                return
            }
        }
    }

    private func failure(_ message: String, at start: Int) -> LogQLFailure {
        .parse(message: message, line: line, column: start - lineStart + 1)
    }

    private mutating func emit(
        _ kind: LogQLToken.Kind, _ text: String, value: Double = 0, from start: Int
    ) {
        tokens.append(
            LogQLToken(
                kind: kind, text: text, value: value, line: line, column: start - lineStart + 1))
    }

    private mutating func next() throws(LogQLFailure) -> Bool {
        skipBlank()
        let start = position
        guard let byte = peek() else {
            emit(.end, "", from: start)
            return false
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "`"): try string(byte)
        case UInt8(ascii: "["): try range()
        case let byte where byte.isLogQLDigit: try number()
        case UInt8(ascii: ".") where peek(1)?.isLogQLDigit == true: try number()
        case let byte where byte.isLogQLLetter: word()
        case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"): try flag()
        default: try sign(byte)
        }
        return true
    }

    private static let signs = [
        "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")", ",", "|",
        "=", "<", ">", "+", "-", "*", "/", "%", "^",
    ]

    private mutating func sign(_ byte: UInt8) throws(LogQLFailure) {
        let start = position
        for sign in Self.signs
        where bytes[start...].starts(with: sign.utf8) {
            position += sign.utf8.count
            emit(.sign, sign, from: start)
            return
        }
        var length = 1
        while start + length < bytes.count, bytes[start + length] & 0xc0 == 0x80 { length += 1 }
        let character = String(decoding: bytes[start..<start + length], as: UTF8.self)
        throw failure("syntax error: unexpected '\(character)'", at: start)
    }

    private mutating func word() {
        let start = position
        while let byte = peek(), byte.isLogQLLetter || byte.isLogQLDigit { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let isWord =
            LogQLToken.words.contains(text)
            || LogQLToken.functions.contains(text) && isFollowedByCall(text)
        emit(isWord ? .sign : .identifier, text, from: start)
    }

    /// Whether a parenthesis follows, or for a vector's function its grouping.
    private func isFollowedByCall(_ word: String) -> Bool {
        var place = position
        while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
        guard place < bytes.count else { return false }
        if bytes[place] == UInt8(ascii: "(") { return true }
        guard VectorFunction(rawValue: word) != nil else { return false }
        return ["by", "without"].contains { grouping in
            guard bytes[place...].starts(with: grouping.utf8) else { return false }
            let after = place + grouping.utf8.count
            return after < bytes.count
                && (bytes[after] == UInt8(ascii: "(") || bytes[after] <= 0x20)
        }
    }

    private mutating func flag() throws(LogQLFailure) {
        let start = position
        position += 2
        while let byte = peek(), byte.isLogQLLetter || byte == UInt8(ascii: "-") { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard text == "--strict" || text == "--keep-empty" else {
            position = start + 1
            emit(.sign, "-", from: start)
            return
        }
        emit(.flag, text, from: start)
    }

    /// A number, or one with a unit: `5`, `2.5e3`, `250ms`, `1h30m`, `10MiB`.
    private mutating func number() throws(LogQLFailure) {
        let start = position
        var isExponent = false
        while let byte = peek() {
            let isSign =
                isExponent && (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
            guard
                byte.isLogQLDigit || byte.isLogQLLetter || byte == UInt8(ascii: ".") || isSign
                    || byte >= 0x80
            else { break }
            isExponent =
                (byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"))
                && bytes[start..<position].allSatisfy {
                    $0.isLogQLDigit || $0 == UInt8(ascii: ".")
                }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = LogQLNumber.literal(text) {
            emit(.number, text, value: value, from: start)
        } else if let nanos = LogQLNumber.durationNanos(text) {
            emit(.duration, text, value: nanos, from: start)
        } else if let count = LogQLNumber.byteCount(text) {
            emit(.bytes, text, value: count, from: start)
        } else {
            throw failure("syntax error: unexpected number \(LogQLText.quote(text))", at: start)
        }
    }

    private mutating func range() throws(LogQLFailure) {
        let start = position
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else {
            throw failure("missing closing ']' in duration", at: start)
        }
        let inner = String(decoding: bytes[start + 1..<end], as: UTF8.self)
        let text = String(inner.unicodeScalars.filter { !$0.properties.isWhitespace })
        guard let nanos = LogQLNumber.durationNanos(text), nanos > 0 else {
            throw failure("not a valid duration string: \(LogQLText.quote(text))", at: start)
        }
        position = end + 1
        emit(.range, text, value: nanos, from: start)
    }

    private mutating func string(_ quote: UInt8) throws(LogQLFailure) {
        let start = position
        position += 1
        var isClosed = false
        while let byte = peek() {
            position += 1
            if byte == quote {
                isClosed = true
                break
            }
            guard quote == UInt8(ascii: "\"") else { continue }
            if byte == 0x0a { break }
            if byte == UInt8(ascii: "\\"), peek() != nil { position += 1 }
        }
        guard isClosed else { throw failure("literal not terminated", at: start) }
        let content = bytes[start + 1..<position - 1]
        guard quote == UInt8(ascii: "\"") else {
            let text = String(decoding: content.filter { $0 != 0x0d }, as: UTF8.self)
            emit(.string, text, from: start)
            // Lines within the text count.
            for place in content.indices where content[place] == 0x0a {
                line += 1
                lineStart = place + 1
            }
            return
        }
        guard let text = LogQLText.unquote(content) else {
            throw failure("invalid syntax", at: start)
        }
        emit(.string, text, from: start)
    }
}

extension UInt8 {
    var isLogQLDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// A letter or an underscore.
    var isLogQLLetter: Bool {
        (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z")
            || self == UInt8(ascii: "_")
    }
}
