import PerchModel
import PerchRegex

/// A condition on a line, ready to run.
struct LineTest: Sendable {
    private enum Needle: Sendable {
        case text([UInt8], ByteNeedle)
        case regex(Regex)
        case pattern(LinePattern, String)
        case address(AddressPattern, String)
    }

    private let needles: [Needle]
    private let isNegative: Bool

    init(_ filter: LineFilter) throws(LogQLFailure) {
        isNegative = filter.operation.isNegative
        var needles: [Needle] = []
        for needle in filter.needles {
            needles.append(try Self.needle(needle, filter.operation))
        }
        self.needles = needles
    }

    private static func needle(
        _ needle: LineFilter.Needle, _ operation: LineFilter.Operation
    ) throws(LogQLFailure) -> Needle {
        if needle.isAddress {
            guard let pattern = AddressPattern(needle.text) else {
                throw .parse("ip: invalid pattern \(LogQLText.quote(needle.text))")
            }
            return .address(pattern, needle.text)
        }
        switch operation {
        case .contains, .containsNot: return text(needle.text)
        case .hasPattern, .hasPatternNot:
            return .pattern(try LinePattern(needle.text, isFilter: true), needle.text)
        case .matches, .matchesNot:
            let plain = needle.text.utf8.allSatisfy {
                $0.isLogQLLetter || $0.isLogQLDigit || $0 >= 0x80
                    || [0x20, 0x2c, 0x3a, 0x3b, 0x3d, 0x2f, 0x22, 0x27, 0x2d].contains($0)
            }
            return plain ? text(needle.text) : .regex(try TextTest.regex(needle.text))
        }
    }

    private static func text(_ text: String) -> Needle {
        let bytes = Array(text.utf8)
        return .text(bytes, ByteNeedle(bytes))
    }

    /// Whether a line stays.
    func holds(_ line: Span<UInt8>) -> Bool {
        for needle in needles where holds(needle, line) { return !isNegative }
        return isNegative
    }

    private func holds(_ needle: Needle, _ line: Span<UInt8>) -> Bool {
        switch needle {
        case .text(_, let search): search.firstIndex(in: line, from: 0) != nil
        case .regex(let regex): regex.matches(in: line)
        case .pattern(let pattern, _): pattern.matches(line)
        case .address(let pattern, _): pattern.isContained(in: line)
        }
    }

    /// The condition over the body; one that is missing is an empty line.
    var predicate: EventPredicate {
        let body = LabelCatalog.body
        let parts = needles.map { needle -> EventPredicate in
            switch needle {
            case .text(let bytes, _):
                return bytes.isEmpty
                    ? .all : .containsExactly(body, String(decoding: bytes, as: UTF8.self))
            case .regex(let regex):
                let literals = regex.requiredLiterals.compactMap { group in
                    group.count == 1 ? group.first.map { String(decoding: $0, as: UTF8.self) } : nil
                }
                return orMissing(
                    needle,
                    .matches(
                        body,
                        TextPattern("line ~ \(regex.pattern)", literals: literals) {
                            regex.matches(in: $0)
                        }))
            case .pattern(let pattern, let text):
                return orMissing(
                    needle,
                    .matches(
                        body,
                        TextPattern(
                            "line > \(text)",
                            literals: pattern.literals.map { String(decoding: $0, as: UTF8.self) },
                            test: { pattern.matches($0) })))
            case .address(let pattern, let text):
                return .matches(
                    body, TextPattern("line ip \(text)", test: { pattern.isContained(in: $0) }))
            }
        }
        let any: EventPredicate = parts.count == 1 ? parts[0] : .or(parts)
        return isNegative ? .not(any) : any
    }

    private func orMissing(_ needle: Needle, _ predicate: EventPredicate) -> EventPredicate {
        holdsEmpty(needle) ? .or([predicate, .not(.exists(LabelCatalog.body))]) : predicate
    }

    private func holdsEmpty(_ needle: Needle) -> Bool {
        let empty: [UInt8] = []
        return holds(needle, empty.span)
    }
}
