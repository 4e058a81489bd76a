extension EventBatch {
    /// The rows within `times` that satisfy `predicate`, ascending.
    ///
    /// Evaluates column by column; a condition looks only at rows that those before it left open.
    package func matchingRows(
        of predicate: EventPredicate, times range: Range<Int64>
    ) -> [UInt32] {
        var candidates = RowMask(all: rowCount)
        for row in times.indices where !range.contains(times[row]) { candidates.remove(row) }
        return rows(satisfying: predicate, among: candidates) { holds in
            let holds = holds.span
            return RowMask(of: resourceIndexes.span) { holds[Int($0)] }
        } presence: { column in
            let rows = columns[column].rows
            return rows.count == rowCount ? nil : RowMask(rows, of: rowCount)
        } apply: { column, test, open, found in
            test.apply(to: columns[column], open, into: &found)
        }.rows
    }

    /// The rows of `candidates` that satisfy `predicate`.
    ///
    /// For columns whose values are not all here: `presence` answers the rows that have a value, nil
    /// for all; `apply` inserts the rows whose value satisfies. Both are told the column's index, and
    /// only asked where a row is open; `sent`, the rows of resources that satisfy, only where they
    /// differ.
    package func rows(
        satisfying predicate: EventPredicate, among candidates: RowMask,
        sent: ([Bool]) throws -> RowMask, presence: (Int) throws -> RowMask?,
        apply: (Int, ValueTest, RowMask, inout RowMask) throws -> Void
    ) rethrows -> RowMask {
        try rows(satisfying: predicate, among: candidates, sent, presence, apply)
    }

    private func rows(
        satisfying predicate: EventPredicate, among candidates: RowMask,
        _ sent: ([Bool]) throws -> RowMask, _ presence: (Int) throws -> RowMask?,
        _ apply: (Int, ValueTest, RowMask, inout RowMask) throws -> Void
    ) rethrows -> RowMask {
        switch predicate {
        case .all: return candidates
        case .and(let parts):
            var left = candidates
            for part in parts where !left.isEmpty {
                left = try rows(satisfying: part, among: left, sent, presence, apply)
            }
            return left
        case .or(let parts):
            if let (field, texts) = Self.choices(parts) {
                let test = ValueTest(.isAmong(TextChoices(texts)))
                return try rows(field, test, candidates, sent, presence, apply)
            }
            var found = RowMask(none: candidates.rowCount)
            var open = candidates
            for part in parts where !open.isEmpty {
                let more = try rows(satisfying: part, among: open, sent, presence, apply)
                found.formUnion(more)
                open.subtract(more)
            }
            return found
        case .not(let part):
            var left = candidates
            left.subtract(try rows(satisfying: part, among: candidates, sent, presence, apply))
            return left
        case .equals, .contains, .containsExactly, .matches, .hasPrefix, .compares, .exists:
            guard let (field, test) = predicate.condition else { return candidates }
            return try rows(field, test, candidates, sent, presence, apply)
        case .anyText(let text): return try rows(containing: text, candidates, apply)
        }
    }

    /// What parts say together that compare one field: that its value is one of some texts.
    private static func choices(
        _ parts: [EventPredicate]
    ) -> (field: FieldReference, texts: [String])? {
        guard parts.count > 1, case .equals(let field, _)? = parts.first else { return nil }
        var texts: [String] = []
        for part in parts {
            guard case .equals(field, let text) = part else { return nil }
            texts.append(text)
        }
        return (field, texts)
    }

    /// The rows where the value that a field resolves to satisfies a test.
    private func rows(
        _ field: FieldReference, _ test: ValueTest, _ candidates: RowMask,
        _ sent: ([Bool]) throws -> RowMask, _ presence: (Int) throws -> RowMask?,
        _ apply: (Int, ValueTest, RowMask, inout RowMask) throws -> Void
    ) rethrows -> RowMask {
        var found = RowMask(none: candidates.rowCount)
        var open = candidates
        // By space, then by kind: not by the order of columns, which merging batches changes.
        let matching = columns.indices.filter {
            columns[$0].name == field.name
                && (field.space == nil || field.space == columns[$0].space)
        }.sorted { columns[$0].rank < columns[$1].rank }
        for index in matching where !open.isEmpty {
            let present = try presence(index)
            try apply(index, test, open, &found)
            // A row takes the first value that it has, whether that one satisfies or not.
            guard let present else { return found }
            open.subtract(present)
        }
        guard field.space == nil || field.space == .resource else { return found }
        let verdicts = resources.map { $0[field.name].map(test.holds) ?? false }
        guard verdicts.contains(true) else { return found }
        guard verdicts.contains(false) else {
            found.formUnion(open)
            return found
        }
        var rows = try sent(verdicts)
        rows.formIntersection(open)
        found.formUnion(rows)
        return found
    }

    private func rows(
        containing text: String, _ candidates: RowMask,
        _ apply: (Int, ValueTest, RowMask, inout RowMask) throws -> Void
    ) rethrows -> RowMask {
        let test = ValueTest(.contains, text)
        var found = RowMask(none: candidates.rowCount)
        var open = candidates
        for index in columns.indices where columns[index].isSearchedText && !open.isEmpty {
            try apply(index, test, open, &found)
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
