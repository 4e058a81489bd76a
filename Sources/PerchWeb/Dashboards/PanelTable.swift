import PerchDashboards

/// Rows and columns.
struct PanelTable {
    var table: TableContent

    var html: Markup {
        group {
            grid(table.tables[table.selected])
            for (place, other) in table.tables.enumerated() where place != table.selected {
                tag(.details) {
                    tag(.summary) {
                        other.name.isEmpty ? "Table \(place + 1)" : cut(other.name, 160)
                    }
                    grid(other)
                }
            }
        }
    }

    private func grid(_ grid: TableContent.Grid) -> Markup {
        tag(.div, .class("scroll")) {
            tag(.table, .class("panel-table")) {
                tag(.caption, .class("visually-hidden")) { grid.name.isEmpty ? "Table" : grid.name }
                if table.hasHeader {
                    tag(.thead) {
                        tag(.tr) {
                            for column in grid.columns {
                                tag(
                                    .th, .attribute("scope", "col"), Self.side(column),
                                    column.description.isEmpty ? nil : .title(column.description)
                                ) { cut(column.name, 120) }
                            }
                        }
                    }
                }
                tag(.tbody) {
                    for row in grid.rows {
                        tag(.tr) {
                            for (column, cell) in zip(grid.columns, row) { self.cell(cell, column) }
                        }
                    }
                }
                if !grid.footer.isEmpty {
                    tag(.tfoot) {
                        tag(.tr) {
                            for (column, text) in zip(grid.columns, grid.footer) {
                                tag(.td, Self.side(column)) { text }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func side(_ column: TableContent.Column) -> Attribute? {
        switch column.style.alignment {
        case "left": nil
        case "right", "center": .class("number")
        default: column.isNumber ? .class("number") : nil
        }
    }

    private func cell(_ cell: TableContent.Cell, _ column: TableContent.Column) -> Markup {
        let text = cut(cell.value.text)
        return tag(.td, Self.side(column)) {
            switch column.style.form {
            case .gauge:
                tag(
                    .svg, .class("bar"), .attribute("viewBox", "0 0 100 8"), .stretched, .hidden
                ) {
                    tag(
                        .rect, .number("width", cell.share * 100), .number("height", 8),
                        .fill(cell.value.colour))
                }
            case .colouredText, .colouredBackground:
                if let colour = cell.value.colour { TimeChart.key(PanelView.pen(colour)) }
                " "
            case .plain, .sparkline, .json, .image, .links: Markup.empty
            }
            if column.style.form == .image {
                PanelView.link(address: cell.value.text) { text }
            } else if let link = cell.links.first {
                PanelView.link(link, text.isEmpty ? link.title : text)
                for more in cell.links.dropFirst() {
                    " "
                    PanelView.link(more)
                }
            } else if column.style.form == .json {
                tag(.code) { text }
            } else {
                text
            }
        }
    }
}
