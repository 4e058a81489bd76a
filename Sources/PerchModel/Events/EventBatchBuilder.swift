/// Fills an ``EventBatch`` row by row without a string or a dictionary look-up a value.
///
/// Fields come in the same order in almost every row, so the column that followed the last one
/// before is tried first; only a miss searches a table of hashes.
package struct EventBatchBuilder: Sendable {
    /// The batch so far.
    ///
    /// Rows begun are in it.
    package private(set) var batch: EventBatch

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
        /// How many values a dictionary has when it is looked at again; 0 where values stand plainly.
        var dictionaryLook = Column.firstDictionaryLook
        /// Of the name, in `names`.
        var start: UInt32
        var count: UInt32
        /// The last row with a value.
        var lastRow = UInt32.max
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

    package init(dataset: Dataset) {
        batch = EventBatch(dataset: dataset)
    }

    /// The number of rows begun.
    package var rowCount: Int { batch.times.count }

    /// The number of columns so far.
    package var columnCount: Int { keys.count }

    /// The bytes of all columns' names.
    package var nameByteCount: Int { names.count }

    /// Registers a sender and answers its index for ``beginRow(timeNanos:resource:)``.
    package mutating func intern(_ resource: Resource) -> UInt32 {
        if let known = resourceIndexes[resource] { return known }
        let index = UInt32(batch.resources.count)
        batch.resources.append(resource)
        resourceIndexes[resource] = index
        return index
    }

    /// Begins a row; the `set` calls that follow belong to it.
    package mutating func beginRow(timeNanos: Int64, resource: UInt32) {
        precondition(Int(resource) < batch.resources.count, "unknown resource \(resource)")
        batch.times.append(timeNanos)
        batch.resourceIndexes.append(resource)
        lastColumn = -1
    }

    /// Moves the time of the last row begun.
    package mutating func setTime(_ timeNanos: Int64) {
        batch.times[batch.times.count - 1] = timeNanos
    }

    /// Sets an integer or, with kind `.bool`, 0 or 1.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, int value: Int64, kind: ColumnKind = .int
    ) {
        guard let (index, row) = prepare(space, name, kind) else { return }
        batch.columns[index].append(row: row, int: value)
    }

    /// Sets a double.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(_ space: FieldSpace, _ name: Span<UInt8>, double value: Double) {
        guard let (index, row) = prepare(space, name, .double) else { return }
        batch.columns[index].append(row: row, double: value)
    }

    /// Sets text, bytes, JSON or an id.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, bytes value: Span<UInt8>, kind: ColumnKind
    ) {
        guard let (index, row) = prepare(space, name, kind) else { return }
        append(value, index, row)
    }

    /// Sets an integer of a field that every sender has.
    package mutating func set(_ field: RecordKey, int value: Int64) {
        guard let (index, row) = prepare(field, .int) else { return }
        batch.columns[index].append(row: row, int: value)
    }

    /// Sets text, bytes, JSON or an id of a field that every sender has.
    package mutating func set(
        _ field: RecordKey, bytes value: Span<UInt8>, kind: ColumnKind
    ) {
        guard let (index, row) = prepare(field, kind) else { return }
        append(value, index, row)
    }

    @inline(__always)
    private mutating func append(_ value: Span<UInt8>, _ index: Int, _ row: UInt32) {
        guard keys[index].dictionaryLook > 0 else {
            batch.columns[index].append(row: row, bytes: value)
            return
        }
        let count = batch.columns[index].append(
            row: row, entry: value, &entries, seed: EntryTable.seed(column: index))
        if count == keys[index].dictionaryLook { lookAtDictionary(index) }
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

    /// Writes the values of a dictionary out if few of them repeat.
    @inline(never)
    private mutating func lookAtDictionary(_ index: Int) {
        let isWritten = batch.columns[index].writeOutIfFewRepeat()
        keys[index].dictionaryLook = isWritten ? 0 : keys[index].dictionaryLook &* 4
    }

    /// Finds or makes the column, and answers its index and the current row; nil when the row
    /// already has a value in it.
    @inline(__always)
    private mutating func prepare(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> (index: Int, row: UInt32)? {
        // Fast path: the same field followed this one in an earlier row.
        let guess = Int(successors[lastColumn + 1])
        let index: Int
        if guess >= 0, keys[guess].isOf(space, name, kind, names) {
            index = guess
        } else {
            index = search(space, name, kind)
            successors[lastColumn + 1] = Int32(index)
        }
        return begin(index)
    }

    @inline(__always)
    private mutating func prepare(
        _ field: RecordKey, _ kind: ColumnKind
    ) -> (index: Int, row: UInt32)? {
        let place = field.rawValue &* Self.kindCount &+ Int(kind.rawValue)
        let known = recordColumns[place]
        guard known == 0 else { return begin(Int(known) &- 1) }
        let index = search(.record, Array(field.fieldName.utf8).span, kind)
        recordColumns[place] = Int32(index + 1)
        return begin(index)
    }

    @inline(__always)
    private mutating func begin(_ index: Int) -> (index: Int, row: UInt32)? {
        lastColumn = index
        let row = UInt32(truncatingIfNeeded: batch.times.count &- 1)
        guard keys[index].lastRow != row else { return nil }
        keys[index].lastRow = row
        return (index, row)
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
        let start = names.count
        names.append(name)
        batch.columns.append(
            Column(name: String(decoding: names[start...], as: UTF8.self), space: space, kind: kind)
        )
        keys.append(
            Key(
                space: space, kind: kind, start: UInt32(start), count: UInt32(name.count),
                hash: hash))
        successors.append(-1)
        slots[slot] = UInt32(index + 1)
        if keys.count * 2 > slots.count { grow() }
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

extension Column {
    @inline(__always)
    fileprivate mutating func append(row: UInt32, int value: Int64) {
        rows.append(row)
        ints.append(value)
    }

    @inline(__always)
    fileprivate mutating func append(row: UInt32, double value: Double) {
        rows.append(row)
        doubles.append(value)
    }

    @inline(__always)
    fileprivate mutating func append(row: UInt32, bytes value: Span<UInt8>) {
        rows.append(row)
        bytes.append(value)
        ends.append(UInt32(bytes.count))
    }

    /// Adds a value by its entry, and answers how many values there are now.
    @inline(__always)
    fileprivate mutating func append(
        row: UInt32, entry value: Span<UInt8>, _ entries: inout EntryTable, seed: UInt64
    ) -> Int {
        rows.append(row)
        codes.append(code(of: value, &entries, seed: seed))
        return codes.count
    }

    @inline(__always)
    private mutating func code(
        of value: Span<UInt8>, _ entries: inout EntryTable, seed: UInt64
    ) -> UInt32 {
        // Fast path: values that follow each other are often alike.
        if let last = codes.last {
            let range = entryRange(Int(last))
            if range.count == value.count, stands(value, in: bytes.span, at: range.lowerBound) {
                return last
            }
        }
        return entries.code(of: value, seed: seed, ends: &ends, bytes: &bytes)
    }
}
