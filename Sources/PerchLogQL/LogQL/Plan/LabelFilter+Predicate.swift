import PerchModel

extension LabelFilter {
    /// The test of a filter that is one condition, and the label it is about; nil for several.
    func single() throws(LogQLFailure) -> (label: String, test: TextTest)? {
        switch self {
        case .and, .or: return nil
        case .text(let matcher): return (matcher.name, try TextTest(matcher))
        case .number(let label, let comparison, let value):
            return (label, TextTest(number: comparison, value))
        case .duration(let label, let comparison, let nanos, _):
            return (label, TextTest(duration: comparison, nanos))
        case .bytes(let label, let comparison, let count, _):
            return (label, TextTest(bytes: comparison, count))
        case .address(let label, let isNegative, let text):
            guard let pattern = AddressPattern(text) else {
                throw .parse("ip: invalid pattern \(LogQLText.quote(text))")
            }
            return (label, TextTest(address: pattern, isNegative: isNegative, name: text))
        }
    }

    /// The condition over fields.
    func predicate(_ catalog: LabelCatalog) throws(LogQLFailure) -> EventPredicate {
        switch self {
        case .and(let left, let right):
            return .and([try left.predicate(catalog), try right.predicate(catalog)])
        case .or(let left, let right):
            return .or([try left.predicate(catalog), try right.predicate(catalog)])
        case .text, .number, .duration, .bytes, .address:
            guard let (label, test) = try single() else { return .all }
            return LabelPredicate.make(label, test, catalog)
        }
    }

    /// The labels it is about.
    var labels: [String] {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.labels + right.labels
        case .text(let matcher): [matcher.name]
        case .number(let label, _, _), .duration(let label, _, _, _), .bytes(let label, _, _, _),
            .address(let label, _, _):
            [label]
        }
    }
}

/// Conditions on labels as conditions on fields.
enum LabelPredicate {
    static func make(_ matcher: LabelMatcher, _ catalog: LabelCatalog) throws(LogQLFailure)
        -> EventPredicate
    {
        make(matcher.name, try TextTest(matcher), catalog)
    }

    static func make(
        _ label: String, _ test: TextTest, _ catalog: LabelCatalog
    ) -> EventPredicate {
        guard label == LabelCatalog.level else {
            return test.predicate(
                catalog.references(label), missing: LabelCatalog.missing(label))
        }
        return level(test)
    }

    private static let number = FieldReference(RecordField.severityNumber, space: .record)
    private static let text = FieldReference(RecordField.severityText, space: .record)

    /// A record's level is that of its number, or that of its own word when it has no number.
    private static func level(_ test: TextTest) -> EventPredicate {
        let wanted = LogLevel.allCases.filter { test.holds($0.name) }
        let wantsUnknown = test.holds(LogLevel.unknownName)
        if wanted.count == LogLevel.allCases.count { return wantsUnknown ? .all : known }
        if wanted.isEmpty { return wantsUnknown ? .not(known) : .not(.all) }
        // The shorter list of both.
        if wantsUnknown {
            let others = LogLevel.allCases.filter { !wanted.contains($0) }
            return .not(any(of: others))
        }
        return any(of: wanted)
    }

    private static var numbered: EventPredicate {
        .and([.compares(number, .greaterOrEqual, 1), .compares(number, .lessOrEqual, 24)])
    }

    private static var known: EventPredicate {
        .or([numbered, .matches(text, pattern(LogLevel.allCases))])
    }

    private static func any(of levels: [LogLevel]) -> EventPredicate {
        var parts = levels.map { level -> EventPredicate in
            .and([
                .compares(number, .greaterOrEqual, Double(level.numbers.lowerBound)),
                .compares(number, .lessOrEqual, Double(level.numbers.upperBound)),
            ])
        }
        parts.append(.and([.not(numbered), .matches(text, pattern(levels))]))
        return .or(parts)
    }

    private static func pattern(_ levels: [LogLevel]) -> TextPattern {
        TextPattern("level " + levels.map(\.name).joined(separator: "|")) { word in
            guard word.count <= 16,
                let level = LogLevel(text: String(decoding: Array(word), as: UTF8.self))
            else { return false }
            return levels.contains(level)
        }
    }
}
