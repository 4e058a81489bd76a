import PerchModel

/// What a block's list of columns says about a predicate, before any column is read.
extension EventPredicate {
    /// Adds the places of the columns that evaluating this looks at.
    func addPlaces(in directory: SegmentDirectory, to places: inout Set<Int>) {
        switch self {
        case .all: return
        case .and(let parts), .or(let parts):
            for part in parts { part.addPlaces(in: directory, to: &places) }
        case .not(let part): part.addPlaces(in: directory, to: &places)
        case .equals(let field, _), .contains(let field, _), .containsExactly(let field, _),
            .matches(let field, _), .hasPrefix(let field, _), .compares(let field, _, _),
            .exists(let field):
            places.formUnion(directory.places(of: field))
        case .anyText: places.formUnion(directory.searchedTexts)
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
            return directory.places(of: field).contains { place in
                let entry = directory.columns[place]
                guard let least = entry.least, let greatest = entry.greatest else {
                    return entry.kind == .string || entry.kind == .double || entry.kind == .int
                }
                switch comparison {
                case .less, .lessOrEqual: return comparison.holds(least, number)
                case .greater, .greaterOrEqual: return comparison.holds(greatest, number)
                case .equal: return least <= number && greatest >= number
                }
            }
        case .anyText: return !directory.searchedTexts.isEmpty
        }
    }
}

extension SegmentDirectory {
    /// Where the columns are that a field may be in.
    func places(of field: FieldReference) -> [Int] {
        guard let places = places[field.name] else { return [] }
        guard let space = field.space else { return places }
        return places.filter { columns[$0].space == space }
    }

    /// The columns that an answer holds, in their order.
    func entries(of projection: EventQuery.Projection) -> [Entry] {
        guard case .fields(let fields) = projection else { return columns }
        var wanted: Set<Int> = []
        for field in fields { wanted.formUnion(places(of: field)) }
        // Weights always come.
        let weight = FieldReference(RecordField.weight, space: .record)
        wanted.formUnion(places(of: weight).filter { columns[$0].kind == .int })
        return wanted.sorted().map { columns[$0] }
    }

    /// Where the columns are that a search of any text looks at.
    fileprivate var searchedTexts: [Int] {
        columns.indices.filter { place in
            let entry = columns[place]
            return Column(name: entry.name, space: entry.space, kind: entry.kind).isSearchedText
        }
    }

    fileprivate func has(_ field: FieldReference) -> Bool {
        !places(of: field).isEmpty || resourcesHave(field)
    }

    fileprivate func resourcesHave(_ field: FieldReference) -> Bool {
        (field.space == nil || field.space == .resource)
            && resources.contains { $0[field.name] != nil }
    }
}
