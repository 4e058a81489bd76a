import PerchModel

extension BlockReader {
    /// The rows found with those that are alike as one; nil where they would hardly be fewer.
    ///
    /// Each row has a number made of what must be alike: which stretch of time, which sender, which
    /// value of each column. Rows are then counted by these numbers.
    mutating func joined(
        _ found: RowMask, _ joining: EventQuery.Joining, _ query: EventQuery
    ) throws -> EventBatch? {
        let stretches = try stretches(joining, query)
        let entries = directory.entries(of: query.projection).filter { entry in
            !(joining.implied.map { isImplied(entry, $0) } ?? false)
        }
        let weight = entries.first(where: \.isWeight)
        if weight == nil,
            let counted = try counted(
                found, stretches, keepsResources: joining.keepsResources, entries)
        {
            return counted
        }
        let weights = try weight.map { try readWeights($0) }
        if stretches.count == 1, try tallied(found, weights, joining, entries) { return nil }
        var keys = JoinKeys(rowCount: block.rowCount)
        keys.add(stretches.map(\.rows))
        if joining.keepsResources, directory.resources.count > 1 {
            guard keys.hasRoom(for: directory.resources.count) else { return nil }
            keys.add(try readResourceIndexes(), count: directory.resources.count)
        }
        var columns: [(entry: SegmentDirectory.Entry, values: Column)] = []
        for entry in entries where !entry.isWeight {
            guard let values = try joinable(entry), keys.hasRoom(for: values.count + 1)
            else { return nil }
            keys.add(values.column.codes, count: values.count, try presence(of: entry))
            columns.append((entry, values.column))
        }
        keys.finish()
        let groups = keys.count(found, weights)
        return answer(groups, keys, stretches, joining, columns)
    }

    /// Whether the rows found were counted with those of other blocks.
    private mutating func tallied(
        _ found: RowMask, _ weights: [Int64]?, _ joining: EventQuery.Joining,
        _ entries: [SegmentDirectory.Entry]
    ) throws -> Bool {
        let columns = entries.filter { !$0.isWeight }
        // Where a time was read, some rows may be out of the query's.
        guard tally != nil, times == nil, joining.stretches == nil, columns.count == 1,
            !joining.keepsResources, let entry = columns.first, entry.layout == .dictionary,
            entry.entryCount >= Limits.talliedEntryCountMin,
            entry.entryCount < JoinKeys.countMax, tally?.mayTake(entry) == true,
            let resource = directory.resources.first
        else { return false }
        var reader = try reader(entry.chunks[0])
        let texts = try NumberedTexts.read(
            count: entry.entryCount, byteCountMax: byteCountLeft, &reader)
        guard let texts else {
            tally?.refuse()
            return false
        }
        let count = directory.count(of: entry, rowCount: block.rowCount)
        var keys = JoinKeys(rowCount: block.rowCount)
        keys.add(
            try codes(of: entry, count: count), count: entry.entryCount, try presence(of: entry))
        let counts = keys.counts(found, weights)
        let time = block.times.min
        isTallied =
            tally?.add(
                texts, Array(counts.dropFirst()), missing: counts[0], entry, resource, time: time)
            ?? false
        return isTallied
    }

    /// Whether a column need not be told apart.
    func isImplied(
        _ entry: SegmentDirectory.Entry, _ implied: EventQuery.Joining.Implied
    ) -> Bool {
        guard entry.space == .record, entry.name == implied.name else { return false }
        return directory.columns.contains { other in
            guard other.space == .record, other.name == implied.byName, other.kind == .int,
                other.presence == 0, let least = other.least, let greatest = other.greatest
            else { return false }
            return least >= Double(implied.numbers.lowerBound)
                && greatest <= Double(implied.numbers.upperBound)
        }
    }

    /// Rows that follow each other and may be joined, as far as their times say.
    struct Stretch {
        var rows: Range<Int>
        /// A time of the query in it.
        var time: Int64
    }

