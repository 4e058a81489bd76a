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
        var table = EntryTable()
        for index in rows.indices { result.codes.append(result.code(of: self, index, &table)) }
        return result
    }

    /// Makes entries differ again that were changed.
    package mutating func joinEqualEntries() {
        guard isDictionary else { return }
        let changed = self
        (ends, bytes) = ([], [])
        var table = EntryTable()
        let places = changed.ends.indices.map { code(of: changed, $0, &table) }
        guard ends.count < changed.ends.count else { return }
        codes = codes.map { places[Int($0)] }
    }

    /// The code of an entry of another column here, where it is added if it is new.
    @inline(__always)
    private mutating func code(
        of other: Column, _ entry: Int, _ table: inout EntryTable
    ) -> UInt32 {
        table.code(
            of: other.bytes.span.extracting(other.entryRange(entry)),
            seed: EntryTable.seed(column: 0), ends: &ends, bytes: &bytes)
    }

    /// How many values a dictionary has when it is first asked whether they repeat.
    static let firstDictionaryLook = 64

    /// Writes the values of a dictionary out if few of them repeat; whether it did.
    mutating func writeOutIfFewRepeat() -> Bool {
        // Adding the bytes up is the dearer half.
        guard Self.repeatsLittle(entryCount: ends.count, valueCount: codes.count),
            Self.repeatsLittle(
                entryCount: ends.count, entryByteCount: bytes.count, valueCount: codes.count,
                expandedByteCount: expandedByteCount)
        else { return false }
        self = plain()
        return true
    }

    private static func repeatsLittle(entryCount: Int, valueCount: Int) -> Bool {
        entryCount > valueCount - valueCount / 4
    }

    /// Whether so few values of a dictionary repeat that they may as well stand plainly.
    static func repeatsLittle(
        entryCount: Int, entryByteCount: Int, valueCount: Int, expandedByteCount: Int
    ) -> Bool {
        repeatsLittle(entryCount: entryCount, valueCount: valueCount)
            && expandedByteCount <= 2 * entryByteCount + expandedByteCountFree
    }

    /// Writes entries of another column out.
    mutating func appendValues(of other: Column, _ entries: Span<UInt32>) {
        let source = other.bytes.span
        for index in entries.indices {
            bytes.append(source.extracting(other.entryRange(Int(entries[index]))))
            ends.append(UInt32(bytes.count))
        }
    }

    /// Takes some entries of another column.
    package mutating func takeEntries(_ entries: [UInt32], of other: Column) {
        ends = []
        bytes = []
        ends.reserveCapacity(entries.count)
        appendValues(of: other, entries.span)
    }

    /// Adds the values of a column with rows, whose rows are the caller's to add.
    ///
    /// `known` is of this column, and remembers its entries from one call to the next.
    mutating func joinTexts(of other: Column, _ known: inout KnownEntries) {
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
            known = KnownEntries()
            appendPlain(other)
        } else if !isDictionary, other.expandedByteCount <= Self.expandedByteCountFree {
            appendValues(of: other, other.codes.span)
        } else {
            if !isDictionary { self = dictionary() }
            appendCodes(of: other.dictionary(), &known)
        }
    }

    private mutating func appendPlain(_ other: Column) {
        ends.append(contentsOf: other.ends, adding: UInt32(bytes.count))
        bytes.append(contentsOf: other.bytes)
    }

    private mutating func appendCodes(of other: Column, _ known: inout KnownEntries) {
        // Fast path: one sender, one block after the other.
        if ends == other.ends, bytes == other.bytes {
            codes.append(contentsOf: other.codes)
            return
        }
        while known.count < ends.count {
            known.table.note(
                known.count, bytes.span.extracting(entryRange(known.count)),
                seed: EntryTable.seed(column: 0))
            known.count += 1
        }
        let mapped = other.ends.indices.map { code(of: other, $0, &known.table) }
        known.count = ends.count
        let start = codes.count
        codes.append(contentsOf: other.codes)
        var span = codes.mutableSpan
        for index in start..<span.count { span[index] = mapped[Int(span[index])] }
        if codes.count >= Self.firstDictionaryLook, writeOutIfFewRepeat() { known = KnownEntries() }
    }
}

/// The entries of a dictionary that grows, found without looking at all of them.
struct KnownEntries: Sendable {
    fileprivate var table = EntryTable(width: 4)
    /// How many of the entries are in the table.
    fileprivate var count = 0
}
