// Parts of columns, and columns joined.

extension Column {
    func isSameField(as other: Column) -> Bool {
        kind == other.kind && space == other.space && name == other.name
    }

    /// The values at `indexes`, for the rows `places`, which ascend.
    func gathering(_ indexes: [UInt32], at places: [UInt32]) -> Column {
        var result = Column(name: name, space: space, kind: kind)
        result.rows = places
        switch kind {
        case .int, .bool: result.ints = Self.values(ints.span, indexes)
        case .double: result.doubles = Self.values(doubles.span, indexes)
        case .string, .bytes, .json, .id:
            if isDictionary {
                result.take(Self.values(codes.span, indexes), of: self)
            } else {
                result.ends.reserveCapacity(indexes.count)
                result.bytes.reserveCapacity(
                    bytes.count / max(1, ends.count) * indexes.count + bytes.count / 64)
                result.appendValues(of: self, indexes.span)
            }
        }
        return result
    }

    private static func values<Value: BitwiseCopyable>(
        _ values: Span<Value>, _ indexes: [UInt32]
    ) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(indexes.count)
        for index in indexes { result.append(values[Int(index)]) }
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
    mutating func append(
        contentsOf other: Column, firstRow: UInt32, _ known: inout KnownEntries
    ) {
        guard !other.rows.isEmpty else { return }
        if kind.isBytes { joinTexts(of: other, &known) }
        rows.append(contentsOf: other.rows, adding: firstRow)
        ints.append(contentsOf: other.ints)
        doubles.append(contentsOf: other.doubles)
    }
}

extension [UInt32] {
    /// Adds numbers, each larger by `offset`.
    ///
    /// Without a reserve: one of the exact size would copy everything each time.
    mutating func append(contentsOf other: [UInt32], adding offset: UInt32) {
        let start = count
        append(contentsOf: other)
        guard offset != 0 else { return }
        var span = mutableSpan
        for index in start..<span.count { span[index] &+= offset }
    }
}
