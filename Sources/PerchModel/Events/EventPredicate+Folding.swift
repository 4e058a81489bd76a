extension EventPredicate {
    /// No row.
    package static let none = EventPredicate.not(.all)

    /// The field that this is a condition on; nil for what combines others, and for any text.
    package var field: FieldReference? {
        switch self {
        case .equals(let field, _), .contains(let field, _), .containsExactly(let field, _),
            .matches(let field, _), .hasPrefix(let field, _), .compares(let field, _, _),
            .exists(let field):
            field
        case .all, .and, .or, .not, .anyText: nil
        }
    }

    /// The condition on one field that this is.
    package var condition: (field: FieldReference, test: ValueTest)? {
        switch self {
        case .equals(let field, let text): (field, ValueTest(.equals, text))
        case .contains(let field, let text): (field, ValueTest(.contains, text))
        case .containsExactly(let field, let text): (field, ValueTest(.containsExactly, text))
        case .matches(let field, let pattern): (field, ValueTest(.matches(pattern)))
        case .hasPrefix(let field, let text): (field, ValueTest(.hasPrefix, text))
        case .compares(let field, let comparison, let number):
            (field, ValueTest(.compares(comparison, number)))
        case .exists(let field): (field, ValueTest(.exists))
        case .all, .and, .or, .not, .anyText: nil
        }
    }

    /// What is left of this where `known` tells of a condition that it holds for all rows, or for
    /// none; it answers nil where it cannot tell.
    package func folded(_ known: (EventPredicate) -> Bool?) -> EventPredicate {
        switch self {
        case .all: return .all
        case .and(let parts):
            var left: [EventPredicate] = []
            for part in parts {
                let part = part.folded(known)
                if part.isNone { return .none }
                switch part {
                case .all: continue
                case .and(let inner): left += inner
                default: left.append(part)
                }
            }
            return left.count > 1 ? .and(left) : left.first ?? .all
        case .or(let parts):
            var left: [EventPredicate] = []
            for part in parts {
                let part = part.folded(known)
                if part.isAll { return .all }
                if !part.isNone { left.append(part) }
            }
            return left.count > 1 ? .or(left) : left.first ?? .none
        case .not(let part):
            let part = part.folded(known)
            if case .not(let inner) = part { return inner }
            return .not(part)
        case .equals, .contains, .containsExactly, .matches, .hasPrefix, .compares, .exists,
            .anyText:
            return known(self).map { $0 ? .all : .none } ?? self
        }
    }

    /// Whether this is ``all`` as such.
    package var isAll: Bool { if case .all = self { true } else { false } }

    /// Whether this is ``none`` as such.
    package var isNone: Bool { if case .not(.all) = self { true } else { false } }
}
