import PerchModel

/// Values against a least and a greatest one: arcs, or bars.
package struct GaugeContent: Sendable {
    package var items: [Item]
    package var isHorizontal: Bool?
    package var form: BarForm
    package var valueForm: CellStyle.ValueForm
    package var showsNames: Bool
    package var showsThresholdMarkers: Bool
    package var showsThresholdLabels: Bool

    package struct Item: Sendable {
        package var name: String
        package var value: DisplayValue
        /// From 0 to 1.
        package var share: Double
        package var min: DisplayValue
        package var max: DisplayValue
        /// Where each threshold begins, from 0 to 1, with its colour.
        package var thresholds: [(share: Double, colour: Colour)]
        package var links: [PanelLink]
        /// The colours of equal steps of its bar; empty where it has one colour.
        package var scale: [Colour?]
    }
}

extension ContentMaker {
    func gauge(_ notices: inout [PanelNotice]) -> GaugeContent? {
        let items = reducedItems(&notices)
        guard !items.isEmpty else { return nil }
        let isBar = panel.type == "bargauge"
        let form = BarForm(rawValue: option("displayMode")?.scalarText ?? "") ?? .gradient
        let drawsSteps = isBar && form != .basic
        return GaugeContent(
            items: items.map { gaugeItem($0, isBar: isBar, drawsSteps: drawsSteps) },
            isHorizontal: option("orientation")?.scalarText.flatMap {
                $0 == "auto" ? nil : $0 == "horizontal"
            },
            form: form,
            valueForm: CellStyle.ValueForm(rawValue: option("valueMode")?.scalarText ?? "")
                ?? .coloured,
            showsNames: (items.count > 1 || isBar)
                && option("namePlacement")?.scalarText != "hidden",
            showsThresholdMarkers: option("showThresholdMarkers")?.flag ?? true,
            showsThresholdLabels: option("showThresholdLabels").isTrue)
    }

    private func gaugeItem(
        _ item: ReducedItem, isBar: Bool, drawsSteps: Bool
    ) -> GaugeContent.Item {
        var field = item.field
        // An arc goes to 100 where nothing is said, a part of one to 1; a bar to what there is.
        let whole = field.style.unitID == "percentunit" ? 1.0 : 100.0
        if !isBar {
            field.least = field.style.min ?? 0
            field.greatest = field.style.max ?? whole
        } else if field.style.unitID == "percent" || field.style.unitID == "percentunit" {
            field.least = field.style.min ?? 0
            field.greatest = field.style.max ?? Swift.max(whole, field.greatest)
        } else if field.style.min == nil {
            field.least = Swift.min(0, field.least)
        }
        var shownItem = item
        shownItem.field = field
        let steps = field.style.thresholds.absolute(min: field.least, max: field.greatest)
        return GaugeContent.Item(
            name: item.name, value: shown(shownItem),
            share: item.cell.double.map(field.share) ?? 0,
            min: field.display(.number(field.least)), max: field.display(.number(field.greatest)),
            thresholds: steps.map {
                ($0.value.isFinite ? field.share(of: $0.value) : 0, $0.colour)
            },
            links: field.links(item.cell, row: item.row),
            scale: drawsSteps ? field.scale(BarForm.stepCount) : [])
    }
}
