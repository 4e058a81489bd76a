import PerchModel

/// Parts of a whole.
package struct PieContent: Sendable {
    package var slices: [Slice]
    package var isDonut: Bool
    /// What stands at the slices: names, values, shares.
    package var labels: [String]
    package var legend: Legend

    package struct Slice: Sendable {
        package var name: String
        package var value: DisplayValue
        package var colour: Colour
        /// From 0 to 1.
        package var share: Double
    }
}

extension ContentMaker {
    func pie(_ notices: inout [PanelNotice]) -> PieContent? {
        let items = reducedItems(&notices).filter { ($0.cell.double ?? 0) > 0 }
        guard !items.isEmpty else { return nil }
        let total = items.reduce(0) { $0 + ($1.cell.double ?? 0) }
        let slices = items.enumerated().map { place, item in
            let value = shown(item)
            // Rows of one field would all have its colour.
            var colour = value.colour ?? item.field.colour
            if case .fixed = item.field.style.colourMode {
                colour = item.field.colour
            } else if !item.isSeries {
                colour = Palette.series(place)
            }
            return PieContent.Slice(
                name: item.name, value: value, colour: colour,
                share: total > 0 ? (item.cell.double ?? 0) / total : 0)
        }
        let type = option("pieType")?.scalarText ?? panel.json.at("pieType")?.scalarText
        return PieContent(
            slices: slices, isDonut: type == "donut", labels: option("displayLabels").texts,
            legend: pieLegend(slices))
    }

    private func pieLegend(_ slices: [PieContent.Slice]) -> Legend {
        let json = option("legend")
        let wanted = json?.at("values").texts ?? []
        let shown = wanted.filter { ["value", "percent"].contains($0) }
        var order = Array(slices.indices)
        if json?.at("sortBy")?.scalarText == "Value" || option("sort")?.scalarText == "desc" {
            let isDescending = json?.at("sortDesc")?.flag ?? true
            order.sort {
                isDescending
                    ? slices[$0].share > slices[$1].share : slices[$0].share < slices[$1].share
            }
        }
        let isHidden =
            json?.at("showLegend")?.flag == false || json?.at("displayMode")?.scalarText == "hidden"
        return Legend(
            form: isHidden
                ? .hidden : json?.at("displayMode")?.scalarText == "table" ? .table : .list,
            isRight: json?.at("placement")?.scalarText == "right",
            columns: shown.map { $0 == "value" ? "Value" : "Percent" },
            rows: order.map { place in
                let slice = slices[place]
                return Legend.Row(
                    series: place, name: slice.name, colour: slice.colour,
                    values: shown.map {
                        $0 == "value"
                            ? slice.value.text
                            : NumberText.fixed(slice.share * 100, decimals: 0) + "%"
                    })
            })
    }
}
