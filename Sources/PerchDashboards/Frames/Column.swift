/// One cell of a frame.
package enum Cell: Sendable, Hashable {
    case null
    case number(Double)
    /// Milliseconds since 1970.
    case time(Int64)
    case text(String)
    case bool(Bool)
    case trend(Trend)

    /// A series in a cell, and the value that stands for it.
    package struct Trend: Sendable, Hashable {
        package var values: [Double]
        package var value: Double
    }

    /// The cell as a number, also where it was written as text; nil for nothing.
    package var double: Double? {
        switch self {
        case .number(let value): value.isNaN ? nil : value
        case .time(let millis): Double(millis)
        case .bool(let value): value ? 1 : 0
        case .text(let text): Double(text).flatMap { $0.isNaN ? nil : $0 }
        case .trend(let trend): trend.value.isNaN ? nil : trend.value
        case .null: nil
        }
    }

    /// The cell as plain text.
    package var text: String {
        switch self {
        case .null: ""
        case .number(let value): NumberText.plain(value)
        case .time(let millis): String(millis)
        case .text(let text): text
        case .bool(let value): value ? "true" : "false"
        case .trend: double.map(NumberText.plain) ?? ""
        }
    }

    package var isNull: Bool {
        switch self {
        case .null: true
        case .number(let value): value.isNaN
        case .trend(let trend): trend.value.isNaN
        default: false
        }
    }
}

/// The values of a field, flat by type; NaN stands for no number.
package enum Column: Sendable, Hashable {
    case numbers([Double])
    case times([Int64])
    case texts([String?])
    case bools([Bool?])
    case trends([Cell.Trend?])

    package var count: Int {
        switch self {
        case .numbers(let values): values.count
        case .times(let values): values.count
        case .texts(let values): values.count
        case .bools(let values): values.count
        case .trends(let values): values.count
        }
    }

    package subscript(row: Int) -> Cell {
        switch self {
        case .numbers(let values):
            guard values.indices.contains(row), !values[row].isNaN else { return .null }
            return .number(values[row])
        case .times(let values):
            return values.indices.contains(row) ? .time(values[row]) : .null
        case .texts(let values):
            guard values.indices.contains(row), let text = values[row] else { return .null }
            return .text(text)
        case .bools(let values):
            guard values.indices.contains(row), let value = values[row] else { return .null }
            return .bool(value)
        case .trends(let values):
            guard values.indices.contains(row), let trend = values[row] else { return .null }
            return .trend(trend)
        }
    }

    /// The column of the type that all cells have; text where they differ.
    package init(cells: [Cell]) {
        var hasNumbers = false
        var hasTimes = false
        var hasBools = false
        var hasTexts = false
        var hasTrends = false
        var hasNulls = false
        for cell in cells {
            switch cell {
            case .null: hasNulls = true
            case .number: hasNumbers = true
            case .time: hasTimes = true
            case .bool: hasBools = true
            case .text: hasTexts = true
            case .trend: hasTrends = true
            }
        }
        let kinds = [hasNumbers, hasTimes, hasBools, hasTexts, hasTrends].count { $0 }
        if kinds == 1, hasNumbers {
            self = .numbers(cells.map { $0.double ?? .nan })
        } else if kinds == 1, hasTimes, !hasNulls {
            self = .times(
                cells.map {
                    if case .time(let millis) = $0 { millis } else { 0 }
                })
        } else if kinds == 1, hasBools {
            self = .bools(cells.map { if case .bool(let value) = $0 { value } else { nil } })
        } else if kinds == 1, hasTrends {
            self = .trends(cells.map { if case .trend(let trend) = $0 { trend } else { nil } })
        } else if kinds == 1, hasTimes {
            self = .numbers(cells.map { $0.double ?? .nan })
        } else {
            self = .texts(cells.map { $0.isNull ? nil : $0.text })
        }
    }

    package var cells: [Cell] { (0..<count).map { self[$0] } }

    /// The rows of these indices, in their order.
    func picking(_ rows: [Int]) -> Column {
        switch self {
        case .numbers(let values): .numbers(rows.map { values[$0] })
        case .times(let values): .times(rows.map { values[$0] })
        case .texts(let values): .texts(rows.map { values[$0] })
        case .bools(let values): .bools(rows.map { values[$0] })
        case .trends(let values): .trends(rows.map { values[$0] })
        }
    }

    /// The values as numbers.
    var doubles: [Double] {
        if case .numbers(let values) = self { return values }
        return cells.map { $0.double ?? .nan }
    }
}
