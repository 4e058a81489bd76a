import PerchModel

/// Large numbers, with a line behind them or without.
package struct StatContent: Sendable {
    package enum ColourUse: Sendable, Hashable {
        case none
        case value
        case background
    }

    package enum Words: Sendable, Hashable {
        case value
        case valueAndName
        case name
        case none
    }

    package var items: [Item]
    package var colourUse: ColourUse
    package var words: Words
    package var hasSparklines: Bool
    package var isHorizontal: Bool?
    package var isCentred: Bool

    package struct Item: Sendable {
        package var name: String
        package var value: DisplayValue
        package var times: [Int64]
        package var values: [Double]
        package var links: [PanelLink]
    }
}

extension ContentMaker {
    func stat(_ notices: inout [PanelNotice]) -> StatContent? {
        let items = reducedItems(&notices)
        guard !items.isEmpty else { return nil }
        let graph = option("graphMode")?.scalarText
        let hasSparklines =
            graph.map { $0 != "none" } ?? panel.json.at("sparkline", "show").isTrue
        return StatContent(
            items: items.map { item in
                let hasLine = hasSparklines && item.isSeries && item.field.field.kind == .number
                return StatContent.Item(
                    name: item.name, value: shown(item),
                    times: hasLine ? Self.times(item.field.frame) : [],
                    values: hasLine ? item.field.field.column.doubles : [],
                    links: item.field.links(item.cell, row: item.row))
            },
            colourUse: colourUse, words: words(items.count), hasSparklines: hasSparklines,
            isHorizontal: option("orientation")?.scalarText.flatMap {
                $0 == "auto" ? nil : $0 == "horizontal"
            },
            isCentred: option("justifyMode")?.scalarText == "center")
    }

    /// The items of the panel, as many as are drawn.
    func reducedItems(_ notices: inout [PanelNotice]) -> [ReducedItem] {
        let items = ReduceOptions(panel).items(frames)
        guard items.count > Limits.itemsMax else { return items }
        notices.append(.tooMany(what: "values", count: items.count, shown: Limits.itemsMax))
        return Array(items.prefix(Limits.itemsMax))
    }

    /// The value of an item; a word where there is none.
    func shown(_ item: ReducedItem) -> DisplayValue {
        var value = item.field.display(item.cell)
        if item.cell.isNull, value.text.isEmpty { value.parts.number = "No data" }
        return value
    }

    private var colourUse: StatContent.ColourUse {
        if let mode = option("colorMode")?.scalarText {
            return mode == "none" ? .none : mode.hasPrefix("background") ? .background : .value
        }
        if panel.json.at("colorBackground").isTrue { return .background }
        if panel.type == "singlestat" { return panel.json.at("colorValue").isTrue ? .value : .none }
        return .value
    }

    private func words(_ count: Int) -> StatContent.Words {
        switch option("textMode")?.scalarText {
        case "value": .value
        case "value_and_name": .valueAndName
        case "name": .name
        case "none": .none
        default: count > 1 ? .valueAndName : .value
        }
    }
}
