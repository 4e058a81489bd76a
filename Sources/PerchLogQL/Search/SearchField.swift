import PerchModel

/// A field of a search, with what numbers in it count.
struct SearchField {
    var reference: FieldReference
    /// Nanoseconds that one counts, where it is a duration.
    var unit: Double?
    /// What a number without a unit is multiplied by to be compared.
    var scale = 1.0
    /// Whether it is compared with durations only.
    var isDuration = false

    /// A field by its name.
    static func named(_ name: String) -> SearchField {
        SearchField(reference: FieldReference(name), unit: SearchQuantity.unit(ofField: name))
    }

    static let service = SearchField(
        reference: FieldReference("service.name", space: .resource))
    static let body = SearchField(reference: FieldReference(RecordField.body, space: .record))
    static let duration = SearchField(
        reference: FieldReference(RecordField.duration), isDuration: true)
    /// The duration of spans, compared with milliseconds.
    static let durationInMillis = SearchField(
        reference: FieldReference(RecordField.duration, space: .record), unit: 1, scale: 1e6)
    /// Where people write: the message of logs, the name of spans.
    static let prose = [
        body, SearchField(reference: FieldReference(RecordField.name, space: .record)),
    ]
    /// The fields that may hold the status of a request.
    static let status = [
        "status", "http.response.status_code", "http.status_code", "statusCode",
    ].map { SearchField.named($0) }
}

/// Applies what a term says to fields.
struct SearchCondition {
    private let condition: SearchTerm.Condition

    init(_ condition: SearchTerm.Condition) {
        self.condition = condition
    }

    /// One of these fields satisfies it.
    func any(of fields: [SearchField]) throws(SearchFailure) -> EventPredicate {
        var parts: [EventPredicate] = []
        for field in fields { parts.append(try predicate(field)) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    /// The field satisfies it.
    func predicate(_ field: SearchField) throws(SearchFailure) -> EventPredicate {
        switch condition {
        case .range(let range):
            var parts: [EventPredicate] = []
            if let lower = range.lower {
                let comparison = range.includesLower ? SearchOperator.greaterOrEqual : .greater
                parts.append(try compared(field, comparison, lower))
            }
            if let upper = range.upper {
                let comparison = range.includesUpper ? SearchOperator.lessOrEqual : .less
                parts.append(try compared(field, comparison, upper))
            }
            if parts.isEmpty { return .exists(field.reference) }
            return parts.count == 1 ? parts[0] : .and(parts)
        case .value(.pattern, let value):
            return .matches(field.reference, try SearchPattern.regex(value))
        case .value(.matches, let value): return try matching(field, value)
        case .value(let comparison, let value): return try compared(field, comparison, value)
        }
    }

    private func matching(
        _ field: SearchField, _ value: SearchValue
    ) throws(SearchFailure) -> EventPredicate {
        let reference = field.reference
        let bare = BareValue(value)
        if bare.isStar { return .exists(reference) }
        if field.scale != 1 {
            guard case .number? = SearchQuantity(value.text) else { return .not(.all) }
            return try compared(field, .matches, value)
        }
        if let prefix = bare.prefix { return .hasPrefix(reference, prefix) }
        if let inner = bare.inner { return .contains(reference, inner) }
        if bare.hasStar { return .matches(reference, try SearchPattern.wildcard(value)) }
        let forms = value.isQuoted ? [value.text] : SearchQuantity.forms(value.text)
        return forms.count == 1
            ? .equals(reference, forms[0]) : .or(forms.map { .equals(reference, $0) })
    }

    private func compared(
        _ field: SearchField, _ comparison: SearchOperator, _ value: SearchValue
    ) throws(SearchFailure) -> EventPredicate {
        let test = Self.comparison(comparison)
        switch SearchQuantity(value.text) {
        case .number(let number):
            return .compares(field.reference, test, number * field.scale)
        case .duration(let nanos):
            if field.isDuration {
                // Spans keep nanoseconds, attributes of that name whatever their logger wrote.
                let record = FieldReference(field.reference.name, space: .record)
                return .or([
                    .compares(record, test, nanos),
                    .matches(field.reference, SearchPattern.duration(test, nanos)),
                ])
            }
            if let unit = field.unit { return .compares(field.reference, test, nanos / unit) }
            return .matches(field.reference, SearchPattern.duration(test, nanos))
        case .size(let bytes):
            return .or([
                .compares(field.reference, test, bytes),
                .matches(field.reference, SearchPattern.size(test, bytes)),
            ])
        case nil:
            throw SearchFailure(
                position: value.position, found: value.shown,
                expected: "a number, a duration such as 250ms or a size such as 10MB")
        }
    }

    static func comparison(_ comparison: SearchOperator) -> EventPredicate.Comparison {
        EventPredicate.Comparison(rawValue: comparison.rawValue) ?? .equal
    }
}
