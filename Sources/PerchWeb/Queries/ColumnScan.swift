package import PerchLogQL
import PerchModel

/// Reads one column of a chunk row after row, upwards, without a search a row.
struct ColumnScan {
    let column: Column?
    private var position = 0

    /// The record field `name` of this kind, or nothing when the chunk has no such column.
    init(_ batch: EventBatch, _ name: String, _ kind: ColumnKind) {
        column = batch.columns.first {
            $0.space == .record && $0.kind == kind && $0.name == name
        }
    }

    /// Where the value of `row` stands, or nil.
    ///
    /// Rows must be asked for in ascending order.
    mutating func index(_ row: Int) -> Int? {
        guard let column else { return nil }
        while position < column.rows.count, Int(column.rows[position]) < row { position += 1 }
        guard position < column.rows.count, Int(column.rows[position]) == row else { return nil }
        return position
    }

    mutating func int(_ row: Int) -> Int64? {
        guard let column, let index = index(row) else { return nil }
        return column.ints[index]
    }

    mutating func bytes(_ row: Int) -> ArraySlice<UInt8>? {
        guard let column, let index = index(row) else { return nil }
        return column.bytes[column.byteRange(at: index)]
    }

    mutating func text(_ row: Int) -> String? {
        bytes(row).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Reads the level of log rows: by number, else by the logger's own word.
struct LevelScan {
    private var numbers: ColumnScan
    private var texts: ColumnScan
    private var known: [ArraySlice<UInt8>: LogLevel?] = [:]

    /// The columns this needs in a projection.
    static let fields = [
        FieldReference(RecordField.severityNumber, space: .record),
        FieldReference(RecordField.severityText, space: .record),
    ]

    init(_ batch: EventBatch) {
        numbers = ColumnScan(batch, RecordField.severityNumber, .int)
        texts = ColumnScan(batch, RecordField.severityText, .string)
    }

    mutating func level(_ row: Int) -> LogLevel? {
        if let number = numbers.int(row), let level = LogLevel(number: number) { return level }
        guard let word = texts.bytes(row), word.count <= 32 else { return nil }
        if let level = known[word] { return level }
        let level = LogLevel(text: String(decoding: word, as: UTF8.self))
        // Bounded, as the words come from outside.
        if known.count < 64 { known[word] = .some(level) }
        return level
    }
}

/// How many records there are of each level.
package struct LevelCounts: Sendable, Hashable {
    /// By the level's raw value, then one for records without a level.
    package private(set) var counts = [Int](repeating: 0, count: LogLevel.allCases.count + 1)

    package init() {}

    package subscript(level: LogLevel?) -> Int {
        get { counts[level?.rawValue ?? LogLevel.allCases.count] }
        set { counts[level?.rawValue ?? LogLevel.allCases.count] = newValue }
    }

    package var total: Int { counts.reduce(0, +) }
}
