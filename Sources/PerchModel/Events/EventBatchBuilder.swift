/// Fills an ``EventBatch`` row by row without a string or a dictionary look-up a value.
///
/// Fields come in the same order in almost every row, so the column that followed the last one
/// before is tried first; only a miss searches a table of hashes.
package struct EventBatchBuilder: Sendable {
    /// The batch without its columns.
    private var base: EventBatch
    /// Where the values of all columns are.
    private var cells = BatchCells()
    /// The values of columns of numbers, as they came; doubles by their bits.
    private var numbers: [Int64] = []
    /// The texts of each column: the entries of its dictionary, or from some value on all values.
    private var texts: [Texts] = []

    private struct Texts {
        var ends: [UInt32] = []
        var bytes: [UInt8] = []

        @inline(__always)
        func holds(_ value: Span<UInt8>, at start: Int) -> Bool {
            stands(value, in: bytes.span, at: start)
        }

        @inline(__always)
        mutating func append(_ value: Span<UInt8>) {
            bytes.append(value)
            ends.append(UInt32(bytes.count))
        }

        /// The number of a value among the entries, to which it is added if it is new.
        @inline(__always)
        mutating func entry(
            _ value: Span<UInt8>, _ table: inout EntryTable, seed: UInt64
        ) -> (entry: UInt32, start: Int) {
            let entry = table.code(of: value, seed: seed, ends: &ends, bytes: &bytes)
            return (entry, entry == 0 ? 0 : Int(ends[Int(entry) &- 1]))
        }
    }

    /// What tells the columns of a batch apart, beside `batch.columns`: small, so that a look-up
    /// touches no array of a column.
    private var keys: [Key] = []
    /// The names of all columns, one after the other.
    private var names: [UInt8] = []
    /// Which column followed each column last time; -1 is unknown.
    ///
    /// One more for "begin of row".
    private var successors: [Int32] = [-1]
    /// One more than a column's index; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt32](repeating: 0, count: 64)
    /// The column of each field as text; made with the first name that is not ASCII.
    ///
    /// Names of different bytes may be one text, as composed and decomposed letters are, and all
    /// that reads batches tells columns apart by text.
    private var spellings: [Spelling: Int]?
    private var lastColumn = -1
    /// One more than the column of each ``RecordKey`` and kind; 0 is unknown.
    private var recordColumns = [Int32](
        repeating: 0, count: RecordKey.allCases.count * EventBatchBuilder.kindCount)
    private static let kindCount = 8
    private var resourceIndexes: [Resource: UInt32] = [:]
    private let seed = SeededHash.processSeed
    /// The entries of all dictionaries.
    private var entries = EntryTable()

    private struct Key {
        var space: FieldSpace
        var kind: ColumnKind
        /// Of the name, in `names`.
        var start: UInt32
        var count: UInt32
        /// The last row with a value.
        var lastRow = UInt32.max
        var valueCount: UInt32 = 0
        /// How many values a dictionary has when it is looked at again; 0 where values stand plainly.
        var dictionaryLook = UInt32(Column.firstDictionaryLook)
        /// The entry that the last value is, and where it stands; no value is as long at first.
        var lastEntry: UInt32 = 0
        var lastStart = 0
        var lastByteCount = -1
        /// Bytes of the values, as often as they came, while they stand in a dictionary.
        var expandedByteCount = 0
        /// Where values stand plainly: how many came before, and how many entries they are.
        var codedCount = 0
        var codedEntryCount = 0
        var hash: UInt64

        /// Whether this is the column of a field; `names` is the builder's, handed in so that
        /// looking into it copies no builder.
        @inline(__always)
        func isOf(
            _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind, _ names: [UInt8]
        ) -> Bool {
            self.kind == kind && self.space == space && Int(count) == name.count
                && stands(name, in: names.span, at: Int(start))
        }
    }

    private struct Spelling: Hashable {
        var name: String
        var space: FieldSpace
        var kind: ColumnKind
    }

    package init(dataset: Dataset) {
        base = EventBatch(dataset: dataset)
    }

    /// The number of rows begun.
    package var rowCount: Int { base.times.count }

    /// The number of columns so far.
    package var columnCount: Int { keys.count }

    /// The bytes of all columns' names.
    package var nameByteCount: Int { names.count }

    /// Registers a sender and answers its index for ``beginRow(timeNanos:resource:)``.
    package mutating func intern(_ resource: Resource) -> UInt32 {
        if let known = resourceIndexes[resource] { return known }
        let index = UInt32(base.resources.count)
        base.resources.append(resource)
        resourceIndexes[resource] = index
        return index
    }

    /// Begins a row; the `set` calls that follow belong to it.
    package mutating func beginRow(timeNanos: Int64, resource: UInt32) {
        precondition(Int(resource) < base.resources.count, "unknown resource \(resource)")
        base.times.append(timeNanos)
        base.resourceIndexes.append(resource)
        cells.beginRow()
        lastColumn = -1
    }

    /// Moves the time of the last row begun.
    package mutating func setTime(_ timeNanos: Int64) {
        base.times[base.times.count - 1] = timeNanos
    }

    /// Sets an integer or, with kind `.bool`, 0 or 1.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, int value: Int64, kind: ColumnKind = .int
    ) {
        append(value, column(space, name, kind))
    }

    /// Sets a double.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(_ space: FieldSpace, _ name: Span<UInt8>, double value: Double) {
        append(Int64(bitPattern: value.bitPattern), column(space, name, .double))
    }

    /// Sets text, bytes, JSON or an id.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, bytes value: Span<UInt8>, kind: ColumnKind
    ) {
        append(value, column(space, name, kind))
    }

    /// Sets text of an attribute, if its name followed the last field in an earlier row; false, and
    /// nothing is set, if not.
    ///
    /// Names that have a column were looked at before: whoever asks need not do so again.
    @inline(__always)
    package mutating func setNext(_ name: Span<UInt8>, text value: Span<UInt8>) -> Bool {
        let guess = Int(successors[lastColumn + 1])
        guard guess >= 0, keys[guess].isOf(.attribute, name, .string, names) else { return false }
        append(value, guess)
        return true
    }

    /// Sets an integer of a field that every sender has.
    package mutating func set(_ field: RecordKey, int value: Int64) {
        append(value, column(field, .int))
    }

    /// Sets text, bytes, JSON or an id of a field that every sender has.
    package mutating func set(
        _ field: RecordKey, bytes value: Span<UInt8>, kind: ColumnKind
    ) {
        append(value, column(field, kind))
    }

    @inline(__always)
    private mutating func append(_ value: Int64, _ index: Int) {
        guard begin(index) else { return }
        cells.append(column: index, UInt32(truncatingIfNeeded: numbers.count))
        numbers.append(value)
    }

    @inline(__always)
    private mutating func append(_ value: Span<UInt8>, _ index: Int) {
        guard begin(index) else { return }
        // Fast path: values that follow each other are often alike.
        if keys[index].lastByteCount == value.count,
            texts[index].holds(value, at: keys[index].lastStart)
        {
            keys[index].expandedByteCount &+= value.count
            cells.append(column: index, keys[index].lastEntry)
        } else {
            appendOther(value, index)
        }
        if keys[index].valueCount == keys[index].dictionaryLook { lookAtDictionary(index) }
    }

    /// Adds a value that is not the same as the last of its column.
    @inline(never)
    private mutating func appendOther(_ value: Span<UInt8>, _ index: Int) {
        guard keys[index].dictionaryLook > 0 else {
            texts[index].append(value)
            cells.append(column: index, 0)
            return
        }
        let (entry, start) = texts[index].entry(
            value, &entries, seed: EntryTable.seed(column: index))
        keys[index].expandedByteCount &+= value.count
        keys[index].lastEntry = entry
        keys[index].lastStart = start
        keys[index].lastByteCount = value.count
        cells.append(column: index, entry)
    }

    /// Sets an integer by a name known at compile time, such as those of ``RecordField``.
    package mutating func set(_ space: FieldSpace, _ name: String, int value: Int64) {
        set(space, Array(name.utf8).span, int: value)
    }

    /// Sets a value of any kind, for senders whose values already are strings; not for hot paths.
    package mutating func set(_ space: FieldSpace, _ name: String, _ value: FieldValue) {
        let name = Array(name.utf8)
        switch value {
        case .int(let value): set(space, name.span, int: value)
        case .bool(let value): set(space, name.span, int: value ? 1 : 0, kind: .bool)
        case .double(let value): set(space, name.span, double: value)
        case .string(let value): set(space, name.span, bytes: Array(value.utf8).span, kind: .string)
        case .json(let value): set(space, name.span, bytes: Array(value.utf8).span, kind: .json)
        case .bytes(let value): set(space, name.span, bytes: value.span, kind: .bytes)
        case .id(let value): set(space, name.span, bytes: value.span, kind: .id)
        }
    }

    /// Lets values stand plainly from here on if few of them repeat.
    @inline(never)
    private mutating func lookAtDictionary(_ index: Int) {
        let (valueCount, entryCount) = (Int(keys[index].valueCount), texts[index].ends.count)
        guard
            Column.repeatsLittle(
                entryCount: entryCount, entryByteCount: texts[index].bytes.count,
                valueCount: valueCount, expandedByteCount: keys[index].expandedByteCount)
        else {
            keys[index].dictionaryLook &*= 4
            return
        }
        keys[index].dictionaryLook = 0
        keys[index].lastByteCount = -1
        keys[index].codedCount = valueCount
        keys[index].codedEntryCount = entryCount
    }

    /// Finds or makes the column of a field and kind.
    @inline(__always)
    private mutating func column(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> Int {
        // Fast path: the same field followed this one in an earlier row.
        let guess = Int(successors[lastColumn + 1])
        if guess >= 0, keys[guess].isOf(space, name, kind, names) { return guess }
        let index = search(space, name, kind)
        successors[lastColumn + 1] = Int32(index)
        return index
    }

    @inline(__always)
    private mutating func column(_ field: RecordKey, _ kind: ColumnKind) -> Int {
        let place = field.rawValue &* Self.kindCount &+ Int(kind.rawValue)
        let known = recordColumns[place]
        guard known == 0 else { return Int(known) &- 1 }
        let index = search(.record, Array(field.fieldName.utf8).span, kind)
        recordColumns[place] = Int32(index + 1)
        return index
    }

    /// Counts a value of a column in the current row; false when the row already has one.
    @inline(__always)
    private mutating func begin(_ index: Int) -> Bool {
        lastColumn = index
        let row = UInt32(truncatingIfNeeded: base.times.count &- 1)
        guard keys[index].lastRow != row else { return false }
        keys[index].lastRow = row
        keys[index].valueCount &+= 1
        return true
    }

    @inline(never)
    private mutating func search(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> Int {
        let kinds = UInt64(space.rawValue) << 8 | UInt64(kind.rawValue)
        let hash = SeededHash.hash(name, seed: seed ^ kinds)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if keys[index].hash == hash, keys[index].isOf(space, name, kind, names) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        let index = keys.count
        if spellings != nil || !UTF8Check.isASCII(name) {
            let known = spelled(space, name, kind, else: index)
            guard known == index else { return known }
        }
        let start = names.count
        names.append(name)
        texts.append(Texts())
        keys.append(
            Key(
                space: space, kind: kind, start: UInt32(start), count: UInt32(name.count),
                hash: hash))
        successors.append(-1)
        slots[slot] = UInt32(index + 1)
        if keys.count * 2 > slots.count { grow() }
        return index
    }

    /// The column whose name is the same text; there being none, this one is noted to be.
    private mutating func spelled(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind, else index: Int
    ) -> Int {
        var known = spellings ?? [:]
        if spellings == nil {
            for (index, key) in keys.enumerated() {
                let name = names[Int(key.start)..<Int(key.start + key.count)]
                known[
                    Spelling(
                        name: String(decoding: name, as: UTF8.self), space: key.space,
                        kind: key.kind)] = index
            }
        }
        spellings = nil
        defer { spellings = known }
        let spelling = Spelling(
            name: String(decoding: Array(name), as: UTF8.self), space: space, kind: kind)
        if let found = known[spelling] { return found }
        known[spelling] = index
        return index
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }
}

extension EventBatchBuilder {
    /// The batch so far, rows begun among it.
    package var batch: EventBatch {
        var batch = base
        let counts = keys.map { Int($0.valueCount) }
        let sorted = cells.byColumn(counts)
        // Columns that all rows have share their rows.
        let all = (0..<UInt32(rowCount)).map { $0 }
        batch.columns.reserveCapacity(keys.count)
        var start = 0
        for index in keys.indices {
            let range = start..<start + counts[index]
            start = range.upperBound
            var column = column(at: index, sorted.numbers[range])
            column.rows = range.count == rowCount ? all : Array(sorted.rows[range])
            batch.columns.append(column)
        }
        return batch
    }

    /// A column without its rows.
    private func column(at index: Int, _ found: ArraySlice<UInt32>) -> Column {
        let key = keys[index]
        let name = names[Int(key.start)..<Int(key.start + key.count)]
        var column = Column(
            name: String(decoding: name, as: UTF8.self), space: key.space, kind: key.kind)
        switch key.kind {
        case .int, .bool: column.ints = found.map { numbers[Int($0)] }
        case .double:
            column.doubles = found.map {
                Double(bitPattern: UInt64(bitPattern: numbers[Int($0)]))
            }
        case .string, .bytes, .json, .id:
            (column.ends, column.bytes) = (texts[index].ends, texts[index].bytes)
            if key.dictionaryLook > 0 {
                column.codes = Array(found)
            } else {
                column.writeOut(found.prefix(key.codedCount), of: key.codedEntryCount)
            }
        }
        return column
    }
}

extension Column {
    /// Puts the values of codes in the place of the entries that they are of, which come first.
    fileprivate mutating func writeOut(_ codes: ArraySlice<UInt32>, of entryCount: Int) {
        // Where nothing repeats, and entries stand as they came, they are the values.
        if codes.count == entryCount, codes.elementsEqual(0..<UInt32(entryCount)) { return }
        let entries = self
        let rest = entryCount == 0 ? 0 : Int(ends[entryCount - 1])
        (ends, bytes) = ([], [])
        ends.reserveCapacity(codes.count + entries.ends.count - entryCount)
        bytes.reserveCapacity(2 * rest + entries.bytes.count - rest)
        appendValues(of: entries, Array(codes).span)
        let moved = UInt32(truncatingIfNeeded: bytes.count) &- UInt32(rest)
        bytes.append(entries.bytes.span.extracting(rest..<entries.bytes.count))
        for end in entries.ends[entryCount...] { ends.append(end &+ moved) }
    }
}
