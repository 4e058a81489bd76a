import PerchModel
import PerchRegex

/// One value of a stat, a gauge or a slice, with where it comes from.
struct ReducedItem {
    var name: String
    var field: StyledField
    var cell: Cell
    var row: Int
    var isSeries: Bool
}

/// Which values of the fields a panel shows.
struct ReduceOptions {
    var calculations: [String]
    var fields: String
    var showsAllRows: Bool
    var limit: Int

    init(_ panel: Panel) {
        let json = panel.options?.at("reduceOptions") ?? panel.options?.at("fieldOptions")
        calculations = json?.at("calcs").calculations ?? []
        if calculations.isEmpty, let old = panel.json.at("valueName")?.nonEmptyText {
            calculations = [Self.oldName(old)]
        }
        if calculations.isEmpty, let value = panel.options?.at("valueOptions", "stat") {
            calculations = [Self.oldName(value.scalarText ?? "")]
        }
        calculations = calculations.filter(Reducer.isKnown)
        // A single stat of old showed the average where nothing was said.
        if calculations.isEmpty {
            calculations = [panel.type == "singlestat" ? "mean" : "lastNotNull"]
        }
        fields = json?.at("fields")?.scalarText ?? ""
        showsAllRows = json?.at("values").isTrue ?? false
        limit = min(max(json?.at("limit")?.integer ?? 25, 1), Limits.itemsMax)
    }

    private static func oldName(_ name: String) -> String {
        switch name {
        case "avg": "mean"
        case "current": "lastNotNull"
        case "total": "sum"
        default: name
        }
    }

    /// The values, in the order of the fields.
    func items(_ frames: [[StyledField]]) -> [ReducedItem] {
        let pattern = fields.hasPrefix("/") ? try? JavaScriptPattern.regex(fields) : nil
        func isWanted(_ one: StyledField) -> Bool {
            guard !one.style.draw.isHidden, !one.style.cell.isHidden else { return false }
            if fields.isEmpty { return one.field.kind == .number || one.field.kind == .bool }
            if let pattern { return pattern.matches(in: one.name) }
            return one.name == fields || one.field.name == fields
        }
        var items: [ReducedItem] = []
        for frame in frames {
            for one in frame where isWanted(one) {
                if showsAllRows {
                    items += rows(one, in: frame)
                } else {
                    items += calculations.map { reduced(one, $0) }
                }
                if items.count >= Limits.itemsMax * 4 { return items }
            }
        }
        return items
    }

    /// A value for each row, named by the text columns beside it.
    private func rows(_ one: StyledField, in frame: [StyledField]) -> [ReducedItem] {
        let texts = frame.filter { $0.field.kind == .text }
        let numbers = frame.count { $0.field.kind == .number }
        return (0..<min(one.field.column.count, limit)).map { row in
            let words = texts.map { $0.field.column[row].text }.filter { !$0.isEmpty }
            var name = words.joined(separator: " ")
            if name.isEmpty {
                name = one.name
            } else if numbers > 1 {
                name += " " + one.name
            }
            return ReducedItem(
                name: name, field: one, cell: one.field.column[row], row: row, isSeries: false)
        }
    }

    private func reduced(_ one: StyledField, _ calculation: String) -> ReducedItem {
        let suffix = calculations.count > 1 ? " " + (Reducer.name(calculation) ?? "") : ""
        var cell = Cell.null
        let column = one.field.column
        if case .texts = column {
            let cells = column.cells
            switch calculation {
            case "last": cell = cells.last ?? .null
            case "first": cell = cells.first ?? .null
            case "firstNotNull": cell = cells.first { !$0.isNull } ?? .null
            case "count": cell = .number(Double(cells.count))
            case "distinctCount": cell = .number(Double(Set(cells).count))
            default: cell = cells.last { !$0.isNull } ?? .null
            }
        } else if let value = Reducer.value(calculation, of: column.doubles) {
            cell =
                one.field.kind == .time
                ? .time(Int64(min(max(value, -8.64e15), 8.64e15))) : .number(value)
        }
        return ReducedItem(
            name: one.name + suffix, field: one, cell: cell, row: max(column.count - 1, 0),
            isSeries: true)
    }
}
