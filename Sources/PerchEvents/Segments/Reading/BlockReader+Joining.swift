import PerchModel

extension BlockReader {
    /// The rows found with those that are alike as one; nil where they would hardly be fewer.
    ///
    /// Each row has a number made of what must be alike: which stretch of time, which sender, which
    /// value of each column. Rows are then counted by these numbers.
    mutating func joined(
        _ found: RowMask, _ joining: EventQuery.Joining, _ query: EventQuery
    ) throws -> EventBatch? {
        var keys = JoinKeys(rowCount: block.rowCount)
        var ranges = [0..<block.rowCount]
        if let stretches = joining.stretches { ranges = try self.ranges(stretches, query) }
        keys.add(ranges)
        if joining.keepsResources, directory.resources.count > 1 {
            guard keys.hasRoom(for: directory.resources.count) else { return nil }
            keys.add(try readResourceIndexes(), count: directory.resources.count)
        }
        var weights: [Int64]?
        var columns: [(entry: SegmentDirectory.Entry, values: Column)] = []
        for entry in directory.columns {
            guard query.projection.includes(entry.name, entry.space, entry.kind) else { continue }
            if entry.isWeight {
                weights = try readWeights(entry)
                continue
            }
            guard let values = try joinable(entry), keys.hasRoom(for: values.count + 1)
            else { return nil }
            keys.add(values.column.codes, count: values.count, try presence(of: entry))
            columns.append((entry, values.column))
        }
        let groups = keys.count(found, weights)
        return answer(groups, keys, joining, columns)
    }

    /// Which rows lie in which stretch: rows are in the order of time.
    private mutating func ranges(
        _ stretches: EventQuery.Joining.Stretches, _ query: EventQuery
    ) throws -> [Range<Int>] {
        let least = max(block.times.min, query.times.lowerBound)
        let greatest = min(block.times.max, query.times.upperBound &- 1)
        if stretches.end(of: least) > greatest { return [0..<block.rowCount] }
        let times = try readTimes()
        var ranges: [Range<Int>] = []
        var first = Self.firstIndex(of: least, in: times)
        while first < times.count, times[first] <= greatest {
            let end = Self.firstIndex(of: stretches.end(of: times[first]), in: times)
            ranges.append(first..<max(first + 1, end))
            first = max(first + 1, end)
        }
        return ranges
    }

    private mutating func readWeights(_ entry: SegmentDirectory.Entry) throws -> [Int64] {
        let count = directory.count(of: entry, rowCount: block.rowCount)
        let values = try readInts(entry, count)
        guard let presence = try presence(of: entry) else { return values.map { max(1, $0) } }
        var weights = [Int64](repeating: 1, count: block.rowCount)
        for (place, row) in presence.rows.enumerated() { weights[Int(row)] = max(1, values[place]) }
        return weights
    }

    /// The different values of a column, and which of them each row has that has one; nil where they
    /// are too many.
    private mutating func joinable(_ entry: SegmentDirectory.Entry) throws -> (
        column: Column, count: Int
    )? {
        let count = directory.count(of: entry, rowCount: block.rowCount)
        switch entry.layout {
        case .dictionary:
            guard entry.entryCount <= JoinKeys.countMax else { return nil }
            var values = try entries(of: entry)
            values.codes = try codes(of: entry, count: count)
            return (values, entry.entryCount)
        case .numbers where entry.kind != .double:
            let ints = try readInts(entry, count)
            guard let (least, greatest) = entry.bounds(of: ints),
                UInt64(bitPattern: greatest &- least) < UInt64(JoinKeys.countMax)
            else { return nil }
            var values = Column(name: entry.name, space: entry.space, kind: entry.kind)
            values.codes.reserveCapacity(count)
            for int in ints {
                guard least <= int, int <= greatest else {
                    throw SegmentFormat.Failure.damaged("a number outside of its bounds")
                }
                values.codes.append(UInt32(truncatingIfNeeded: int &- least))
            }
            values.ints = (0...(greatest &- least)).map { least &+ $0 }
            return (values, values.ints.count)
        case .numbers, .plain, .templates: return nil
        }
    }

    private func answer(
        _ groups: [JoinKeys.Group], _ keys: JoinKeys, _ joining: EventQuery.Joining,
        _ columns: [(entry: SegmentDirectory.Entry, values: Column)]
    ) -> EventBatch {
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        var weight = Column(name: RecordField.weight, space: .record, kind: .int)
        var answers = columns.map {
            Column(name: $0.entry.name, space: $0.entry.space, kind: $0.entry.kind)
        }
        let hasResources = joining.keepsResources && directory.resources.count > 1
        for (place, group) in groups.enumerated() {
            var parts = keys.parts(of: group.number)
            parts.removeFirst()
            // Where no time was read, all of the block's are in the query's and in one stretch.
            batch.times.append(times.map { $0[group.row] } ?? block.times.min)
            batch.resourceIndexes.append(hasResources ? UInt32(parts.removeFirst()) : 0)
            weight.rows.append(UInt32(place))
            weight.ints.append(group.count)
            for (index, part) in parts.enumerated() where part > 0 {
                answers[index].rows.append(UInt32(place))
                if answers[index].kind.isBytes {
                    answers[index].codes.append(UInt32(part - 1))
                } else {
                    answers[index].ints.append(columns[index].values.ints[part - 1])
                }
            }
        }
        for index in answers.indices where !answers[index].rows.isEmpty {
            (answers[index].ends, answers[index].bytes) =
                (columns[index].values.ends, columns[index].values.bytes)
            batch.columns.append(answers[index])
        }
        batch.columns.append(weight)
        return batch
    }
}

extension SegmentDirectory.Entry {
    fileprivate var isWeight: Bool {
        space == .record && kind == .int && name == RecordField.weight
    }

    /// The least and the greatest of the values; those in the directory are exact where they are
    /// small.
    fileprivate func bounds(of ints: [Int64]) -> (Int64, Int64)? {
        if let least, let greatest, abs(least) < 1e15, abs(greatest) < 1e15 {
            return (Int64(least), Int64(greatest))
        }
        guard let least = ints.min(), let greatest = ints.max() else { return nil }
        return (least, greatest)
    }
}
