import PerchModel

/// Reads a field as numbers, one a row: NaN where the row has none.
///
/// Text that reads as a number is one, and so it is looked at once for each entry of a dictionary.
struct FieldDoubles {
    private let field: PipeField

    init(_ field: PipeField) {
        self.field = field
    }

    /// The numbers of all rows.
    func values(of batch: EventBatch) -> [Double] {
        var values = [Double](repeating: .nan, count: batch.rowCount)
        // A row takes the first value that it has, whether that one is a number or not.
        var isTaken = [Bool](repeating: false, count: batch.rowCount)
        for (place, reference) in field.references.enumerated() {
            // The duration of spans is in nanoseconds.
            let factor = field.meaning == .durationMillis && place == 1 ? 1e-6 : 1
            let columns = batch.columns.indices.filter {
                batch.columns[$0].name == reference.name
                    && (reference.space == nil || batch.columns[$0].space == reference.space)
            }.sorted {
                (batch.columns[$0].space.rawValue, batch.columns[$0].kind.rawValue)
                    < (batch.columns[$1].space.rawValue, batch.columns[$1].kind.rawValue)
            }
            for index in columns { fill(&values, &isTaken, batch.columns[index], factor) }
            guard reference.space == nil || reference.space == .resource else { continue }
            let numbers = batch.resources.map { $0[reference.name].map(Self.number) }
            for row in values.indices where !isTaken[row] {
                guard let number = numbers[Int(batch.resourceIndexes[row])] else { continue }
                isTaken[row] = true
                values[row] = number
            }
        }
        return values
    }

    private func fill(
        _ values: inout [Double], _ isTaken: inout [Bool], _ column: Column, _ factor: Double
    ) {
        var known: [Int: Double] = [:]
        for index in column.rows.indices {
            let row = Int(column.rows[index])
            guard !isTaken[row] else { continue }
            isTaken[row] = true
            switch column.kind {
            case .int: values[row] = Double(column.ints[index]) * factor
            case .double: values[row] = column.doubles[index] * factor
            case .string:
                guard column.isDictionary else {
                    values[row] = Self.number(column.value(at: index)) * factor
                    continue
                }
                let code = Int(column.codes[index])
                let number = known[code] ?? Self.number(column.value(at: index)) * factor
                known[code] = number
                values[row] = number
            case .bool, .bytes, .json, .id: break
            }
        }
    }

    private static func number(_ value: FieldValue) -> Double {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        case .string(let text):
            if case .number(let value)? = SearchQuantity(text) { value } else { .nan }
        case .bool, .bytes, .json, .id: .nan
        }
    }
}
