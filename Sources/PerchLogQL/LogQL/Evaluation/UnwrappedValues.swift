import PerchModel

/// The number of a label in each row of a batch.
struct UnwrappedValues {
    enum State: UInt8 {
        case missing
        case read
        case unreadable
    }

    private(set) var values: [Double]
    private(set) var states: [State]

    init(_ batch: EventBatch, _ plan: RangePlan) throws(LogQLFailure) {
        values = [Double](repeating: 0, count: batch.rowCount)
        states = [State](repeating: .missing, count: batch.rowCount)
        let conversion = plan.unwrap?.conversion
        for field in plan.unwrapFields {
            if field.space == .resource {
                addResources(batch, field.name, conversion)
                continue
            }
            for column in batch.columns(of: field).sorted(by: {
                $0.kind.rawValue < $1.kind.rawValue
            }) {
                add(column, conversion)
            }
        }
    }

    private mutating func addResources(
        _ batch: EventBatch, _ name: String, _ conversion: UnwrapConversion?
    ) {
        let texts = batch.resources.map { $0[name]?.text ?? "" }
        for row in states.indices where states[row] == .missing {
            let text = texts[Int(batch.resourceIndexes[row])]
            if !text.isEmpty { set(row, Self.number(text, conversion)) }
        }
    }

    private mutating func set(_ row: Int, _ value: Double?) {
        values[row] = value ?? 0
        states[row] = value == nil ? .unreadable : .read
    }

    private mutating func add(_ column: Column, _ conversion: UnwrapConversion?) {
        if conversion == nil, column.kind == .int {
            for index in column.rows.indices where states[Int(column.rows[index])] == .missing {
                set(Int(column.rows[index]), Double(column.ints[index]))
            }
            return
        }
        if conversion == nil, column.kind == .double {
            for index in column.rows.indices where states[Int(column.rows[index])] == .missing {
                set(Int(column.rows[index]), column.doubles[index])
            }
            return
        }
        // An entry of a dictionary is read once.
        var known = [Double?](repeating: nil, count: column.isDictionary ? column.entryCount : 0)
        for index in column.rows.indices where states[Int(column.rows[index])] == .missing {
            let row = Int(column.rows[index])
            if column.isDictionary, let value = known[Int(column.codes[index])] {
                set(row, value)
                continue
            }
            let text = column.value(at: index).text
            guard !text.isEmpty else { continue }
            let value = Self.number(text, conversion)
            set(row, value)
            if column.isDictionary { known[Int(column.codes[index])] = value }
        }
    }

    /// The number that a text is.
    static func number(_ text: String, _ conversion: UnwrapConversion?) -> Double? {
        number(Array(text.utf8).span, conversion)
    }

    static func number(_ text: Span<UInt8>, _ conversion: UnwrapConversion?) -> Double? {
        switch conversion {
        case nil: LabelNumber.decimal(text)
        case .bytes: LabelNumber.byteCount(text)
        case .duration, .durationSeconds: LabelNumber.durationNanos(text).map { $0 / 1e9 }
        }
    }
}
