import PerchModel

/// What a block's list of columns says about a predicate, before any column is read.
extension EventPredicate {
    /// Whether evaluating this looks at a column.
    func looks(at entry: SegmentDirectory.Entry) -> Bool {
        switch self {
        case .all: false
        case .and(let parts), .or(let parts): parts.contains { $0.looks(at: entry) }
        case .not(let part): part.looks(at: entry)
        case .equals(let field, _), .contains(let field, _), .containsExactly(let field, _),
            .matches(let field, _), .hasPrefix(let field, _), .compares(let field, _, _),
            .exists(let field):
            entry.isOf(field)
        case .anyText:
            Column(name: entry.name, space: entry.space, kind: entry.kind).isSearchedText
        }
    }

    /// Whether evaluating this looks at values of resources.
    func looksAtResources(of directory: SegmentDirectory) -> Bool {
        switch self {
        case .all, .anyText: false
        case .and(let parts), .or(let parts):
            parts.contains { $0.looksAtResources(of: directory) }
        case .not(let part): part.looksAtResources(of: directory)
        case .equals(let field, _), .contains(let field, _), .containsExactly(let field, _),
            .matches(let field, _), .hasPrefix(let field, _), .compares(let field, _, _),
            .exists(let field):
            directory.resourcesHave(field)
        }
    }

    /// False only where no row of the block can satisfy this.
    func mayHold(in directory: SegmentDirectory) -> Bool {
        switch self {
        case .all, .not: return true
        case .and(let parts): return parts.allSatisfy { $0.mayHold(in: directory) }
        case .or(let parts): return parts.contains { $0.mayHold(in: directory) }
        case .equals(let field, _), .contains(let field, _), .containsExactly(let field, _),
            .matches(let field, _), .hasPrefix(let field, _), .exists(let field):
            return directory.has(field)
        case .compares(let field, let comparison, let number):
            if directory.resourcesHave(field) { return true }
            return directory.columns.contains { entry in
                guard entry.isOf(field) else { return false }
                guard let least = entry.least, let greatest = entry.greatest else {
                    return entry.kind == .string || entry.kind == .double || entry.kind == .int
                }
                switch comparison {
                case .less, .lessOrEqual: return comparison.holds(least, number)
                case .greater, .greaterOrEqual: return comparison.holds(greatest, number)
                case .equal: return least <= number && greatest >= number
                }
            }
        case .anyText: return directory.columns.contains { looks(at: $0) }
        }
    }
}

extension SegmentDirectory.Entry {
    fileprivate func isOf(_ field: FieldReference) -> Bool {
        (field.space == nil || field.space == space) && name == field.name
    }
}

extension SegmentDirectory {
    fileprivate func has(_ field: FieldReference) -> Bool {
        columns.contains { $0.isOf(field) } || resourcesHave(field)
    }

    fileprivate func resourcesHave(_ field: FieldReference) -> Bool {
        (field.space == nil || field.space == .resource)
            && resources.contains { $0[field.name] != nil }
    }
}