    /// Which rows lie in which stretch: rows are in the order of time.
    private mutating func stretches(
        _ joining: EventQuery.Joining, _ query: EventQuery
    ) throws -> [Stretch] {
        let least = max(block.times.min, query.times.lowerBound)
        let greatest = min(block.times.max, query.times.upperBound &- 1)
        guard let stretches = joining.stretches, stretches.end(of: least) <= greatest else {
            return [Stretch(rows: 0..<block.rowCount, time: least)]
        }
        // Of many stretches, most runs hold an edge.
        let isMany = (greatest &- least) / stretches.length > Limits.timeRunsReadMax
        let times = try readTimes(isWhole: isMany)
        var found: [Stretch] = []
        var next = try times.first(from: least)
        while let (first, time) = next, time <= greatest {
            next = try times.first(from: stretches.end(of: time))
            let end = max(first + 1, next?.row ?? block.rowCount)
            found.append(Stretch(rows: first..<end, time: time))
            // Only of damaged times.
            if let other = next, other.row < end { next = (end, other.time) }
            if end >= block.rowCount { break }
        }
        // There are rows in the query's times, or nobody would ask.
        guard !found.isEmpty else {
            throw SegmentFormat.Failure.damaged("times that are not those of the block")
        }
        return found
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
            guard let codes = Self.distances(ints, from: least, to: greatest) else {
                throw SegmentFormat.Failure.damaged("a number outside of its bounds")
            }
            values.codes = codes
            values.ints = (0...(greatest &- least)).map { least &+ $0 }
            return (values, values.ints.count)
        case .numbers, .plain, .templates: return nil
        }
    }

    /// How far numbers are from the least of them; nil if one is out of bounds.
    private static func distances(
        _ ints: [Int64], from least: Int64, to greatest: Int64
    ) -> [UInt32]? {
        var distances = [UInt32](repeating: 0, count: ints.count)
        let source = ints.span
        var target = distances.mutableSpan
        for index in source.indices {
            let distance = UInt64(bitPattern: source[index] &- least)
            if distance > UInt64(bitPattern: greatest &- least) { return nil }
            target[index] = UInt32(truncatingIfNeeded: distance)
        }
        return distances
    }

    private func answer(
        _ groups: [JoinKeys.Group], _ keys: JoinKeys, _ stretches: [Stretch],
        _ joining: EventQuery.Joining,
        _ columns: [(entry: SegmentDirectory.Entry, values: Column)]
    ) -> EventBatch {
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        batch.times = groups.map { stretches[keys.part(0, of: $0.number)].time }
        let hasResources = joining.keepsResources && directory.resources.count > 1
        batch.resourceIndexes =
            hasResources
            ? groups.map { UInt32(truncatingIfNeeded: keys.part(1, of: $0.number)) }
            : [UInt32](repeating: 0, count: groups.count)
        for (index, (entry, values)) in columns.enumerated() {
            var answer = Column(name: entry.name, space: entry.space, kind: entry.kind)
            let place = index + (hasResources ? 2 : 1)
            for (row, group) in groups.enumerated() {
                let part = keys.part(place, of: group.number)
                guard part > 0 else { continue }
                answer.rows.append(UInt32(truncatingIfNeeded: row))
                if entry.kind.isBytes {
                    answer.codes.append(UInt32(truncatingIfNeeded: part - 1))
                } else {
                    answer.ints.append(values.ints[part - 1])
                }
            }
            guard !answer.rows.isEmpty else { continue }
            (answer.ends, answer.bytes) = (values.ends, values.bytes)
            batch.columns.append(answer)
        }
        var weight = Column(name: RecordField.weight, space: .record, kind: .int)
        weight.rows = (0..<UInt32(groups.count)).map { $0 }
        weight.ints = groups.map(\.count)
        batch.columns.append(weight)
        return batch
    }
}

extension SegmentDirectory.Entry {
    var isWeight: Bool {
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
