package import PerchModel

/// Numbers the groups of rows of many batches: rows with the same values of some fields.
///
/// Work is done for each entry of a dictionary column and for each resource, not for each row,
/// where the batch allows it.
package struct EventGrouper: Sendable {
    private var fields: [FieldNumbers]
    /// One for each field from the second on: the pair of a group of the fields before it and a
    /// value's number.
    private var pairs: [WordTable]
    private let groupCountMax: Int

    /// More groups than allowed: the question has an answer too large to give.
    package struct TooManyGroups: Error {
        package var groupCountMax: Int
    }

    package init(_ keys: [GroupingKey], groupCountMax: Int = Limits.groupCountMax) {
        fields = keys.map { FieldNumbers($0) }
        pairs = keys.dropFirst().map { _ in WordTable() }
        self.groupCountMax = groupCountMax
    }

    /// Groups so far; one without fields, and some may have no row.
    package var groupCount: Int {
        if let last = pairs.last { return last.count }
        return fields.first?.count ?? 1
    }

    /// Bytes of memory that the values hold, roughly.
    package var byteCount: Int {
        fields.reduce(pairs.reduce(0) { $0 + $1.count * 16 }) { $0 + $1.texts.byteCount }
    }

    /// The group of each row.
    package mutating func groups(of batch: EventBatch) throws(TooManyGroups) -> [UInt32] {
        guard !fields.isEmpty else { return [UInt32](repeating: 0, count: batch.rowCount) }
        var groups = fields[0].numbers(of: batch)
        for place in fields.indices.dropFirst() {
            let numbers = fields[place].numbers(of: batch)
            combine(&groups, numbers, &pairs[place - 1])
        }
        guard groupCount <= groupCountMax else {
            throw TooManyGroups(groupCountMax: groupCountMax)
        }
        return groups
    }

    private func combine(
        _ groups: inout [UInt32], _ numbers: [UInt32], _ table: inout WordTable
    ) {
        // Rows that follow each other are often alike.
        var last = UInt64.max
        var lastGroup: UInt32 = 0
        for row in groups.indices {
            let pair = UInt64(groups[row]) << 32 | UInt64(numbers[row])
            if pair != last {
                last = pair
                lastGroup = table.intern(pair)
            }
            groups[row] = lastGroup
        }
    }

    /// Takes over the groups of another one of the same keys; answers the group here of each of its
    /// groups.
    package mutating func merge(_ other: EventGrouper) throws(TooManyGroups) -> [UInt32] {
        guard !fields.isEmpty else { return [0] }
        var groups: [UInt32] = []
        for place in fields.indices {
            let numbers = fields[place].merge(other.fields[place])
            guard place > 0 else {
                groups = numbers
                continue
            }
            var next: [UInt32] = []
            for pair in other.pairs[place - 1].keys {
                let first = groups[Int(truncatingIfNeeded: pair >> 32)]
                let second = numbers[Int(UInt32(truncatingIfNeeded: pair))]
                next.append(pairs[place - 1].intern(UInt64(first) << 32 | UInt64(second)))
            }
            groups = next
        }
        guard groupCount <= groupCountMax else {
            throw TooManyGroups(groupCountMax: groupCountMax)
        }
        return groups
    }

    /// Whether a row has an empty text for a key, which is not the same group as having none.
    package var hasEmptyText: Bool {
        fields.contains { field in
            (0..<UInt32(field.texts.count)).contains { field.texts.range(of: $0).isEmpty }
        }
    }

    /// The sender of a group, where it is one of the keys.
    package func resource(of group: Int) -> Resource? {
        for (place, number) in numbers(of: group).enumerated()
        where number > 0 && !fields[place].resources.isEmpty {
            return fields[place].resources[Int(number) - 1]
        }
        return nil
    }

    /// The values of a group, one for each key; nil where its rows have none, and for the sender.
    package func values(of group: Int) -> [String?] {
        numbers(of: group).enumerated().map { place, number in
            number == 0 || !fields[place].resources.isEmpty
                ? nil : fields[place].texts.text(of: number - 1)
        }
    }

    private func numbers(of group: Int) -> [UInt32] {
        guard !fields.isEmpty else { return [] }
        var numbers: [UInt32] = []
        var group = UInt32(truncatingIfNeeded: group)
        for table in pairs.reversed() {
            let pair = table.keys[Int(group)]
            numbers.append(UInt32(truncatingIfNeeded: pair))
            group = UInt32(truncatingIfNeeded: pair >> 32)
        }
        numbers.append(group)
        return numbers.reversed()
    }
}
