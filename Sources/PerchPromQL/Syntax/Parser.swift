package import PerchModel
import PerchRegex

/// Reads queries.
package struct Parser {
    let query: String
    private let tokens: [Token]
    private var index = 0
    /// How many expressions are open around the current place.
    private var depth = 0
    /// How many expressions are within each other in the last one that was read.
    private var height = 0
    /// Where the last token ended that can close an expression.
    private(set) var lastClosing = 0

    private init(_ query: String) {
        self.query = query
        tokens = Lexer.tokens(query)
    }

    /// Reads a query and checks its types.
    package static func parse(_ query: String) throws(ParseFailure) -> QueryExpression {
        var parser = try Parser(checked: query)
        guard parser.current.kind != .end else {
            throw parser.failure("no expression found in input", SourceRange(start: 0, end: 0))
        }
        var expression = try parser.expression()
        guard parser.current.kind == .end else { throw parser.unexpected() }
        try TypeChecker(query: query).check(&expression)
        return expression
    }

    /// Reads `name{label="value"}`, as the `match[]` of an API has it.
    ///
    /// At least one condition must not fit an absent label.
    package static func parseSelector(
        _ text: String
    ) throws(ParseFailure) -> [LabelMatcher] {
        var parser = try Parser(checked: text)
        let selector = try parser.vectorSelector()
        guard parser.current.kind == .end else { throw parser.unexpected() }
        var expression = QueryExpression.vector(selector)
        try TypeChecker(query: text).check(&expression)
        return selector.matchers
    }

    /// Reads the labels of a series, and answers with where they end.
    static func parseMetric(
        _ text: String
    ) throws(ParseFailure) -> (labels: [(name: String, value: String)], end: Int) {
        var parser = try Parser(checked: text)
        return try parser.metric()
    }

    private init(checked query: String) throws(ParseFailure) {
        guard query.utf8.count <= Limits.queryByteCountMax else {
            throw ParseFailure(
                message: "query of \(query.utf8.count) bytes; at most \(Limits.queryByteCountMax)",
                range: SourceRange(start: 0, end: 0), query: query)
        }
        self.init(query)
    }

    // MARK: Tokens

    var current: Token { tokens[index] }

    func peek(_ offset: Int = 1) -> Token { tokens[min(index + offset, tokens.count - 1)] }

    mutating func advance() {
        switch current.kind {
        case .rightBrace, .rightParen, .rightBracket, .duration, .number:
            lastClosing = current.range.end
        default: break
        }
        if index < tokens.count - 1 { index += 1 }
    }

    /// Takes the current token if it is of the kind.
    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    func failure(_ message: String, _ range: SourceRange) -> ParseFailure {
        ParseFailure(message: message, range: range, query: query)
    }

    /// A complaint about the current token.
    func unexpected(_ context: String = "", expected: String = "") -> ParseFailure {
        if current.kind == .error { return failure(current.text, current.range) }
        if current.kind == .identifier, let words = MetricsQL.explanation(word: current.text) {
            return failure(words, current.range)
        }
        var message = "unexpected \(current.description)"
        if !context.isEmpty { message += " in \(context)" }
        if !expected.isEmpty { message += ", expected \(expected)" }
        return failure(message, current.range)
    }

    /// Runs `body` one level deeper, so that no text can exhaust the stack.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(ParseFailure) -> Result
    ) throws(ParseFailure) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.nestingMax else {
            throw failure("query nested too deeply", current.range)
        }
        return try body(&self)
    }

    /// Notes that an expression was put around one of the height `inner`.
    mutating func rise(_ inner: Int) throws(ParseFailure) {
        height = inner + 1
        guard height <= Limits.heightMax else {
            throw failure("query nested too deeply", current.range)
        }
    }

    /// Forgets the height of the last expression, before others are read beside it.
    mutating func takeHeight() -> Int {
        defer { height = 0 }
        return height
    }

    // MARK: Expressions

    mutating func expression() throws(ParseFailure) -> QueryExpression {
        try binary(minPrecedence: 1)
    }

    private mutating func binary(minPrecedence: Int) throws(ParseFailure) -> QueryExpression {
        try nested { (parser) throws(ParseFailure) in
            var left = try parser.unary()
            while case .operation(let operation) = parser.current.kind,
                operation.precedence >= minPrecedence
            {
                let leftHeight = parser.height
                parser.advance()
                let (returnsBool, matching) = try parser.modifiers()
                // Only powers group to the right.
                let next = operation.precedence + (operation == .power ? 0 : 1)
                let right = try parser.binary(minPrecedence: next)
                try parser.rise(max(leftHeight, parser.height))
                left = .binary(
                    BinaryExpression(
                        operation: operation, left: left, right: right, returnsBool: returnsBool,
                        matching: matching))
            }
            return left
        }
    }

    /// A sign binds as tight as a multiplication.
    private mutating func unary() throws(ParseFailure) -> QueryExpression {
        guard case .operation(let sign) = current.kind, sign == .add || sign == .subtract else {
            return try postfix()
        }
        let start = current.range.start
        advance()
        let operand = try binary(minPrecedence: BinaryOperator.power.precedence)
        try rise(height)
        if case .number(var literal) = operand {
            if sign == .subtract { literal.value = -literal.value }
            literal.range.start = start
            return .number(literal)
        }
        return .unary(
            UnaryExpression(isNegative: sign == .subtract, operand: operand, start: start))
    }

    private mutating func primary() throws(ParseFailure) -> QueryExpression {
        let token = current
        height = 1
        switch token.kind {
        case .number, .duration: return .number(try numberLiteral())
        case .string: return .string(try stringLiteral())
        case .leftParen:
            advance()
            let content = try nested { (parser) throws(ParseFailure) in try parser.expression() }
            guard take(.rightParen) else { throw unexpected() }
            try rise(height)
            return .parenthesized(
                Parenthesized(
                    content: content,
                    range: SourceRange(start: token.range.start, end: lastClosing)))
        case .aggregate(let operation):
            switch peek().kind {
            case .leftParen, .keyword(.by), .keyword(.without):
                return .aggregate(try aggregation(operation))
            case .identifier, .metricIdentifier, .number, .duration, .string:
                advance()
                throw unexpected("aggregation")
            default: return .vector(try vectorSelector())
            }
        case .identifier:
            // Aggregations of another language have their labels in front, too.
            if peek().kind == .keyword(.by) || peek().kind == .keyword(.without),
                let words = MetricsQL.explanation(function: token.text)
            {
                throw failure(words, token.range)
            }
            return peek().kind == .leftParen
                ? .call(try functionCall()) : .vector(try vectorSelector())
        case .keyword(let word) where word.isPreprocessor && peek().kind == .leftParen:
            return .call(try functionCall())
        default: return .vector(try vectorSelector())
        }
    }

    mutating func numberLiteral() throws(ParseFailure) -> NumberLiteral {
        let token = current
        advance()
        if token.kind == .duration {
            guard let millis = DurationText.millis(token.text) else {
                throw failure(Self.durationMessage(token.text), token.range)
            }
            return NumberLiteral(
                value: Double(millis) / 1_000, isDuration: true, range: token.range)
        }
        guard let value = NumberText.parse(token.text) else {
            throw failure(
                "error parsing number: strconv.ParseFloat: parsing "
                    + "\(GoText.quote(token.text)): invalid syntax", token.range)
        }
        return NumberLiteral(value: value, range: token.range)
    }

    static func durationMessage(_ text: String) -> String {
        "not a valid duration string: \(GoText.quote(text))"
    }

    mutating func stringLiteral() throws(ParseFailure) -> StringLiteral {
        let token = current
        advance()
        do {
            return StringLiteral(bytes: try GoText.unquote(token.text), range: token.range)
        } catch {
            throw failure(
                "error unquoting string \(GoText.quote(token.text)): invalid syntax", token.range)
        }
    }

    /// Reads an operand and what is written behind it.
    private mutating func postfix() throws(ParseFailure) -> QueryExpression {
        var expression = try primary()
        while true {
            switch current.kind {
            case .keyword(.offset): try offset(&expression)
            case .at: try at(&expression)
            case .leftBracket:
                expression = try bracketed(expression)
                try rise(height)
            case .keyword(.anchored): try boundary(&expression, .anchored)
            case .keyword(.smoothed): try boundary(&expression, .smoothed)
            default: return expression
            }
        }
    }
}
