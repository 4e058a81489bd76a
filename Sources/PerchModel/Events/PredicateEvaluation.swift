extension EventBatch {
    /// The rows within `times` that satisfy `predicate`, ascending.
    ///
    /// Evaluates column by column; a condition looks only at rows that those before it left open.
    package func matchingRows(
        of predicate: EventPredicate, times range: Range<Int64>
    ) -> [UInt32] {
        var candidates = RowMask(all: rowCount)
        for row in times.indices where !range.contains(times[row]) { candidates.remove(row) }
        return rows(satisfying: predicate, among: candidates).rows
    }

    private func rows(
        satisfying predicate: EventPredicate, among candidates: RowMask
    ) -> RowMask {
        switch predicate {
        case .all: return candidates
        case .and(let parts):
            var left = candidates
            for part in parts where !left.isEmpty { left = rows(satisfying: part, among: left) }
            return left
        case .or(let parts):
            var found = RowMask(none: rowCount)
            var open = candidates
            for part in parts where !open.isEmpty {
                let more = rows(satisfying: part, among: open)
                found.formUnion(more)
                open.subtract(more)
            }
            return found
        case .not(let part):
            var left = candidates
            left.subtract(rows(satisfying: part, among: candidates))
            return left
        case .equals(let field, let text): return rows(field, ValueTest(.equals, text), candidates)
        case .contains(let field, let text):
            return rows(field, ValueTest(.contains, text), candidates)
        case .containsExactly(let field, let text):
            return rows(field, ValueTest(.containsExactly, text), candidates)
        case .matches(let field, let pattern):
            return rows(field, ValueTest(.matches(pattern)), candidates)
        case .hasPrefix(let field, let text):
            return rows(field, ValueTest(.hasPrefix, text), candidates)
        case .compares(let field, let comparison, let number):
            return rows(field, ValueTest(.compares(comparison, number)), candidates)
        case .exists(let field): return rows(field, ValueTest(.exists), candidates)
        case .anyText(let text): return rows(containing: text, candidates)
        }
    }

    /// The rows where the value that a field resolves to satisfies a test.
    private func rows(
        _ field: FieldReference, _ test: ValueTest, _ candidates: RowMask
    ) -> RowMask {
        var found = RowMask(none: rowCount)
        var open = candidates
        // By space, then by kind: not by the order of columns, which merging batches changes.
        let matching = columns.indices.filter {
            columns[$0].name == field.name
                && (field.space == nil || field.space == columns[$0].space)
        }.sorted {
            (columns[$0].space.rawValue, columns[$0].kind.rawValue)
                < (columns[$1].space.rawValue, columns[$1].kind.rawValue)
        }
        for index in matching {
            test.apply(to: columns[index], open, into: &found)
            // A row takes the first value that it has, whether that one satisfies or not.
            for row in columns[index].rows { open.remove(Int(row)) }
        }
        guard field.space == nil || field.space == .resource else { return found }
        let verdicts = resources.map { $0[field.name].map(test.holds) ?? false }
        guard verdicts.contains(true) else { return found }
        for row in resourceIndexes.indices
        where verdicts[Int(resourceIndexes[row])] && open.contains(row) {
            found.insert(row)
        }
        return found
    }

    private func rows(containing text: String, _ candidates: RowMask) -> RowMask {
        let test = ValueTest(.contains, text)
        var found = RowMask(none: rowCount)
        var open = candidates
        for column in columns where column.isSearchedText {
            test.apply(to: column, open, into: &found)
            open.subtract(found)
        }
        return found
    }
}

extension Column {
    /// Whether ``EventPredicate/anyText(_:)`` looks here: string attributes, and the record fields
    /// that people write into, as text or JSON.
    package var isSearchedText: Bool {
        switch space {
        case .attribute: kind == .string
        case .record:
            (kind == .string || kind == .json)
                && (name == RecordField.body || name == RecordField.name
                    || name == RecordField.statusMessage)
        case .resource: false
        }
    }
}
