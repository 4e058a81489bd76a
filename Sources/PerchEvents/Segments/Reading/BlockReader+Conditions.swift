import PerchBytes
import PerchModel

extension BlockReader {
    /// Inserts the rows of `open` whose value of a column satisfies a condition.
    ///
    /// What the directory or the entries of a dictionary tell is not looked for in values.
    mutating func apply(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ open: RowMask,
        into found: inout RowMask
    ) throws {
        switch entry.verdict(test) {
        case .none: return
        case .all:
            insert(try presence(of: entry), nil, open, &found)
            return
        case .some: break
        }
        let count = directory.count(of: entry, rowCount: block.rowCount)
        switch entry.layout {
        case .numbers where entry.kind == .int:
            if try applyToFew(test, entry, count, open, &found) { return }
            let places = try places(test, entry, count)
            insert(try presence(of: entry), places, open, &found)
        case .dictionary: try applyToDictionary(test, entry, count, open, &found)
        case .templates: try applyToTemplates(test, entry, count, open, &found)
        case .numbers, .plain:
            let column = try column(entry)
            test.apply(to: column, open, into: &found)
        }
    }

    /// The same where few rows are open, whose whole numbers alone are read.
    ///
    /// False, and nothing is done, where they are more.
    private mutating func applyToFew(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ count: Int, _ open: RowMask,
        _ found: inout RowMask
    ) throws -> Bool {
        guard ints[entry.chunks[0].offset] == nil, isFew(open.count, of: block.rowCount) else {
            return false
        }
        var rows = open.rows
        var places = rows
        if let presence = try presence(of: entry) {
            let share = presence.places(of: rows)
            (rows, places) = (share.given.map { rows[Int($0)] }, share.own)
        }
        var reader = try reader(entry.chunks[0])
        let values = try NumberCodec.readInts(count: count, at: places, &reader) {
            try readTimes().values(at: rows)
        }
        for place in test.places(of: values).rows { found.insert(Int(rows[Int(place)])) }
        return true
    }

    /// Inserts those of `open` that are present, and at one of these places among the present ones.
    private func insert(
        _ presence: RowMask?, _ places: RowMask?, _ open: RowMask, _ found: inout RowMask
    ) {
        var rows: RowMask
        switch (presence, places) {
        case (nil, nil): rows = open
        case (let presence?, nil): rows = presence
        case (nil, let places?): rows = places
        case (let presence?, let places?): rows = presence.selecting(places)
        }
        rows.formIntersection(open)
        found.formUnion(rows)
    }

    private mutating func applyToDictionary(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ count: Int, _ open: RowMask,
        _ found: inout RowMask
    ) throws {
        let verdicts = try verdicts(test, of: entry)
        guard verdicts.contains(true) else { return }
        let presence = try presence(of: entry)
        guard verdicts.contains(false) else {
            insert(presence, nil, open, &found)
            return
        }
        insert(presence, try places(verdicts, entry, count), open, &found)
    }

    /// Which values of a column of whole numbers satisfy.
    private mutating func places(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ count: Int
    ) throws -> RowMask {
        guard ints[entry.chunks[0].offset] == nil else {
            return test.places(of: try readInts(entry, count))
        }
        let whole = try reader(entry.chunks[0])
        var reader = whole
        let places = try NumberCodec.places(count: count, &reader) { test.places(of: $0) }
        if let places { return places }
        return test.places(of: try readInts(entry, count, from: whole))
    }

    /// Which values of a dictionary's column are entries that satisfy.
    private mutating func places(
        _ verdicts: [Bool], _ entry: SegmentDirectory.Entry, _ count: Int
    ) throws -> RowMask {
        var whole: ByteReader?
        if entry.entryCount > 1, codeLists[entry.codeList] == nil {
            var reader = try reader(directory.codeLists[entry.codeList])
            whole = reader
            if let places = try CodeList.places(count: count, of: verdicts, &reader) {
                return places
            }
        }
        let codes = try codes(of: entry, count: count, from: whole)
        let holds = verdicts.span
        return RowMask(of: codes.span) { holds[Int($0)] }
    }

    private mutating func applyToTemplates(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ count: Int, _ open: RowMask,
        _ found: inout RowMask
    ) throws {
        let patterns = try readPatterns(entry)
        let pattern = PatternTest(test, entry.kind)
        let verdicts = pattern.verdicts(of: patterns)
        guard verdicts.contains(where: { $0 != .none }) else { return }
        let presence = try presence(of: entry)
        let codes = try readPatternCodes(entry, count)
        if verdicts.contains(.all) {
            let holds = verdicts.map { $0 == .all }
            let span = holds.span
            insert(presence, RowMask(of: codes.span) { span[Int($0)] }, open, &found)
        }
        guard verdicts.contains(.some) else { return }
        let isDoubtful = verdicts.map { $0 == .some }
        let span = isDoubtful.span
        var doubtful = RowMask(of: codes.span) { span[Int($0)] }
        // Only those of open rows.
        if let presence {
            var place = 0
            for row in presence.rows {
                if !open.contains(Int(row)) { doubtful.remove(place) }
                place += 1
            }
        } else {
            doubtful.formIntersection(open)
        }
        guard !doubtful.isEmpty else { return }
        let texts = try readTemplates(entry, patterns, codes) { isDoubtful[$0] }
        var ends: [UInt32] = []
        var bytes: [UInt8] = []
        try texts.append(
            to: &ends, &bytes, byteCountMax: byteCountLeft, where: doubtful.contains)
        try spend(bytes.count)
        var places = RowMask(none: count)
        var start = 0
        for (index, place) in doubtful.rows.enumerated() {
            let end = Int(ends[index])
            if test.holds(bytes.span, start..<end, entry.kind) { places.insert(Int(place)) }
            start = end
        }
        insert(presence, places, open, &found)
    }
}

extension SegmentDirectory.Entry {
    /// What is known before any value is read.
    fileprivate func verdict(_ test: ValueTest) -> PatternTest.Verdict {
        switch test.operation {
        case .exists: return .all
        case .compares(let comparison, let number):
            guard kind == .int || kind == .double, let least, let greatest else { return .some }
            return comparison.verdict(least, greatest, number)
        case .equals:
            guard kind == .int, let wanted = test.wholeNumber else { return .some }
            guard let wanted else { return .none }
            guard let least, let greatest else { return .some }
            return least <= Double(wanted) && Double(wanted) <= greatest ? .some : .none
        case .isAmong, .contains, .containsExactly, .matches, .hasPrefix: return .some
        }
    }
}

extension EventPredicate.Comparison {
    /// Whether this holds for all, some or no numbers between two.
    func verdict(_ least: Double, _ greatest: Double, _ number: Double) -> PatternTest.Verdict {
        let (low, high) = (holds(least, number), holds(greatest, number))
        switch self {
        case .equal:
            if low && high { return .all }
            return least <= number && number <= greatest ? .some : .none
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return low && high ? .all : low || high ? .some : .none
        }
    }
}
