// A column whose values stand in a dictionary, and the same values plainly.

extension Column {
    /// Bytes from which values are not written out plainly just to join two columns.
    private static let expandedByteCountFree = 1 << 20

    /// Bytes that the values would be, one after the other.
    package var expandedByteCount: Int {
        codes.isEmpty ? bytes.count : codes.reduce(0) { $0 &+ entryRange(Int($1)).count }
    }

    /// The same values, one after the other.
    ///
    /// A large entry that many rows have makes this large: whoever asks knows a bound.
    package func plain() -> Column {
        guard isDictionary else { return self }
        var result = self
        result.codes = []
        result.ends = []
        result.bytes = []
        result.ends.reserveCapacity(codes.count)
        result.appendValues(of: self, codes.span)
        return result
    }

    /// The same values with each different one once.
    package func dictionary() -> Column {
        guard kind.isBytes, !isDictionary, !rows.isEmpty else { return self }
        var result = self
        result.codes = []
        result.codes.reserveCapacity(rows.count)
        result.ends = []
        result.bytes = []
        var known: [ArraySlice<UInt8>: UInt32] = [:]
        for index in rows.indices { result.codes.append(result.code(of: self, index, &known)) }
        return result
    }

    /// The code of an entry of another column here, where it is added if it is new.
    private mutating func code(
        of other: Column, _ entry: Int, _ known: inout [ArraySlice<UInt8>: UInt32]
    ) -> UInt32 {
        let value = other.bytes[other.entryRange(entry)]
        if let code = known[value] { return code }
        let code = UInt32(ends.count)
        known[value] = code
        bytes.append(contentsOf: value)
        ends.append(UInt32(bytes.count))
        return code
    }

    /// Writes entries of another column out.
    mutating func appendValues(of other: Column, _ entries: Span<UInt32>) {
        let source = other.bytes.span
        for index in entries.indices {
            bytes.append(source.extracting(other.entryRange(Int(entries[index]))))
            ends.append(UInt32(bytes.count))
        }
    }

    /// Adds the values of a column with rows, whose rows are the caller's to add.
    mutating func joinTexts(of other: Column) {
        if rows.isEmpty {
            (codes, ends, bytes) = (other.codes, other.ends, other.bytes)
            return
        }
        guard isDictionary || other.isDictionary else {
            appendPlain(other)
            return
        }
        // Two dictionaries stay one. Of two kinds, the one that is a dictionary is written out if
        // that is little.
        if isDictionary, !other.isDictionary, expandedByteCount <= Self.expandedByteCountFree {
            self = plain()
            appendPlain(other)
        } else if !isDictionary, other.expandedByteCount <= Self.expandedByteCountFree {
            appendValues(of: other, other.codes.span)
        } else {
            if !isDictionary { self = dictionary() }
            appendCodes(of: other.dictionary())
        }
    }

    private mutating func appendPlain(_ other: Column) {
        let firstByte = UInt32(bytes.count)
        ends.reserveCapacity(ends.count + other.ends.count)
        for end in other.ends { ends.append(firstByte + end) }
        bytes.append(contentsOf: other.bytes)
    }

    private mutating func appendCodes(of other: Column) {
        // Fast path: one sender, one block after the other.
        if ends == other.ends, bytes == other.bytes {
            codes.append(contentsOf: other.codes)
            return
        }
        var known: [ArraySlice<UInt8>: UInt32] = [:]
        for entry in ends.indices { known[bytes[entryRange(entry)]] = UInt32(entry) }
        let mapped = other.ends.indices.map { code(of: other, $0, &known) }
        codes.reserveCapacity(codes.count + other.codes.count)
        for code in other.codes { codes.append(mapped[Int(code)]) }
    }
}
