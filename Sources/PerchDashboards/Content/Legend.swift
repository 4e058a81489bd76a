import PerchModel

/// The list of a chart's series, as its panel asks for it.
package struct Legend: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        case hidden
        case list
        case table
    }

    package var form: Form
    package var isRight: Bool
    /// The names of the columns.
    package var columns: [String]
    package var rows: [Row]

    package struct Row: Sendable, Hashable {
        /// The place of the series in the chart.
        package var series: Int
        package var name: String
        package var colour: Colour
        package var values: [String]
    }
}

extension ContentMaker {
    /// The legend of series, with the calculations that the panel asks for.
    func legend(_ series: [StyledField]) -> Legend {
        let json = option("legend")
        let old = json == nil ? panel.json.at("legend") : nil
        let calculations = old.map(Self.oldCalculations) ?? json?.at("calcs").calculations ?? []
        let known = calculations.filter(Reducer.isKnown)
        var form: Legend.Form
        switch json?.at("displayMode")?.scalarText ?? "list" {
        case "hidden": form = .hidden
        case "table": form = .table
        default: form = .list
        }
        if json?.at("showLegend")?.flag == false || json?.at("isVisible")?.flag == false {
            form = .hidden
        }
        if let old {
            let isTable = old.at("alignAsTable").isTrue
            form = old.at("show")?.flag == false ? .hidden : isTable ? .table : .list
        }
        var numbers: [[Double?]] = []
        var rows: [Legend.Row] = []
        for (place, one) in series.enumerated() where !one.style.draw.isHiddenInLegend {
            let values = known.map { Reducer.value($0, of: one.field.column.doubles) }
            numbers.append(values)
            rows.append(
                Legend.Row(
                    series: place, name: one.name, colour: one.colour,
                    values: values.map { $0.map { one.display(.number($0)).text } ?? "" }))
        }
        let columns = known.map { Reducer.name($0) ?? $0 }
        let wanted = json?.at("sortBy")?.scalarText ?? old?.at("sort")?.scalarText ?? ""
        let isDescending = json?.at("sortDesc").isTrue ?? old?.at("sortDesc").isTrue ?? false
        let order = Self.order(
            rows, numbers,
            column: columns.firstIndex(of: wanted)
                ?? known.firstIndex { $0 == wanted || Self.oldNames[wanted] == $0 },
            byName: wanted == "Name", isDescending: isDescending)
        return Legend(
            form: form,
            isRight: json?.at("placement")?.scalarText == "right"
                || (old?.at("rightSide").isTrue ?? false),
            columns: columns, rows: order.map { rows[$0] })
    }

    private static func order(
        _ rows: [Legend.Row], _ numbers: [[Double?]], column: Int?, byName: Bool,
        isDescending: Bool
    ) -> [Int] {
        let places = Array(rows.indices)
        if byName {
            return places.sorted {
                isDescending ? rows[$0].name > rows[$1].name : rows[$0].name < rows[$1].name
            }
        }
        guard let column else { return places }
        // Nothing stands behind everything, whichever way.
        return places.sorted { left, right in
            guard let a = numbers[left][column] else { return false }
            guard let b = numbers[right][column] else { return true }
            return isDescending ? a > b : a < b
        }
    }

    private static let oldNames = [
        "current": "lastNotNull", "avg": "mean", "total": "sum", "min": "min", "max": "max",
    ]

    /// `{"avg": true, "current": true, "values": true}` of the graph of old.
    private static func oldCalculations(_ json: JSONValue) -> [String] {
        guard json.at("values").isTrue else { return [] }
        return ["min", "max", "avg", "current", "total"].filter { json.at($0).isTrue }
            .compactMap { oldNames[$0] }
    }
}
