/// A part of a query's text, in bytes.
package struct SourceRange: Sendable, Hashable {
    package var start: Int
    package var end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// From the start of one to the end of another.
    package static func spanning(_ first: SourceRange, _ last: SourceRange) -> SourceRange {
        SourceRange(start: first.start, end: last.end)
    }

    /// Where it starts, as `line:column`, both from 1 and in bytes.
    package func position(in query: String) -> String {
        guard !query.isEmpty else { return "unknown position" }
        guard (0...query.utf8.count).contains(start) else { return "invalid position" }
        var line = 1
        var lastBreak = -1
        for (index, byte) in query.utf8.prefix(start).enumerated() where byte == 0x0a {
            line += 1
            lastBreak = index
        }
        return "\(line):\(start - lastBreak)"
    }
}

/// Why a text is no query.
package struct ParseFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package var range: SourceRange
    package var query: String

    /// As Prometheus words it.
    package var description: String {
        "\(range.position(in: query)): parse error: \(message)"
    }
}
