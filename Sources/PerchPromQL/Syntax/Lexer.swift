/// Cuts a query into tokens.
///
/// Source: Prometheus' lexer, whose rules depend on whether braces or brackets are open.
struct Lexer {
    let bytes: [UInt8]
    var position = 0
    private var tokens: [Token] = []
    private var parenDepth = 0
    private var isBraceOpen = false
    private var isBracketOpen = false
    private var hasColon = false

    private init(_ query: String) { bytes = Array(query.utf8) }

    /// All tokens; the last one is `.end` or `.error`.
    static func tokens(_ query: String) -> [Token] {
        var lexer = Lexer(query)
        while true {
            do {
                guard try lexer.next() else { return lexer.tokens }
            } catch {
                let range = SourceRange(start: error.start, end: lexer.bytes.count)
                lexer.tokens.append(Token(kind: .error, text: error.message, range: range))
                return lexer.tokens
            }
        }
    }

    struct Failure: Error {
        var message: String
        var start: Int
    }

    /// The byte at an offset from here, or nil past the end.
    func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    /// The character that starts at `index`, quoted as Go quotes it.
    func quotedCharacter(at index: Int) -> String {
        var length = 1
        while index + length < bytes.count, bytes[index + length] & 0xc0 == 0x80 { length += 1 }
        return "'" + String(decoding: bytes[index..<index + length], as: UTF8.self) + "'"
    }

    private mutating func emit(_ kind: Token.Kind, from start: Int) {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(
            Token(kind: kind, text: text, range: SourceRange(start: start, end: position)))
    }

    /// Adds a token; false at the end.
    private mutating func next() throws(Failure) -> Bool {
        skipBlank()
        let start = position
        guard let byte = peek() else {
            if isBraceOpen { throw Failure(message: Self.openBrace, start: start) }
            if parenDepth != 0 {
                throw Failure(message: "unclosed left parenthesis", start: start)
            }
            if isBracketOpen {
                let isEmpty = tokens.last?.kind == .leftBracket
                throw Failure(
                    message: isEmpty
                        ? "unexpected end of input in duration expression"
                        : "unclosed left bracket", start: start)
            }
            emit(.end, from: start)
            return false
        }
        if isBraceOpen {
            try insideBraces(byte)
        } else if try !punctuation(byte) {
            try word(byte)
        }
        return true
    }

    private static let openBrace = "unexpected end of input inside braces"

