package import PerchModel
import PerchRegex

/// Reads LogQL.
///
/// Source: Grafana Loki's documentation "LogQL", and the verdicts and words of its own parser. Range
/// and metric expressions stand in files of their own.
package struct LogQLParser {
    private let tokens: [LogQLToken]
    private var place = 0
    private var depth = 0
    private var nodes = 0

    private init(_ text: String) throws(LogQLFailure) {
        guard text.utf8.count <= Limits.logQLByteCountMax else {
            throw .parse("query of \(text.utf8.count) bytes; at most \(Limits.logQLByteCountMax)")
        }
        tokens = try LogQLLexer.tokens(text)
    }

    /// The query that a text is.
    package static func parse(_ text: String) throws(LogQLFailure) -> LogQLExpression {
        var parser = try LogQLParser(text)
        let parsed = try parser.expression(minimum: 1)
        guard parser.token.kind == .end else { throw parser.unexpected() }
        return try parsed.query()
    }

    /// The matchers of a text that is a stream selector and nothing else.
    package static func parseMatchers(_ text: String) throws(LogQLFailure) -> [LabelMatcher] {
        guard case .lines(let selector) = try parse(text), selector.stages.isEmpty else {
            throw .parse("only label matchers are supported")
        }
        return selector.matchers
    }

    // MARK: Tokens

    var token: LogQLToken { tokens[place] }

    /// The token after the next.
    var following: LogQLToken { tokens[min(place + 1, tokens.count - 1)] }

    mutating func advance() {
        place = min(place + 1, tokens.count - 1)
    }

    func isSign(_ text: String) -> Bool { token.kind == .sign && token.text == text }

    mutating func take(_ text: String) -> Bool {
        guard isSign(text) else { return false }
        advance()
        return true
    }

    mutating func expect(_ text: String, or others: String...) throws(LogQLFailure) {
        guard take(text) else {
            throw unexpected(([text] + others).joined(separator: " or "))
        }
    }

    func failure(_ message: String) -> LogQLFailure {
        .parse(message: message, line: token.line, column: token.column)
    }

    func unexpected(_ expected: String? = nil) -> LogQLFailure {
        failure(
            "syntax error: unexpected \(token.name)" + (expected.map { ", expecting \($0)" } ?? ""))
    }

    mutating func identifier() throws(LogQLFailure) -> String {
        guard token.kind == .identifier else { throw unexpected("IDENTIFIER") }
        defer { advance() }
        return token.text
    }

    mutating func string() throws(LogQLFailure) -> String {
        guard token.kind == .string else { throw unexpected("STRING") }
        defer { advance() }
        return token.text
    }

    /// One level deeper; the parser recurses once for each.
    mutating func enter() throws(LogQLFailure) {
        depth += 1
        nodes += 1
        guard depth <= Limits.logQLNestingMax else {
            throw failure("more than \(Limits.logQLNestingMax) expressions within each other")
        }
        guard nodes <= Limits.logQLNodesMax else {
            throw failure("more than \(Limits.logQLNodesMax) parts")
        }
    }

    mutating func leave() {
        depth -= 1
    }

    /// Counts a part that needs no recursion.
    mutating func count() throws(LogQLFailure) {
        nodes += 1
        guard nodes <= Limits.logQLNodesMax else {
            throw failure("more than \(Limits.logQLNodesMax) parts")
        }
    }

    /// A pattern that was checked.
    func checked(_ pattern: String) throws(LogQLFailure) -> String {
        do {
            _ = try Regex(pattern)
            return pattern
        } catch {
            throw .parse("error parsing regexp: \(error.message)")
        }
    }
}
