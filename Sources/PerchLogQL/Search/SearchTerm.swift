import PerchModel

/// One `field:value` of a search, and what it means.
struct SearchTerm {
    /// What a field must satisfy.
    enum Condition {
        case value(SearchOperator, SearchValue)
        case range(SearchRange)
    }

    var field: String
    var condition: Condition

    init(_ field: String, _ comparison: SearchOperator, _ value: SearchValue) {
        self.field = field
        condition = .value(comparison, value)
        if comparison == .matches, let range = Self.dotted(value, isLevel: Self.isLevel(field)) {
            condition = .range(range)
        }
    }

    init(_ field: String, _ range: SearchRange) {
        self.field = field
        condition = .range(range)
    }

    static func isLevel(_ field: String) -> Bool { field == "level" || field == "severity" }

    /// What a word or quoted text alone means.
    static func text(_ value: SearchValue) throws(SearchFailure) -> EventPredicate {
        guard !value.isQuoted else { return value.text.isEmpty ? .all : .anyText(value.text) }
        // A star at either end says "and anything more", which a search for text means anyway.
        var word = Substring(value.text)
        while word.hasPrefix("*") { word = word.dropFirst() }
        while word.hasSuffix("*") { word = word.dropLast() }
        guard word.contains("*") else { return word.isEmpty ? .all : .anyText(String(word)) }
        let inner = SearchValue(text: String(word), isQuoted: false, position: value.position)
        let pattern = try SearchPattern.proseWildcard(inner)
        return .or(SearchField.prose.map { .matches($0.reference, pattern) })
    }

    func predicate() throws(SearchFailure) -> EventPredicate {
        switch field {
        case "level", "severity": return try level()
        case "service": return try service()
        case "": return try SearchCondition(condition).any(of: SearchField.prose)
        case "body", "message", "msg": return try message()
        case "trace_id", "traceId", "span_id", "spanId": return try identifier()
        case "duration_ms":
            return try SearchCondition(condition).any(of: [
                SearchField.named(field), SearchField.durationInMillis,
            ])
        case "duration": return try duration()
        case "status": return try status()
        case "kind": return try kind()
        default: return try SearchCondition(condition).predicate(SearchField.named(field))
        }
    }

    // MARK: Fields with a meaning of their own

    private func service() throws(SearchFailure) -> EventPredicate {
        let named = try SearchCondition(condition).predicate(SearchField.service)
        // Senders that gave no name are shown under this one (OpenTelemetry resource conventions).
        guard case .value(.matches, let value) = condition, value.text == "unknown_service" else {
            return named
        }
        let reference = SearchField.service.reference
        return .or([named, .not(.exists(reference)), .equals(reference, "")])
    }

    private func level() throws(SearchFailure) -> EventPredicate {
        switch condition {
        case .range(let range):
            var parts: [EventPredicate] = []
            if let lower = range.lower {
                parts.append(try level(range.includesLower ? .greaterOrEqual : .greater, lower))
            }
            if let upper = range.upper {
                parts.append(try level(range.includesUpper ? .lessOrEqual : .less, upper))
            }
            return parts.isEmpty ? LevelPredicate.any : parts.count == 1 ? parts[0] : .and(parts)
        case .value(.pattern, let value):
            return .matches(LevelPredicate.text, try SearchPattern.regex(value))
        case .value(.matches, let value):
            let bare = BareValue(value)
            if bare.isStar { return LevelPredicate.any }
            if let level = LogLevel(text: value.text) { return LevelPredicate.matching([level]) }
            if let number = Int64(value.text) {
                return LevelPredicate.comparing(.equal, Double(number))
            }
            if let prefix = bare.prefix { return LevelPredicate.prefix(prefix) }
            return LevelPredicate.word(value.text)
        case .value(let comparison, let value): return try level(comparison, value)
        }
    }

    private func level(
        _ comparison: SearchOperator, _ value: SearchValue
    ) throws(SearchFailure) -> EventPredicate {
        if case .number(let number)? = SearchQuantity(value.text) {
            return LevelPredicate.comparing(SearchCondition.comparison(comparison), number)
        }
        guard let level = LogLevel(text: value.text) else {
            throw SearchFailure(
                position: value.position, found: value.shown,
                expected: "trace, debug, info, warn, error, fatal or a severity number",
                hint: SearchFailure.nearest(
                    to: value.text, among: LogLevel.allCases.flatMap(\.spellings)))
        }
        return LevelPredicate.matching(
            LogLevel.allCases.filter {
                switch comparison {
                case .less: $0 < level
                case .lessOrEqual: $0 <= level
                case .greater: $0 > level
                case .greaterOrEqual: $0 >= level
                case .matches, .differs, .pattern, .otherPattern: $0 == level
                }
            })
    }

