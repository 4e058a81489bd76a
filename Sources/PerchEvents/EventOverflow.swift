import PerchModel

/// Fields of a batch that are too many, or have too long names, as one field of JSON.
///
/// Each column costs something in every block, so a sender that makes up names must not have as
/// many as it likes. The rarest go; nothing of them is lost.
struct EventOverflow {
    let batch: EventBatch
    /// Values that stand in the one field.
    let valueCount: Int

    /// Nil where every field has its column.
    init?(_ batch: EventBatch) throws(StoreFailure) {
        // Fast path: almost every batch.
        guard
            batch.columns.count > Limits.batchColumnCountMax
                || batch.columns.contains(where: Self.isLong)
        else { return nil }
        let folded = Self.folded(batch)
        guard !folded.isEmpty else { return nil }
        var places: [(row: UInt32, column: Int, index: Int)] = []
        for column in folded.indices {
            for (index, row) in folded[column].rows.enumerated() {
                places.append((row, column, index))
            }
        }
        places.sort { ($0.row, $0.column) < ($1.row, $1.column) }
        var result = batch
        let names = Set(folded.map { Name($0) })
        result.columns.removeAll { names.contains(Name($0)) }
        result.columns.append(try Self.joined(folded, places))
        self.batch = result
        valueCount = places.count
    }

    private struct Name: Hashable {
        var name: String
        var space: FieldSpace
        var kind: ColumnKind

        init(_ column: Column) {
            (name, space, kind) = (column.name, column.space, column.kind)
        }
    }

    private static func isLong(_ column: Column) -> Bool {
        column.name.utf8.count > Limits.fieldNameByteCountMax
    }

    /// Attributes with too long names, and of the others those that the fewest rows have.
    private static func folded(_ batch: EventBatch) -> [Column] {
        var long: [Column] = []
        var others: [Column] = []
        var keptCount = 0
        for column in batch.columns {
            if column.space != .attribute {
                keptCount += 1
            } else if isLong(column) {
                long.append(column)
            } else {
                others.append(column)
            }
        }
        let room = max(0, Limits.batchColumnCountMax - keptCount - 1)
        guard others.count > room else { return long }
        let byUse = others.indices.sorted {
            (others[$1].rows.count, $0) < (others[$0].rows.count, $1)
        }
        return long + byUse[room...].sorted().map { others[$0] }
    }

    private static func joined(
        _ columns: [Column], _ places: [(row: UInt32, column: Int, index: Int)]
    ) throws(StoreFailure) -> Column {
        var result = Column(name: RecordField.overflow, space: .record, kind: .json)
        var text = JSONWriter()
        for (number, place) in places.enumerated() {
            let isFirst = number == 0 || places[number - 1].row != place.row
            text.raw(isFirst ? "{" : ",")
            let column = columns[place.column]
            text.string(shortened(column.name))
            text.raw(":")
            write(column.value(at: place.index), to: &text)
            if number + 1 < places.count, places[number + 1].row == place.row { continue }
            text.raw("}")
            result.rows.append(place.row)
            result.ends.append(UInt32(clamping: text.bytes.count))
            guard text.bytes.count <= Limits.batchByteCountMax else {
                throw .tooLarge(
                    "\(columns.count) fields over the limit of \(Limits.batchColumnCountMax) take "
                        + "more than \(Limits.batchByteCountMax) bytes together")
            }
        }
        result.bytes = text.bytes
        return result
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > Limits.fieldNameByteCountMax else { return name }
        let start = name.utf8.prefix(Limits.fieldNameByteCountMax)
        return String(decoding: start, as: UTF8.self) + "…"
    }

    private static func write(_ value: FieldValue, to text: inout JSONWriter) {
        switch value {
        case .int(let number): text.number(number)
        case .double(let number): text.number(number)
        case .bool(let value): text.raw(value ? "true" : "false")
        case .json(let json): text.raw(bytes: json.utf8)
        case .string, .bytes, .id: text.string(value.text)
        }
    }
}
