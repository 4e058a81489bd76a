package import PerchModel

/// What a predicate means, row by row and as plainly as possible: the oracle of the fast paths.
package enum EventOracle {
    /// Whether a row satisfies a predicate.
    package static func holds(_ predicate: EventPredicate, _ batch: EventBatch, row: Int) -> Bool {
        func value(_ field: FieldReference) -> FieldValue? { Self.value(field, batch, row) }
        switch predicate {
        case .all: return true
        case .and(let parts): return parts.allSatisfy { holds($0, batch, row: row) }
        case .or(let parts): return parts.contains { holds($0, batch, row: row) }
        case .not(let part): return !holds(part, batch, row: row)
        case .equals(let field, let text):
            return value(field).map { Array($0.text.utf8) == Array(text.utf8) } ?? false
        case .contains(let field, let text):
            return value(field).map { contains($0.text, text) } ?? false
        case .containsExactly(let field, let text):
            return value(field).map { isPart(Array(text.utf8), of: Array($0.text.utf8)) } ?? false
        case .matches(let field, let pattern):
            return value(field).map { pattern.holds(Array($0.text.utf8).span) } ?? false
        case .hasPrefix(let field, let text):
            return value(field).map { $0.text.utf8.starts(with: text.utf8) } ?? false
        case .exists(let field): return value(field) != nil
        case .compares(let field, let comparison, let right):
            guard let left = value(field).flatMap(number) else { return false }
            switch comparison {
            case .less: return left < right
            case .lessOrEqual: return left <= right
            case .greater: return left > right
            case .greaterOrEqual: return left >= right
            case .equal: return left == right
            }
        case .anyText(let text):
            return batch.columns.contains { column in
                guard let index = column.index(ofRow: row) else { return false }
                let isText = column.kind == .string || column.kind == .json
                let isShown = ["body", "name", "status_message"].contains(column.name)
                guard
                    column.space == .attribute && column.kind == .string
                        || column.space == .record && isText && isShown
                else { return false }
                return contains(column.value(at: index).text, text)
            }
        }
    }

    /// What a field is in a row: record before attribute before resource, then by kind.
    private static func value(
        _ field: FieldReference, _ batch: EventBatch, _ row: Int
    ) -> FieldValue? {
        for space in FieldSpace.allCases where field.space == nil || field.space == space {
            if space == .resource { return batch.resource(ofRow: row)[field.name] }
            for kind in ColumnKind.allCases {
                for column in batch.columns
                where column.name == field.name && column.space == space && column.kind == kind {
                    if let index = column.index(ofRow: row) { return column.value(at: index) }
                }
            }
        }
        return nil
    }

    /// A row as a value that compares: what it holds, however columns are arranged.
    package struct Row: Hashable, Sendable {
        package var time: Int64
        package var resource: [String]
        /// `space/name/kind=value`, sorted.
        package var fields: [String]
    }

    /// All rows of a batch, or those in `rows`.
    package static func rows(_ batch: EventBatch, _ rows: [Int]? = nil) -> [Row] {
        (rows ?? Array(0..<batch.rowCount)).map { row in
            var fields: [String] = []
            for column in batch.columns {
                guard let index = column.index(ofRow: row) else { continue }
                let value = column.value(at: index)
                fields.append("\(column.space)/\(column.name)/\(column.kind)=\(value.text)")
            }
            let resource = batch.resource(ofRow: row).attributes.map { "\($0.key)=\($0.value)" }
            return Row(time: batch.times[row], resource: resource, fields: fields.sorted())
        }
    }

    private static func contains(_ text: String, _ needle: String) -> Bool {
        isPart(needle.utf8.map(fold), of: text.utf8.map(fold))
    }

    private static func isPart(_ needle: [UInt8], of text: [UInt8]) -> Bool {
        guard needle.count <= text.count else { return false }
        return (0...(text.count - needle.count)).contains {
            text[$0..<$0 + needle.count].elementsEqual(needle)
        }
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        (65...90).contains(byte) ? byte + 32 : byte
    }

    private static func number(_ value: FieldValue) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        case .string(let text):
            text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? Double(text) : nil
        case .bool, .bytes, .json, .id: nil
        }
    }
}
