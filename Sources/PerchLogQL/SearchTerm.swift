import PerchModel

/// One `field:value` of a search, and what it means.
struct SearchTerm {
    var field: String
    var comparison: SearchOperator
    var value: SearchValue
    /// Where the value stands, for messages.
    var position: Int

    /// What a word or quoted text alone means.
    static func text(_ value: SearchValue) -> EventPredicate {
        guard !value.isQuoted else { return value.text.isEmpty ? .all : .anyText(value.text) }
        // A star at either end says "and anything more", which a search for text means anyway.
        var word = Substring(value.text)
        while word.hasPrefix("*") { word = word.dropFirst() }
        while word.hasSuffix("*") { word = word.dropLast() }
        return word.isEmpty ? .all : .anyText(String(word))
    }

    func predicate() throws(SearchFailure) -> EventPredicate {
        switch field {
        case "service": try service()
        case "level", "severity": try level()
        case "body", "message", "msg": try message()
        case "trace_id", "traceId", "span_id", "spanId": try identifier()
        case "duration_ms": try durationMillis()
        case "duration": try duration()
        case "status": try status()
        case "kind": try kind()
        default: try plain([FieldReference(field)])
        }
    }

    // MARK: Fields with a meaning of their own

    private func service() throws(SearchFailure) -> EventPredicate {
        let reference = FieldReference("service.name", space: .resource)
        let named = try plain([reference])
        // Senders that gave no name are shown under this one (OpenTelemetry resource conventions).
        guard comparison == .matches, value.text == "unknown_service" else { return named }
        return .or([named, .not(.exists(reference))])
    }

    private func level() throws(SearchFailure) -> EventPredicate {
        let level = LogLevel(text: value.text)
        guard comparison == .matches else {
            if let number = Double(value.text), number.isFinite {
                return LevelPredicate.comparing(numeric, number)
            }
            guard let level else {
                throw failure("trace, debug, info, warn, error, fatal or a severity number")
            }
            return LevelPredicate.matching(
                LogLevel.allCases.filter {
                    switch comparison {
                    case .matches: $0 == level
                    case .less: $0 < level
                    case .lessOrEqual: $0 <= level
                    case .greater: $0 > level
                    case .greaterOrEqual: $0 >= level
                    }
                })
        }
        if isStar { return LevelPredicate.any }
        if let level { return LevelPredicate.matching([level]) }
        if let prefix { return LevelPredicate.prefix(prefix) }
        return LevelPredicate.word(value.text)
    }

    /// A message is prose, so it is searched and not compared whole.
    private func message() throws(SearchFailure) -> EventPredicate {
        let reference = FieldReference(RecordField.body, space: .record)
        guard comparison == .matches, !isStar, prefix == nil else {
            return try plain([reference])
        }
        return .contains(reference, value.text)
    }

    private func identifier() throws(SearchFailure) -> EventPredicate {
        let name = field.hasPrefix("trace") ? RecordField.traceID : RecordField.spanID
        guard comparison == .matches, !isStar, prefix == nil else {
            return try plain([FieldReference(name)])
        }
        // Ids are shown in lower case; other tools show them in upper case.
        let isHex = value.text.utf8.allSatisfy { Hex.value(of: $0) != nil }
        return .equals(FieldReference(name), isHex ? value.text.lowercased() : value.text)
    }

    /// Spans keep nanoseconds; logs often have an attribute of this very name.
    private func durationMillis() throws(SearchFailure) -> EventPredicate {
        guard comparison != .matches else { return try plain([FieldReference(field)]) }
        let number = try number()
        return .or([
            .compares(Self.durationField, numeric, number * 1e6),
            .compares(FieldReference(field), numeric, number),
        ])
    }

    private func duration() throws(SearchFailure) -> EventPredicate {
        guard comparison != .matches else { return try plain([FieldReference(field)]) }
        if let nanos = Self.nanoseconds(value.text) {
            return .compares(Self.durationField, numeric, nanos)
        }
        guard Double(value.text) != nil else {
            throw failure("a duration such as 250ms, 1.5s or 2m")
        }
        return try plain([FieldReference(field)])
    }

    private func status() throws(SearchFailure) -> EventPredicate {
        let codes = [
            FieldReference("status"), FieldReference("http.response.status_code"),
            FieldReference("http.status_code"), FieldReference("statusCode"),
        ]
        let names = ["unset": "0", "ok": "1", "error": "2"]
        guard comparison == .matches, let code = names[value.text.lowercased()] else {
            return try plain(codes)
        }
        return .or([
            .equals(FieldReference(RecordField.statusCode, space: .record), code),
            .equals(FieldReference("status"), value.text),
        ])
    }

    private func kind() throws(SearchFailure) -> EventPredicate {
        let names = [
            "internal": "1", "server": "2", "client": "3", "producer": "4", "consumer": "5",
        ]
        guard comparison == .matches, let code = names[value.text.lowercased()] else {
            return try plain([FieldReference(field)])
        }
        return .or([
            .equals(FieldReference(RecordField.kind, space: .record), code),
            .equals(FieldReference(field, space: .attribute), value.text),
        ])
    }

    // MARK: Any other field

    /// The term over fields that mean the same; one of them must match.
    private func plain(_ references: [FieldReference]) throws(SearchFailure) -> EventPredicate {
        var parts: [EventPredicate] = []
        for reference in references { parts.append(try plain(reference)) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private func plain(_ reference: FieldReference) throws(SearchFailure) -> EventPredicate {
        guard comparison == .matches else {
            return .compares(reference, numeric, try number())
        }
        if isStar { return .exists(reference) }
        if let prefix { return .hasPrefix(reference, prefix) }
        if !value.isQuoted, value.text.hasPrefix("*") {
            let middle = value.text.dropFirst().dropLast()
            guard value.text.hasSuffix("*"), !middle.isEmpty else {
                throw failure("a star at the end (api*) or at both ends (*api*)")
            }
            return .contains(reference, String(middle))
        }
        return .equals(reference, value.text)
    }

    private static let durationField = FieldReference(RecordField.duration, space: .record)

    private var isStar: Bool { !value.isQuoted && value.text == "*" }

    /// What stands before a single star at the end.
    private var prefix: String? {
        guard !value.isQuoted, value.text.count > 1, value.text.hasSuffix("*"),
            !value.text.hasPrefix("*")
        else { return nil }
        return String(value.text.dropLast())
    }

    private var numeric: EventPredicate.Comparison {
        EventPredicate.Comparison(rawValue: comparison.rawValue) ?? .greaterOrEqual
    }

    private func number() throws(SearchFailure) -> Double {
        guard let number = Double(value.text), number.isFinite else {
            throw failure("a number after “\(field)\(comparison.rawValue)”")
        }
        return number
    }

    private func failure(_ expected: String) -> SearchFailure {
        SearchFailure(
            position: position, found: "“\(value.text.prefix(40))”", expected: expected)
    }

    /// The nanoseconds of `250ms`, or nil for anything else.
    static func nanoseconds(_ text: String) -> Double? {
        let units: [(suffix: String, nanos: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
            ("h", 3_600e9),
        ]
        for unit in units where text.hasSuffix(unit.suffix) {
            if let number = Double(text.dropLast(unit.suffix.count)), number.isFinite {
                return number * unit.nanos
            }
        }
        return nil
    }
}
