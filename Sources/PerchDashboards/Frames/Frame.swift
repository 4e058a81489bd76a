/// A column with its name, its labels and its type.
package struct Field: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case time
        case number
        case text
        case bool
    }

    package var name: String
    package var labels: [FrameLabel]
    package var column: Column
    /// The name that the query's legend gives, before any that the file sets.
    package var legend: String?
    /// Set when the field comes from a transformation that keeps numbers as times.
    package var isTime: Bool

    package init(
        _ name: String, _ column: Column, labels: [FrameLabel] = [], legend: String? = nil,
        isTime: Bool = false
    ) {
        self.name = name
        self.column = column
        self.labels = labels
        self.legend = legend
        self.isTime = isTime
    }

    package var kind: Kind {
        switch column {
        case .numbers: isTime ? .time : .number
        case .times: .time
        case .texts: .text
        case .bools: .bool
        case .trends: .number
        }
    }

    /// The cells, those of a time as times however they are kept.
    var cells: [Cell] {
        guard kind == .time, case .numbers(let values) = column else { return column.cells }
        return values.map {
            $0.isNaN ? .null : .time(Int64(min(max($0, -8.64e15), 8.64e15)))
        }
    }

    /// The field with other cells; a time stays one, also where some cells are nothing.
    func with(_ cells: [Cell]) -> Field {
        var field = self
        field.column = Column(cells: cells)
        let isPlain = cells.allSatisfy { cell in
            switch cell {
            case .null, .time, .number: true
            case .text, .bool, .trend: false
            }
        }
        guard kind == .time, field.kind != .time, isPlain else { return field }
        field.column = .numbers(cells.map { $0.double ?? .nan })
        field.isTime = true
        return field
    }

    package func label(_ name: String) -> String? {
        labels.first { $0.name == name }?.value
    }
}

/// Columns of one length: a series, or a table.
package struct Frame: Sendable, Hashable {
    package var name: String?
    package var refID: String
    package var fields: [Field]

    package init(name: String? = nil, refID: String, fields: [Field]) {
        self.name = name
        self.refID = refID
        let count = fields.map(\.column.count).max() ?? 0
        // Columns of one length are what everything below relies on.
        self.fields = fields.map { field in
            guard field.column.count < count else { return field }
            return field.with(
                field.cells + Array(repeating: .null, count: count - field.column.count))
        }
    }

    package var rowCount: Int { fields.first?.column.count ?? 0 }

    package var timeField: Field? { fields.first { $0.kind == .time } }

    /// The frame with the rows of these indices.
    func picking(_ rows: [Int]) -> Frame {
        var frame = self
        for index in frame.fields.indices {
            frame.fields[index].column = frame.fields[index].column.picking(rows)
        }
        return frame
    }
}
