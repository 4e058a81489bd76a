import PerchModel

/// Reads the panels of a file: a flat list in which headings of rows stand, or rows with panels.
struct PanelReader {
    private(set) var rows: [DashboardRow] = []
    /// Panels and headings.
    private(set) var panelCount = 0
    private var usedIDs: Set<Int> = []
    private var nextID = 1

    init(_ json: JSONValue) {
        for panel in json.at("panels").items { collectIDs(panel) }
        for row in json.at("rows").items {
            for panel in row.at("panels").items { collectIDs(panel) }
        }
        guard panelCount <= Limits.panelsMax else { return }
        readList(json.at("panels").items)
        readOldRows(json.at("rows").items)
        if rows.isEmpty { rows = [DashboardRow(heading: nil, panels: [])] }
    }

    private mutating func collectIDs(_ panel: JSONValue) {
        panelCount += 1
        if let id = panel.at("id")?.integer, id > 0 { usedIDs.insert(id) }
        for inner in panel.at("panels").items {
            panelCount += 1
            if let id = inner.at("id")?.integer, id > 0 { usedIDs.insert(id) }
        }
    }

    private var seenIDs: Set<Int> = []

    /// The file's number, unless another panel had it before.
    private mutating func id(of panel: JSONValue) -> Int {
        if let id = panel.at("id")?.integer, id > 0, seenIDs.insert(id).inserted { return id }
        while usedIDs.contains(nextID) { nextID += 1 }
        usedIDs.insert(nextID)
        seenIDs.insert(nextID)
        return nextID
    }

    // MARK: - Schema 16 and later, and files without a schema

    private mutating func readList(_ panels: [JSONValue]) {
        var current = DashboardRow(heading: nil, panels: [])
        var filler = GridFiller(y: 0)
        for panel in panels {
            guard case .object = panel else { continue }
            guard panel.at("type")?.scalarText == "row" else {
                add(panel, to: &current, &filler)
                continue
            }
            finish(&current)
            current = DashboardRow(heading: heading(panel), panels: [])
            filler = GridFiller(y: (panel.at("gridPos", "y")?.integer ?? filler.y) + 1)
            for inner in panel.at("panels").items { add(inner, to: &current, &filler) }
        }
        finish(&current)
    }

    private mutating func heading(_ panel: JSONValue) -> DashboardRow.Heading {
        DashboardRow.Heading(
            id: id(of: panel), title: panel.at("title")?.scalarText ?? "",
            isCollapsed: panel.at("collapsed").isTrue || panel.at("collapse").isTrue,
            repetition: Panel.Repetition(panel))
    }

    private mutating func add(
        _ panel: JSONValue, to row: inout DashboardRow, _ filler: inout GridFiller
    ) {
        guard case .object = panel else { return }
        let position =
            GridPosition(panel.at("gridPos"))
            ?? filler.place(width: Self.width(of: panel), height: Self.height(of: panel, in: nil))
        row.panels.append(Panel(panel, id: id(of: panel), position: position))
    }

    private mutating func finish(_ row: inout DashboardRow) {
        guard row.heading != nil || !row.panels.isEmpty else { return }
        row.panels.sort { ($0.position.y, $0.position.x) < ($1.position.y, $1.position.x) }
        rows.append(row)
    }

    // MARK: - Before schema 16

    /// Rows of old, of panels that have a span of twelfths and a height in pixels.
    private mutating func readOldRows(_ oldRows: [JSONValue]) {
        var filler = GridFiller(y: rows.last?.panels.map(\.position.bottom).max() ?? 0)
        for old in oldRows {
            guard case .object = old else { continue }
            let hasHeading =
                oldRows.count > 1
                && (old.at("showTitle")?.flag ?? (old.at("title")?.nonEmptyText != nil)
                    || old.at("collapse").isTrue || old.at("repeat")?.nonEmptyText != nil)
            var row = DashboardRow(heading: hasHeading ? heading(old) : nil, panels: [])
            for panel in old.at("panels").items {
                guard case .object = panel else { continue }
                let position = filler.place(
                    width: Self.width(of: panel), height: Self.height(of: panel, in: old))
                row.panels.append(Panel(panel, id: id(of: panel), position: position))
            }
            filler.endLine()
            if row.heading == nil, let last = rows.indices.last, rows[last].heading == nil {
                rows[last].panels += row.panels
            } else {
                rows.append(row)
            }
        }
    }

    /// Twelfths of old become cells; without them a panel takes half of the width, a number less.
    private static func width(of panel: JSONValue) -> Int {
        if let span = panel.at("span")?.double { return Int(min(max(span, 1), 12) * 2) }
        switch panel.at("type")?.scalarText {
        case "stat", "gauge", "singlestat": return 6
        case "table", "logs", "text", "state-timeline": return GridPosition.columns
        default: return 12
        }
    }

    /// Pixels of old become cells of 30; without them as high as what is in it needs.
    private static func height(of panel: JSONValue, in row: JSONValue?) -> Int {
        let own = panel.at("height") ?? row?.at("height")
        if let text = own?.scalarText {
            let digits = text.hasSuffix("px") ? String(text.dropLast(2)) : text
            if let pixels = Double(digits), pixels >= 30, pixels < 6_000 {
                return Int((pixels / 30).rounded(.up))
            }
        }
        switch panel.at("type")?.scalarText {
        case "stat", "singlestat": return 4
        case "text": return 5
        default: return 8
        }
    }
}
