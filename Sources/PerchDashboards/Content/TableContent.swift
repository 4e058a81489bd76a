import PerchModel

/// Rows and columns; several tables when the queries answer with several.
package struct TableContent: Sendable {
    package var tables: [Grid]
    /// The one that is shown first.
    package var selected: Int
    package var hasHeader: Bool

    package struct Grid: Sendable {
        package var name: String
        package var columns: [Column]
        package var rows: [[Cell]]
        /// How many rows there are, also those that are not shown.
        package var rowCount: Int
        /// A text under each column, or nothing.
        package var footer: [String]
    }

    package struct Column: Sendable, Hashable {
        package var name: String
        package var description: String
        package var isNumber: Bool
        package var style: CellStyle
        /// The colours of equal steps of its bars; empty where a bar has one colour.
        package var scale: [Colour?]
    }

    package struct Cell: Sendable, Hashable {
        package var value: DisplayValue
        /// From 0 to 1, for bars in cells.
        package var share: Double
        package var links: [PanelLink]
        /// A series to be drawn in the cell.
        package var trend: [Double] = []
    }
}

extension ContentMaker {
    func table(_ notices: inout [PanelNotice]) -> TableContent? {
        let shown = frames.filter { $0.contains { !$0.style.cell.isHidden } }
        guard shown.contains(where: { ($0.first?.field.column.count ?? 0) > 0 }) else { return nil }
        let drawn = shown.prefix(Limits.itemsMax)
        let grids = drawn.map { grid($0, &notices) }
        let wanted = option("frameIndex")?.integer ?? 0
        return TableContent(
            tables: grids, selected: grids.indices.contains(wanted) ? wanted : 0,
            hasHeader: option("showHeader")?.flag ?? true)
    }

    private func grid(
        _ frame: [StyledField], _ notices: inout [PanelNotice]
    ) -> TableContent.Grid {
        let fields = frame.filter { !$0.style.cell.isHidden }
        let count = fields.first?.field.column.count ?? 0
        let rows = order(fields, count)
        if count > Limits.tableRowsMax {
            notices.append(.tooMany(what: "rows", count: count, shown: Limits.tableRowsMax))
        }
        return TableContent.Grid(
            name: frame.first?.frame.name ?? frame.first?.frame.refID ?? "",
            columns: fields.map { one in
                TableContent.Column(
                    name: one.name, description: one.style.description,
                    isNumber: one.field.kind == .number, style: one.style.cell,
                    scale: Self.scale(one))
            },
            rows: cells(fields, rows.prefix(Limits.tableRowsMax)),
            rowCount: count, footer: footer(fields))
    }

    private func cells(_ fields: [StyledField], _ rows: ArraySlice<Int>) -> [[TableContent.Cell]] {
        // A scope a column, not one a cell.
        var scopes = fields.map(\.scope)
        return rows.map { row in
            fields.indices.map { place in
                let one = fields[place]
                let cell = one.field.column[row]
                var result = TableContent.Cell(
                    value: one.display(cell), share: cell.double.map(one.share) ?? 0,
                    links: one.links(cell, row: row, &scopes[place]))
                if case .trend(let trend) = cell { result.trend = trend.values }
                return result
            }
        }
    }

    private static func scale(_ one: StyledField) -> [Colour?] {
        guard case .gauge(let form) = one.style.cell.form, form != .basic else { return [] }
        return one.scale(BarForm.stepCount)
    }

    /// The rows in the order that the panel asks for.
    private func order(_ fields: [StyledField], _ count: Int) -> [Int] {
        var rows = Array(0..<count)
        var sorts = (option("sortBy").items).compactMap { item -> (Int, Bool)? in
            let name = item.at("displayName")?.scalarText ?? item.at("id")?.scalarText
            guard let place = fields.firstIndex(where: { $0.name == name }) else { return nil }
            return (place, item.at("desc").isTrue)
        }
        if sorts.isEmpty, let old = panel.json.at("sort"), panel.options?.at("sortBy") == nil,
            let column = old.at("col")?.integer, fields.indices.contains(column)
        {
            sorts = [(column, old.at("desc").isTrue)]
        }
        for (place, isDescending) in sorts.reversed() {
            let sorter = CellSorter(fields[place].field.column, isDescending: isDescending)
            rows = sorter.sorted(rows)
        }
        return rows
    }

    private func footer(_ fields: [StyledField]) -> [String] {
        guard let json = option("footer"), json.at("show").isTrue else { return [] }
        let reducer = json.at("reducer").texts.first ?? "sum"
        let wanted = Set(json.at("fields").texts)
        if json.at("countRows").isTrue {
            let count = fields.first?.field.column.count ?? 0
            return fields.enumerated().map { $0.offset == 0 ? "Count: \(count)" : "" }
        }
        return fields.map { one in
            guard one.field.kind == .number,
                wanted.isEmpty || wanted.contains(one.name) || wanted.contains(one.field.name),
                let value = Reducer.value(reducer, of: one.field.column.doubles)
            else { return "" }
            return one.display(.number(value)).text
        }
    }
}

/// Sorts rows by a column: numbers by size, text by letters, nothing at the end.
struct CellSorter {
    private var numbers: [Double?]
    private var texts: [String?]
    private var isDescending: Bool

    init(_ column: Column, isDescending: Bool) {
        let cells = column.cells
        self.isDescending = isDescending
        if case .texts = column {
            texts = cells.map { $0.isNull ? nil : $0.text }
            numbers = []
        } else {
            numbers = cells.map(\.double)
            texts = []
        }
    }

    /// A stable order.
    func sorted(_ rows: [Int]) -> [Int] {
        rows.sorted { left, right in
            numbers.isEmpty
                ? precedes(texts[left], texts[right]) : precedes(numbers[left], numbers[right])
        }
    }

    private func precedes<Value: Comparable>(_ left: Value?, _ right: Value?) -> Bool {
        guard let left else { return false }
        guard let right else { return true }
        return isDescending ? left > right : left < right
    }
}