    private mutating func skipBlank() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let byte = peek(), byte != 0x0a, byte != 0x0d { position += 1 }
            } else if byte.isBlank {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func insideBraces(_ byte: UInt8) throws(Failure) {
        let start = position
        switch byte {
        case UInt8(ascii: ","): take(.comma, 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            try scanString()
            emit(.string, from: start)
        case UInt8(ascii: "="): take(peek(1) == Self.tilde ? .matches : .equals, nil)
        case UInt8(ascii: "!"):
            switch peek(1) {
            case Self.tilde: take(.notMatches, 2)
            case UInt8(ascii: "="): take(.operation(.notEqual), 2)
            default:
                throw Failure(
                    message: "unexpected character after '!' inside braces: "
                        + (peek(1) == nil ? "'\\uffff'" : quotedCharacter(at: position + 1)),
                    start: start)
            }
        case UInt8(ascii: "}"):
            isBraceOpen = false
            take(.rightBrace, 1)
        case UInt8(ascii: "{"):
            throw Failure(message: "unexpected left brace '{'", start: start)
        case let byte where byte.isLetter:
            while let byte = peek(), byte.isLetter || byte.isDigit { position += 1 }
            emit(.identifier, from: start)
        default:
            throw Failure(
                message: "unexpected character inside braces: \(quotedCharacter(at: start))",
                start: start)
        }
    }

    private static let tilde = UInt8(ascii: "~")

    /// Emits the next `length` bytes; nil for one byte, two for a `=~`.
    private mutating func take(_ kind: Token.Kind, _ length: Int?) {
        let start = position
        position += length ?? (kind == .matches ? 2 : 1)
        emit(kind, from: start)
    }

    /// Takes a token of fixed characters; false when there is none.
    private mutating func punctuation(_ byte: UInt8) throws(Failure) -> Bool {
        let follower = peek(1)
        switch byte {
        case UInt8(ascii: ","): take(.comma, 1)
        case UInt8(ascii: "*"): take(.operation(.multiply), 1)
        case UInt8(ascii: "/"): take(.operation(.divide), 1)
        case UInt8(ascii: "%"): take(.operation(.modulo), 1)
        case UInt8(ascii: "+"): take(.operation(.add), 1)
        case UInt8(ascii: "-"): take(.operation(.subtract), 1)
        case UInt8(ascii: "^"): take(.operation(.power), 1)
        case UInt8(ascii: "@"): take(.at, 1)
        case UInt8(ascii: "="):
            if follower == UInt8(ascii: "=") {
                take(.operation(.equal), 2)
            } else if follower == Self.tilde {
                throw Failure(message: "unexpected character after '=': '~'", start: position)
            } else {
                take(.equals, 1)
            }
        case UInt8(ascii: "!"):
            guard follower == UInt8(ascii: "=") else {
                throw Failure(
                    message: "unexpected character after '!': "
                        + (follower == nil ? "'\\uffff'" : quotedCharacter(at: position + 1)),
                    start: position)
            }
            take(.operation(.notEqual), 2)
        case UInt8(ascii: "<"):
            takeComparison(.less, .lessOrEqual, .trimUpper, follower)
        case UInt8(ascii: ">"):
            takeComparison(.greater, .greaterOrEqual, .trimLower, follower)
        default: return try bracket(byte)
        }
        return true
    }

    private mutating func takeComparison(
        _ plain: BinaryOperator, _ orEqual: BinaryOperator, _ trim: BinaryOperator,
        _ follower: UInt8?
    ) {
        switch follower {
        case UInt8(ascii: "="): take(.operation(orEqual), 2)
        case UInt8(ascii: "/"): take(.operation(trim), 2)
        default: take(.operation(plain), 1)
        }
    }

    private mutating func bracket(_ byte: UInt8) throws(Failure) -> Bool {
        switch byte {
        case UInt8(ascii: "("):
            parenDepth += 1
            take(.leftParen, 1)
        case UInt8(ascii: ")"):
            parenDepth -= 1
            guard parenDepth >= 0 else {
                throw Failure(message: "unexpected right parenthesis ')'", start: position)
            }
            take(.rightParen, 1)
        case UInt8(ascii: "{"):
            isBraceOpen = true
            take(.leftBrace, 1)
        case UInt8(ascii: "["):
            guard !isBracketOpen else {
                throw Failure(message: "unexpected left bracket '['", start: position)
            }
            isBracketOpen = true
            hasColon = false
            take(.leftBracket, 1)
        case UInt8(ascii: "]"):
            guard isBracketOpen else {
                throw Failure(message: "unexpected right bracket ']'", start: position)
            }
            isBracketOpen = false
            take(.rightBracket, 1)
        case UInt8(ascii: ":") where isBracketOpen:
            guard tokens.last?.kind != .leftBracket else {
                throw Failure(
                    message: "unexpected colon before duration in duration expression",
                    start: position)
            }
            guard !hasColon else {
                throw Failure(message: "unexpected colon ':'", start: position)
            }
            hasColon = true
            take(.colon, 1)
        default: return false
        }
        return true
    }

    /// Takes a string, a number, a duration or a name.
    private mutating func word(_ byte: UInt8) throws(Failure) {
        let start = position
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            try scanString()
            emit(.string, from: start)
        case let byte where byte.isDigit || (byte == UInt8(ascii: ".") && peek(1)?.isDigit == true):
            emit(try scanNumberOrDuration(), from: start)
        case let byte where byte.isLetter || byte == UInt8(ascii: ":"):
            try name()
        default:
            let place =
                tokens.last?.kind == .leftBracket
                ? "unexpected character in duration expression" : "unexpected character"
            throw Failure(message: "\(place): \(quotedCharacter(at: start))", start: start)
        }
    }

    private mutating func name() throws(Failure) {
        let start = position
        while let byte = peek(),
            byte.isLetter || byte.isDigit || (byte == UInt8(ascii: ":") && !isBracketOpen)
        {
            position += 1
        }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        let kind = Token.keyword(word)
        if isBracketOpen {
            guard case .keyword(let keyword) = kind,
                [.step, .range, .maxOf, .minOf].contains(keyword)
            else {
                let isFirst = tokens.last?.kind == .leftBracket
                let character = quotedCharacter(at: start)
                throw Failure(
                    message: isFirst
                        ? "unexpected character in duration expression: \(character)"
                        : "unexpected character: \(character), expected ':'", start: start)
            }
        }
        if case .keyword(let keyword) = kind, [.fill, .fillLeft, .fillRight].contains(keyword),
            !isFollowedByParen
        {
            // Metrics of these names are older than the keywords.
            emit(.identifier, from: start)
        } else if let kind {
            emit(kind, from: start)
        } else {
            emit(word.contains(":") ? .metricIdentifier : .identifier, from: start)
        }
    }

    private var isFollowedByParen: Bool {
        bytes[position...].first { !$0.isBlank } == UInt8(ascii: "(")
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// A letter or an underscore.
    var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) || self == UInt8(ascii: "_")
    }
}
