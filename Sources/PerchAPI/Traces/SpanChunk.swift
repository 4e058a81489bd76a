import PerchModel

/// A batch of spans with its record fields and the attributes of each row at hand.
struct SpanChunk: Sendable {
    let batch: EventBatch
    private let columns: [String: Column]
    /// The columns of attributes.
    private let attributes: [Column]
    /// Where the cells of each row begin; one more than there are rows.
    private var starts: [Int]
    /// A column of `attributes` and an index into it, row by row.
    private var cells: [(column: UInt32, index: UInt32)]

    init(_ batch: EventBatch) {
        self.batch = batch
        var columns: [String: Column] = [:]
        for column in batch.columns where column.space == .record {
            // A record field has one kind; should there be two, the first answers.
            if columns[column.name] == nil { columns[column.name] = column }
        }
        self.columns = columns
        attributes = batch.columns.filter { $0.space == .attribute }
        starts = Array(repeating: 0, count: batch.rowCount + 1)
        for column in attributes {
            for row in column.rows { starts[Int(row) + 1] += 1 }
        }
        for row in 0..<batch.rowCount { starts[row + 1] += starts[row] }
        var next = starts
        cells = Array(repeating: (0, 0), count: starts[batch.rowCount])
        for (number, column) in attributes.enumerated() {
            for (index, row) in column.rows.enumerated() {
                cells[next[Int(row)]] = (UInt32(number), UInt32(index))
                next[Int(row)] += 1
            }
        }
    }

    /// Calls `body` with each attribute of a row.
    func forEachAttribute(ofRow row: Int, _ body: (String, FieldValue) -> Void) {
        for cell in cells[starts[row]..<starts[row + 1]] {
            let column = attributes[Int(cell.column)]
            body(column.name, column.value(at: Int(cell.index)))
        }
    }

    func traceID(ofRow row: Int) -> TraceID? {
        bytes(RecordField.traceID, row) { TraceID($0) } ?? nil
    }

    /// A span's id or its parent's, as a number; nil when there is none.
    func spanID(_ name: String, ofRow row: Int) -> UInt64? {
        bytes(name, row) { $0.count == 8 ? word($0, at: 0).bigEndian : nil } ?? nil
    }

    func int(_ name: String, ofRow row: Int) -> Int64? {
        guard let column = columns[name], column.kind == .int, let index = column.index(ofRow: row)
        else { return nil }
        return column.ints[index]
    }

    func text(_ name: String, ofRow row: Int) -> String? {
        guard let column = columns[name], let index = column.index(ofRow: row) else { return nil }
        return column.value(at: index).text
    }

    /// An array that the decoder wrote as JSON: events and links.
    func array(_ name: String, ofRow row: Int) -> [JSONValue] {
        guard let text = text(name, ofRow: row), case .array(let items)? = JSONValue(text) else {
            return []
        }
        return items
    }

    private func bytes<Result>(
        _ name: String, _ row: Int, _ read: (Span<UInt8>) -> Result
    ) -> Result? {
        guard let column = columns[name], column.kind.isBytes,
            let index = column.index(ofRow: row)
        else { return nil }
        return read(column.bytes.span.extracting(column.byteRange(at: index)))
    }
}
