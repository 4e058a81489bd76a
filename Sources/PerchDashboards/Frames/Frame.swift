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
        }
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
            var padded = field
            padded.column = Column(
                cells: field.column.cells
                    + Array(repeating: .null, count: count - field.column.count))
            return padded
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
