/// Cuts what stands between double braces into tokens.
struct TemplateScanner {
    private let bytes: [UInt8]
    private(set) var position: Int
    /// Whether blanks after the action go.
    private(set) var trimsAfter = false
    private(set) var isComment = false

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private mutating func skipBlank() {
        while let byte = peek(), byte.isTemplateBlank { position += 1 }
    }

    mutating func tokens(until close: [UInt8]) throws(LogQLFailure) -> [TemplateParser.Token] {
        var tokens: [TemplateParser.Token] = []
        skipBlank()
        if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") { try skipComment() }
        while true {
            let hadBlank = peek()?.isTemplateBlank ?? false
            skipBlank()
            guard let byte = peek() else { throw TemplateParser.failure("unclosed action") }
            if bytes[position...].starts(with: close) {
                position += close.count
                return tokens
            }
            if byte == UInt8(ascii: "-"), hadBlank, bytes[(position + 1)...].starts(with: close) {
                position += close.count + 1
                trimsAfter = true
                return tokens
            }
            guard tokens.count < Limits.templateTokensMax else {
                throw TemplateParser.failure("action too long")
            }
            tokens.append(try token(byte))
        }
    }

    private mutating func skipComment() throws(LogQLFailure) {
        isComment = true
        let end = ByteNeedle(Array("*/".utf8)).firstIndex(in: bytes.span, from: position)
        guard let end else { throw TemplateParser.failure("unclosed comment") }
        position = end + 2
    }

    private mutating func token(_ byte: UInt8) throws(LogQLFailure) -> TemplateParser.Token {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "`"): return .text(try string(byte))
        case UInt8(ascii: "'"): throw TemplateParser.failure("unexpected character constant")
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"), UInt8(ascii: ","):
            position += 1
            return .sign(Character(Unicode.Scalar(byte)))
        case UInt8(ascii: ":"), UInt8(ascii: "="):
            position += byte == UInt8(ascii: ":") && peek(1) == UInt8(ascii: "=") ? 2 : 1
            return .assignment
        case UInt8(ascii: "$"):
            position += 1
            return .variable(name(), path())
        case UInt8(ascii: ".") where peek(1)?.isLogQLDigit != true:
            let fields = path()
            if fields.isEmpty { position += 1 }
            return .field(fields)
        case let byte where byte.isLogQLDigit || byte == UInt8(ascii: "."): return number()
        case UInt8(ascii: "-"), UInt8(ascii: "+"):
            guard peek(1)?.isLogQLDigit == true || peek(1) == UInt8(ascii: ".") else {
                throw TemplateParser.failure("bad character U+002D '-'")
            }
            return number()
        case let byte where byte.isLogQLLetter: return .word(name())
        default:
            throw TemplateParser.failure("unexpected character in action at byte \(position)")
        }
    }

    private mutating func number() -> TemplateParser.Token {
        let start = position
        position += 1
        while let byte = peek(),
            byte.isLogQLDigit || byte.isLogQLLetter || byte == UInt8(ascii: ".")
        {
            position += 1
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func name() -> String {
        let start = position
        while let byte = peek(), byte.isLogQLLetter || byte.isLogQLDigit || byte >= 0x80 {
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// `.a.b`, as far as names follow the dots.
    private mutating func path() -> [String] {
        var path: [String] = []
        while peek() == UInt8(ascii: "."), let next = peek(1), next.isLogQLLetter || next >= 0x80 {
            position += 1
            path.append(name())
        }
        return path
    }

    private mutating func string(_ quote: UInt8) throws(LogQLFailure) -> String {
        let start = position + 1
        position = start
        while let byte = peek(), byte != quote {
            position += byte == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
        }
        guard peek() == quote else { throw TemplateParser.failure("unterminated quoted string") }
        let content = bytes[start..<position]
        position += 1
        if quote == UInt8(ascii: "`") { return String(decoding: content, as: UTF8.self) }
        guard let text = LogQLText.unquote(content) else {
            throw TemplateParser.failure("invalid syntax")
        }
        return text
    }
}
