package import PerchModel

/// One value of an answer.
package enum ResultCell: Sendable, Hashable {
    /// The row has no such value.
    case none
    case text(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    /// Nanoseconds since 1970.
    case time(Int64)

    /// The cell as people read it; nothing for a value that is missing.
    package var shown: String {
        switch self {
        case .none: ""
        case .text(let text): text
        case .int(let value): String(value)
        case .double(let value): Int64(exactly: value).map { String($0) } ?? String(value)
        case .bool(let value): value ? "true" : "false"
        case .time(let nanos): SearchTime.text(nanos)
        }
    }

    /// The number that it is, or that its text reads as.
    var number: Double? {
        switch self {
        case .int(let value): return Double(value)
        case .double(let value): return value.isNaN ? nil : value
        case .time(let nanos): return Double(nanos)
        case .text(let text):
            guard case .number(let value)? = SearchQuantity(text) else { return nil }
            return value
        case .none, .bool: return nil
        }
    }

    /// Whether it comes before another: numbers by their size, then texts by their bytes; nil
    /// where neither does.
    func isBefore(_ other: ResultCell) -> Bool? {
        if case .int(let left) = self, case .int(let right) = other {
            return left == right ? nil : left < right
        }
        if case .time(let left) = self, case .time(let right) = other {
            return left == right ? nil : left < right
        }
        switch (number, other.number) {
        case (let left?, let right?): return left == right ? nil : left < right
        case (.some, nil): return true
        case (nil, .some): return false
        case (nil, nil):
            let (left, right) = (shown, other.shown)
            if left.utf8.elementsEqual(right.utf8) { return nil }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }
}

/// An answer as rows and columns.
package struct ResultTable: Sendable, Hashable {
    package var columns: [String]
    package var rows: [[ResultCell]]

    package init(columns: [String], rows: [[ResultCell]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// Some fields of rows.
    package init(_ batch: EventBatch, _ names: [String]) {
        let fields = names.map { PipeField($0) }
        columns = names
        rows = (0..<batch.rowCount).map { row in fields.map { $0.cell(batch, row) } }
    }

    /// Orders rows by some columns; missing values come last in either direction.
    mutating func sort(_ keys: [(column: Int, isDescending: Bool)]) {
        let order = rows.indices.sorted { left, right in
            Self.isBefore(rows[left], rows[right], keys) ?? (left < right)
        }
        rows = order.map { rows[$0] }
    }

    /// Whether a row comes before another; nil where the keys do not tell.
    static func isBefore(
        _ left: [ResultCell], _ right: [ResultCell], _ keys: [(column: Int, isDescending: Bool)]
    ) -> Bool? {
        for key in keys {
            let (first, second) = (left[key.column], right[key.column])
            if first == .none || second == .none {
                if first == second { continue }
                return second == .none
            }
            if let isBefore = first.isBefore(second) { return isBefore != key.isDescending }
        }
        return nil
    }
}
