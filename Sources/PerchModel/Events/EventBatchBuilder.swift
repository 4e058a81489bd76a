/// Fills an ``EventBatch`` row by row without a string or a dictionary look-up a value.
///
/// Fields come in the same order in almost every row, so the column that followed the last one
/// before is tried first; only a miss searches a table of hashes.
package struct EventBatchBuilder: Sendable {
    /// The batch so far.
    ///
    /// Rows begun are in it.
    package private(set) var batch: EventBatch

    /// Column names as bytes, beside `batch.columns`.
    private var names: [[UInt8]] = []
    /// Which column followed each column last time; -1 is unknown.
    ///
    /// One more for "begin of row".
    private var successors: [Int32] = [-1]
    private var columnsByHash: [UInt64: [Int32]] = [:]
    private var lastColumn = -1
    private var resourceIndexes: [Resource: UInt32] = [:]

    package init(dataset: Dataset) {
        batch = EventBatch(dataset: dataset)
    }

    /// The number of rows begun.
    package var rowCount: Int { batch.times.count }

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

    /// Takes back the last row begun, with its values.
    package mutating func dropRow() {
        let row = UInt32(batch.times.count - 1)
        for index in batch.columns.indices where batch.columns[index].rows.last == row {
            batch.columns[index].rows.removeLast()
            switch batch.columns[index].kind {
            case .int, .bool: batch.columns[index].ints.removeLast()
            case .double: batch.columns[index].doubles.removeLast()
            case .string, .bytes, .json, .id:
                batch.columns[index].ends.removeLast()
                let end = Int(batch.columns[index].ends.last ?? 0)
                batch.columns[index].bytes.removeSubrange(end...)
            }
        }
        batch.times.removeLast()
        batch.resourceIndexes.removeLast()
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
        guard let index = prepare(space, name, kind) else { return }
        batch.columns[index].ints.append(value)
    }

    /// Sets a double.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(_ space: FieldSpace, _ name: Span<UInt8>, double value: Double) {
        guard let index = prepare(space, name, .double) else { return }
        batch.columns[index].doubles.append(value)
    }

    /// Sets text, bytes, JSON or an id.
    ///
    /// The first value of a field in a row wins.
    package mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, bytes value: Span<UInt8>, kind: ColumnKind
    ) {
        guard let index = prepare(space, name, kind) else { return }
        // Safe: the pointer is used within the closure only, and `append` copies.
        unsafe value.withUnsafeBufferPointer { buffer in
            unsafe batch.columns[index].bytes.append(contentsOf: buffer)
        }
        batch.columns[index].ends.append(UInt32(batch.columns[index].bytes.count))
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

    /// Finds or makes the column, appends the current row to it, and answers its index; nil when
    /// the row already has a value in it.
    private mutating func prepare(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> Int? {
        let index = column(space, name, kind)
        let row = UInt32(batch.times.count - 1)
        successors[lastColumn + 1] = Int32(index)
        lastColumn = index
        guard batch.columns[index].rows.last != row else { return nil }
        batch.columns[index].rows.append(row)
        return index
    }

    private mutating func column(
        _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> Int {
        // Fast path: the same field followed this one in an earlier row.
        let guess = Int(successors[lastColumn + 1])
        if guess >= 0, matches(guess, space, name, kind) { return guess }
        var hash: UInt64 =
            0xcbf2_9ce4_8422_2325 ^ UInt64(space.rawValue) << 8 ^ UInt64(kind.rawValue)
        for index in name.indices {
            hash = (hash ^ UInt64(name[index])) &* 0x100_0000_01b3
        }
        for candidate in columnsByHash[hash] ?? [] where matches(Int(candidate), space, name, kind)
        {
            return Int(candidate)
        }
        var bytes: [UInt8] = []
        for index in name.indices { bytes.append(name[index]) }
        let index = batch.columns.count
        batch.columns.append(
            Column(name: String(decoding: bytes, as: UTF8.self), space: space, kind: kind))
        names.append(bytes)
        successors.append(-1)
        columnsByHash[hash, default: []].append(Int32(index))
        return index
    }

    private func matches(
        _ index: Int, _ space: FieldSpace, _ name: Span<UInt8>, _ kind: ColumnKind
    ) -> Bool {
        guard batch.columns[index].kind == kind, batch.columns[index].space == space,
            names[index].count == name.count
        else { return false }
        for position in name.indices where names[index][position] != name[position] {
            return false
        }
        return true
    }
}
