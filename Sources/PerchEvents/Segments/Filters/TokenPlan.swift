import PerchModel

/// What a predicate needs of the tokens of a block.
///
/// All texts of a block are in its filter, whatever their field; so is every id, as hex digits. Not in
/// it are numbers that are columns of their own.
struct TokenPlan: Sendable {
    private indirect enum Need: Sendable {
        /// Nothing is known.
        case nothing
        case all([Need])
        case any([Need])
        case token(UInt64)
    }

    private let need: Need

    init(_ predicate: EventPredicate) { need = Self.need(predicate) }

    /// Whether the filter can tell anything.
    var isUseful: Bool {
        if case .nothing = need { false } else { true }
    }

    /// Whether a row may satisfy the predicate, by which tokens may be there.
    func mayHold(_ token: (UInt64) throws -> Bool) rethrows -> Bool {
        try Self.mayHold(need, token)
    }

    private static func mayHold(
        _ need: Need, _ token: (UInt64) throws -> Bool
    ) rethrows -> Bool {
        switch need {
        case .nothing: return true
        case .token(let hash): return try token(hash)
        case .all(let parts):
            for part in parts where try !mayHold(part, token) { return false }
            return true
        case .any(let parts):
            for part in parts where try mayHold(part, token) { return true }
            return false
        }
    }

    private static func need(_ predicate: EventPredicate) -> Need {
        switch predicate {
        case .all, .not, .compares, .exists: return .nothing
        case .and(let parts): return all(parts.map(need))
        case .or(let parts):
            let needs = parts.map(need)
            let isOpen = needs.contains { if case .nothing = $0 { true } else { false } }
            return isOpen ? .nothing : .any(needs)
        case .equals(_, let text): return whole(text)
        case .hasPrefix(_, let text): return part(text, isAtStart: true)
        case .containsExactly(_, let text): return part(text, isAtStart: false)
        case .contains(_, let text), .anyText(let text):
            // Of hex digits only lower case is a token; an upper-case letter may be one here.
            return text.utf8.contains { $0 >= 0x41 && $0 <= 0x46 }
                ? .nothing : folded(text)
        case .matches(_, let pattern):
            return all(pattern.literals.map { part($0, isAtStart: false) })
        }
    }

    private static func all(_ needs: [Need]) -> Need {
        let useful = needs.filter { if case .nothing = $0 { false } else { true } }
        return useful.isEmpty ? .nothing : .all(useful)
    }

    /// A value that is this text: it has its tokens, or it is an id of these digits.
    ///
    /// A text without hex digits that are a token may be a number.
    private static func whole(_ text: String) -> Need {
        let bytes = Array(text.utf8)
        var scanner = TextScanner()
        guard scanner.scan(bytes.span, bytes.indices), !scanner.hex.isEmpty,
            !looksLikeNumber(bytes)
        else { return .nothing }
        let tokens = tokens(scanner, bytes, isAtStart: true, isAtEnd: true)
        return .any([
            .all(tokens), .token(TokenFilter.hash(bytes.span, bytes.indices)),
        ])
    }

    /// A value that has this text in it: it has the tokens that do not reach to an end, where more
    /// could follow.
    private static func part(_ text: String, isAtStart: Bool) -> Need {
        let bytes = Array(text.utf8)
        var scanner = TextScanner()
        guard scanner.scan(bytes.span, bytes.indices), !looksLikeNumber(bytes) else {
            return .nothing
        }
        let needs = tokens(scanner, bytes, isAtStart: isAtStart, isAtEnd: false)
        return needs.isEmpty ? .nothing : .all(needs)
    }

    /// The same where letter case does not count: a token of digits alone is the same in either.
    private static func folded(_ text: String) -> Need {
        let bytes = Array(text.utf8)
        var scanner = TextScanner()
        guard scanner.scan(bytes.span, bytes.indices), scanner.hex.isEmpty else {
            return .nothing
        }
        return part(text, isAtStart: false)
    }

    /// Whether it may be (part of) the text of a double, which has no tokens.
    private static func looksLikeNumber(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { "0123456789.e+-".utf8.contains($0) }
    }

    /// The tokens of a text whose run of letters and digits ends within it, or where it ends.
    private static func tokens(
        _ scanner: TextScanner, _ bytes: [UInt8], isAtStart: Bool, isAtEnd: Bool
    ) -> [Need] {
        func isWhole(_ range: Range<Int>) -> Bool {
            var (start, end) = (range.lowerBound, range.upperBound)
            while start > 0, TextScanner.isInRun(bytes[start - 1]) { start -= 1 }
            while end < bytes.count, TextScanner.isInRun(bytes[end]) { end += 1 }
            return (isAtStart || start > 0) && (isAtEnd || end < bytes.count)
        }
        var found = scanner.hex.filter(isWhole)
        found += scanner.numberRanges.filter {
            $0.count >= TokenCollector.digitCountMin && isWhole($0)
        }
        return found.map { .token(TokenFilter.hash(bytes.span, $0)) }
    }
}
