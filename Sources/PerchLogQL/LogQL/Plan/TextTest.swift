import PerchModel
import PerchRegex

/// A question to a text, as label matchers and label filters ask it.
struct TextTest: Sendable {
    private enum Kind: Sendable {
        case equals([UInt8])
        case matches(Regex)
        case number(LabelFilter.Comparison, Double)
        case duration(LabelFilter.Comparison, Double)
        case bytes(LabelFilter.Comparison, Double)
        case address(AddressPattern)
    }

    private let kind: Kind
    /// Whether a text that does not satisfy is wanted.
    private let isNegative: Bool
    /// Whether a missing label is never wanted.
    private let needsValue: Bool
    /// What it means, for comparing.
    private let name: String

    init(_ matcher: LabelMatcher) throws(LogQLFailure) {
        isNegative = matcher.operation == .notEqual || matcher.operation == .notMatches
        needsValue = false
        name = "\(matcher.operation.rawValue)\(matcher.value)"
        switch matcher.operation {
        case .equal, .notEqual: kind = .equals(Array(matcher.value.utf8))
        case .matches, .notMatches:
            let regex = try Self.regex(matcher.value)
            // A pattern that is one word is that word.
            if let words = regex.exactValues, words.count == 1 {
                kind = .equals(Array(words[0].utf8))
            } else {
                kind = .matches(regex)
            }
        }
    }

    /// A filter that is one condition, and the label it is about.
    init(number comparison: LabelFilter.Comparison, _ value: Double) {
        self.init(.number(comparison, value), "number \(comparison.rawValue) \(value)")
    }

    init(duration comparison: LabelFilter.Comparison, _ nanos: Double) {
        self.init(.duration(comparison, nanos), "duration \(comparison.rawValue) \(nanos)")
    }

    init(bytes comparison: LabelFilter.Comparison, _ count: Double) {
        self.init(.bytes(comparison, count), "bytes \(comparison.rawValue) \(count)")
    }

    init(address pattern: AddressPattern, isNegative: Bool, name: String) {
        kind = .address(pattern)
        self.isNegative = isNegative
        needsValue = true
        self.name = "ip \(isNegative) \(name)"
    }

    private init(_ kind: Kind, _ name: String) {
        self.kind = kind
        isNegative = false
        needsValue = true
        self.name = name
    }

    static func regex(_ pattern: String) throws(LogQLFailure) -> Regex {
        do {
            return try Regex(pattern)
        } catch {
            throw .parse("error parsing regexp: \(error.message)")
        }
    }

    /// Whether a text satisfies; the empty text is a missing label.
    func holds(_ text: Span<UInt8>) -> Bool {
        if needsValue, text.count == 0 { return false }
        return holdsPlainly(text) != isNegative
    }

    func holds(_ text: String) -> Bool { holds(Array(text.utf8).span) }

    private func holdsPlainly(_ text: Span<UInt8>) -> Bool {
        switch kind {
        case .equals(let wanted):
            guard wanted.count == text.count else { return false }
            for index in wanted.indices where wanted[index] != text[index] { return false }
            return true
        case .matches(let regex): return regex.matchesFully(text)
        case .number(let comparison, let wanted):
            return LabelNumber.decimal(text).map { comparison.holds($0, wanted) } ?? false
        case .duration(let comparison, let wanted):
            return LabelNumber.durationNanos(text).map { comparison.holds($0, wanted) } ?? false
        case .bytes(let comparison, let wanted):
            return LabelNumber.byteCount(text).map { comparison.holds($0, wanted) } ?? false
        case .address(let pattern): return pattern.matches(text)
        }
    }

    // MARK: As a condition of a store

    /// The condition that the field's text, where the row has the field, satisfies.
    ///
    /// Of an empty text it may say anything.
    private func positive(_ field: FieldReference) -> EventPredicate {
        switch kind {
        case .equals(let wanted): return .equals(field, String(decoding: wanted, as: UTF8.self))
        case .matches(let regex):
            if regex.matchesEverything { return .exists(field) }
            if let words = regex.exactValues, words.count <= Limits.wordsComparedMax {
                return .or(words.map { .equals(field, $0) })
            }
            let literals = regex.requiredLiterals.compactMap { group in
                group.count == 1 ? group.first.map { String(decoding: $0, as: UTF8.self) } : nil
            }
            return .matches(
                field, TextPattern("label \(name)", literals: literals, test: regex.matchesFully))
        case .number(let comparison, let wanted):
            let reversed: [EventPredicate] = [
                .compares(field, .less, wanted), .compares(field, .greater, wanted),
            ]
            switch comparison {
            case .equal: return .compares(field, .equal, wanted)
            case .notEqual: return .or(reversed)
            case .greater: return .compares(field, .greater, wanted)
            case .greaterOrEqual: return .compares(field, .greaterOrEqual, wanted)
            case .less: return .compares(field, .less, wanted)
            case .lessOrEqual: return .compares(field, .lessOrEqual, wanted)
            }
        case .duration, .bytes, .address:
            return .matches(field, TextPattern("label \(name)", test: { holdsPlainly($0) }))
        }
    }

    /// The condition that a label, which comes from the first of some fields, satisfies.
    func predicate(_ fields: [FieldReference], missing: String) -> EventPredicate {
        let emptyHolds = missing.isEmpty ? holds("") : holds(missing)
        guard let first = fields.first else { return emptyHolds ? .all : .not(.all) }
        let nothing: [UInt8] = []
        let plainEmpty = holdsPlainly(nothing.span)
        if !needsValue, isAnything { return isNegative ? .not(.all) : .all }
        // `x != ""` and the like: what is not missing.
        if fields.count == 1, !needsValue, missing.isEmpty, isEmptyTest {
            let present: EventPredicate = .and([.exists(first), .not(.equals(first, ""))])
            return isNegative ? present : .not(present)
        }
        var parts: [EventPredicate] = []
        var before: [EventPredicate] = []
        for field in fields {
            var condition = positive(field)
            if plainEmpty, !needsValue { condition = .and([condition, .not(.equals(field, ""))]) }
            parts.append(before.isEmpty ? condition : .and(before + [condition]))
            before.append(.not(.exists(field)))
        }
        if needsValue {
            let found: EventPredicate = parts.count == 1 ? parts[0] : .or(parts)
            guard isNegative else { return found }
            // Another address than these: there must be a value.
            return .and([.or(fields.map { .exists($0) }), .not(found), .not(empty(fields))])
        }
        if emptyHolds != isNegative { parts.append(empty(fields)) }
        let found: EventPredicate = parts.count == 1 ? parts[0] : .or(parts)
        return isNegative ? .not(found) : found
    }

    /// The condition that the first field that a row has is empty, or that it has none.
    private func empty(_ fields: [FieldReference]) -> EventPredicate {
        var parts: [EventPredicate] = []
        var before: [EventPredicate] = []
        for field in fields {
            parts.append(.and(before + [.equals(field, "")]))
            before.append(.not(.exists(field)))
        }
        parts.append(.and(before))
        return .or(parts)
    }

    private var isAnything: Bool {
        if case .matches(let regex) = kind { return regex.matchesEverything }
        return false
    }

    /// Whether it only asks whether there is a value.
    private var isEmptyTest: Bool {
        if case .equals(let wanted) = kind { return wanted.isEmpty }
        return false
    }
}

extension LabelFilter.Comparison {
    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .less: left < right
        case .lessOrEqual: left <= right
        }
    }
}
