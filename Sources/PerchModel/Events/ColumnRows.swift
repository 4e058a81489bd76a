// Parts of columns, and columns joined.

extension Column {
    func isSameField(as other: Column) -> Bool {
        kind == other.kind && space == other.space && name == other.name
    }

    /// The values at `pairs.index`, for the rows `pairs.place`, which ascend.
    func gathering(_ pairs: [(place: Int, index: Int)]) -> Column {
        var result = Column(name: name, space: space, kind: kind)
        result.rows = pairs.map { UInt32($0.place) }
        switch kind {
        case .int, .bool: result.ints = pairs.map { ints[$0.index] }
        case .double: result.doubles = pairs.map { doubles[$0.index] }
        case .string, .bytes, .json, .id:
            if isDictionary {
                result.take(pairs.map { codes[$0.index] }, of: self)
            } else {
                result.ends.reserveCapacity(pairs.count)
                let indexes = pairs.map { UInt32($0.index) }
                result.appendValues(of: self, indexes.span)
            }
        }
        return result
    }

    /// Takes values of a dictionary; `self` has rows but no values yet.
    private mutating func take(_ codes: [UInt32], of other: Column) {
        // Entries that no row has are left out where they may be many.
        guard codes.count <= other.ends.count else {
            (self.codes, ends, bytes) = (codes, other.ends, other.bytes)
            return
        }
        var places = [Int32](repeating: -1, count: other.ends.count)
        var used: [UInt32] = []
        self.codes = codes.map { code in
            if places[Int(code)] < 0 {
                places[Int(code)] = Int32(used.count)
                used.append(code)
            }
            return UInt32(places[Int(code)])
        }
        appendValues(of: other, used.span)
    }

    /// The values of the rows in `range`, as rows from zero on.
    func slicing(_ range: Range<Int>) -> Column {
        var result = Column(name: name, space: space, kind: kind)
        let indexes = firstIndex(fromRow: range.lowerBound)..<firstIndex(fromRow: range.upperBound)
        guard !indexes.isEmpty else { return result }
        let firstRow = UInt32(range.lowerBound)
        result.rows = rows[indexes].map { $0 - firstRow }
        if !ints.isEmpty { result.ints = Array(ints[indexes]) }
        if !doubles.isEmpty { result.doubles = Array(doubles[indexes]) }
        if isDictionary {
            result.take(Array(codes[indexes]), of: self)
        } else if !ends.isEmpty {
            let start = byteRange(at: indexes.lowerBound).lowerBound
            result.ends = ends[indexes].map { $0 - UInt32(start) }
            result.bytes = Array(bytes[start..<byteRange(at: indexes.upperBound - 1).upperBound])
        }
        return result
    }

    /// Adds the values of a column of the same field, whose rows come after those here.
    mutating func append(contentsOf other: Column, firstRow: UInt32) {
        guard !other.rows.isEmpty else { return }
        if kind.isBytes { joinTexts(of: other) }
        rows.reserveCapacity(rows.count + other.rows.count)
        for row in other.rows { rows.append(firstRow + row) }
        ints.append(contentsOf: other.ints)
        doubles.append(contentsOf: other.doubles)
    }
}