    /// A message is prose, so it is searched and not compared whole.
    private func message() throws(SearchFailure) -> EventPredicate {
        let body = SearchField.body
        guard case .value(.matches, let value) = condition, !BareValue(value).isStar else {
            return try SearchCondition(condition).predicate(body)
        }
        let bare = BareValue(value)
        if bare.prefix != nil { return try SearchCondition(condition).predicate(body) }
        if let inner = bare.inner { return .contains(body.reference, inner) }
        guard bare.hasStar else { return .contains(body.reference, value.text) }
        return .matches(body.reference, try SearchPattern.proseWildcard(value))
    }

    private func identifier() throws(SearchFailure) -> EventPredicate {
        let name = field.hasPrefix("trace") ? RecordField.traceID : RecordField.spanID
        guard case .value(.matches, let value) = condition, !BareValue(value).hasStar else {
            return try SearchCondition(condition).predicate(SearchField.named(name))
        }
        // Ids are shown in lower case; other tools show them in upper case.
        let isHex = value.text.utf8.allSatisfy { Hex.value(of: $0) != nil }
        return .equals(FieldReference(name), isHex ? value.text.lowercased() : value.text)
    }

    /// With a unit, that of spans, or of an attribute whose text has a unit too; else the field of
    /// that name as it is.
    private func duration() throws(SearchFailure) -> EventPredicate {
        let ends: [SearchValue] =
            switch condition {
            case .value(let comparison, let value):
                comparison == .matches || comparison == .pattern ? [] : [value]
            case .range(let range): [range.lower, range.upper].compactMap { $0 }
            }
        for end in ends where SearchQuantity(end.text) == nil {
            throw SearchFailure(
                position: end.position, found: end.shown,
                expected: "a duration such as 250ms, 1.5s or 2m")
        }
        return try SearchCondition(condition).predicate(SearchField.duration)
    }

    private func status() throws(SearchFailure) -> EventPredicate {
        let names = ["unset": "0", "ok": "1", "error": "2"]
        guard case .value(.matches, let value) = condition,
            let code = names[value.text.lowercased()]
        else { return try SearchCondition(condition).any(of: SearchField.status) }
        return .or([
            .equals(FieldReference(RecordField.statusCode, space: .record), code),
            .equals(FieldReference("status"), value.text),
        ])
    }

    private func kind() throws(SearchFailure) -> EventPredicate {
        let names = [
            "internal": "1", "server": "2", "client": "3", "producer": "4", "consumer": "5",
        ]
        guard case .value(.matches, let value) = condition,
            let code = names[value.text.lowercased()]
        else { return try SearchCondition(condition).predicate(SearchField.named(field)) }
        return .or([
            .equals(FieldReference(RecordField.kind, space: .record), code),
            .equals(FieldReference(field, space: .attribute), value.text),
        ])
    }

    // MARK: Ranges

    /// `400..499`, `400..` or `..499`, when what stands at the ends can be compared.
    private static func dotted(_ value: SearchValue, isLevel: Bool) -> SearchRange? {
        let characters = Array(value.text)
        guard !value.isQuoted, characters.count > 2,
            let dots = characters.indices.dropLast().first(where: {
                characters[$0] == "." && characters[$0 + 1] == "."
            })
        else { return nil }
        let lower = String(characters[..<dots])
        let upper = String(characters[(dots + 2)...])
        for end in [lower, upper] where !end.isEmpty {
            guard SearchQuantity(end) != nil || isLevel && LogLevel(text: end) != nil else {
                return nil
            }
        }
        func part(_ text: String, _ distance: Int) -> SearchValue? {
            guard !text.isEmpty else { return nil }
            return SearchValue(text: text, isQuoted: false, position: value.position + distance)
        }
        return SearchRange(lower: part(lower, 0), upper: part(upper, dots + 2))
    }
}

/// What stars in a value say; in quotes they say nothing.
struct BareValue {
    private let text: String
    private let starCount: Int

    init(_ value: SearchValue) {
        text = value.text
        starCount = value.isQuoted ? 0 : value.text.count { $0 == "*" }
    }

    var hasStar: Bool { starCount > 0 }

    var isStar: Bool { starCount > 0 && starCount == text.count }

    /// What stands before a single star at the end.
    var prefix: String? {
        starCount == 1 && text.count > 1 && text.hasSuffix("*") ? String(text.dropLast()) : nil
    }

    /// What stands between a star at each end.
    var inner: String? {
        guard starCount == 2, text.count > 2, text.hasPrefix("*"), text.hasSuffix("*") else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }
}
