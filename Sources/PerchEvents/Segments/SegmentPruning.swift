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
        case .equals, .contains, .containsExactly, .matches, .hasPrefix, .compares, .exists:
            if let field { places.formUnion(directory.places(of: field)) }
        case .anyText: places.formUnion(directory.searchedTexts)
        }
    }

    /// What is left of this in a block, as far as its list of columns tells.
    func folded(in directory: SegmentDirectory) -> EventPredicate {
        folded { part in
            guard let field = part.field else {
                return directory.searchedTexts.isEmpty ? false : nil
            }
            let places = directory.places(of: field)
            if directory.resourcesMayHave(field) {
                // Rows without a value of their own may have one of their sender's.
                guard places.count == 1, directory.columns[places[0]].presence == 0 else {
                    return nil
                }
            }
            guard !places.isEmpty else { return false }
            if places.allSatisfy({ directory.columns[$0].verdict(part) == .none }) { return false }
            let first = directory.columns[places[0]]
            let isWhole = places.count == 1 && first.presence == 0
            return isWhole && first.verdict(part) == .all ? true : nil
        }.ordered(in: directory)
    }

    /// The same with parts that must all hold in the order of how much is read for them: what comes
    /// later looks only at rows that are left.
    private func ordered(in directory: SegmentDirectory) -> EventPredicate {
        guard case .and(let parts) = self else { return self }
        let costs = parts.map { $0.byteCount(in: directory) }
        let order = parts.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }
        return .and(order.map { parts[$0] })
    }

    /// Whether conditions ask for nothing but the values of one column.
    func looksOnly(at place: Int, _ directory: SegmentDirectory) -> Bool {
        switch self {
        case .all: true
        case .and(let parts), .or(let parts):
            parts.allSatisfy { $0.looksOnly(at: place, directory) }
        case .not(let part): part.looksOnly(at: place, directory)
        case .anyText: false
        case .equals, .contains, .containsExactly, .matches, .hasPrefix, .compares, .exists:
            field.map { !directory.resourcesMayHave($0) && directory.places(of: $0) == [place] }
                ?? false
        }
    }

    /// Bytes that have to be read to evaluate this, roughly.
    private func byteCount(in directory: SegmentDirectory) -> Int {
        switch self {
        case .all: return 0
        case .and(let parts), .or(let parts):
            return parts.reduce(0) { $0 + $1.byteCount(in: directory) }
        case .not(let part): return part.byteCount(in: directory)
        case .anyText: return Limits.segmentChunkByteCountMax
        case .equals, .contains, .containsExactly, .matches, .hasPrefix, .compares, .exists:
            let places = field.map { directory.places(of: $0) } ?? []
            guard !places.isEmpty else { return directory.resourceIndexes.byteCount }
            return places.reduce(0) { $0 + directory.byteCount(of: directory.columns[$1]) }
        }
    }
}

extension SegmentDirectory.Entry {
    /// What a condition says of all values, by what they lie between.
    fileprivate func verdict(_ condition: EventPredicate) -> PatternTest.Verdict {
        switch condition {
        case .exists: return .all
        case .compares(_, let comparison, let number):
            switch kind {
            case .int, .double:
                guard let least, let greatest else { return .some }
                return comparison.verdict(least, greatest, number)
            case .string: return .some
            case .bool, .bytes, .json, .id: return .none
            }
        default: return .some
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
        if case .all = projection { return columns }
        return places(of: projection).map { columns[$0] }
    }

    /// Where the columns are that an answer holds, ascending.
    func places(of projection: EventQuery.Projection) -> [Int] {
        guard case .fields(let fields) = projection else { return Array(columns.indices) }
        // Weights always come.
        let weight = FieldReference(RecordField.weight, space: .record)
        var wanted = places(of: weight).filter { columns[$0].kind == .int }
        for field in fields { wanted += places(of: field).filter { !wanted.contains($0) } }
        return wanted.sorted()
    }

    /// Where the columns are that a search of any text looks at.
    fileprivate var searchedTexts: [Int] {
        columns.indices.filter { place in
            let entry = columns[place]
            return Column(name: entry.name, space: entry.space, kind: entry.kind).isSearchedText
        }
    }

    /// Bytes that a column takes.
    fileprivate func byteCount(of entry: Entry) -> Int {
        let isCoded = entry.layout == .dictionary && entry.entryCount > 1
        let chunks = isCoded ? entry.chunks + [codeLists[entry.codeList]] : entry.chunks
        // Damaged ones may say anything.
        return chunks.reduce(0) { $0 + min($1.byteCount, Limits.segmentChunkByteCountMax) }
    }

    /// Whether a sender has an attribute that the field may be.
    func resourcesMayHave(_ field: FieldReference) -> Bool {
        (field.space == nil || field.space == .resource) && senders.names.contains(field.name)
    }
}
