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
                    for (place, row) in grid.rows.enumerated() {
                        tag(.tr, .ground(Self.ground(grid.columns, row))) {
                            for (column, cell) in zip(grid.columns, row) {
                                self.cell(cell, column, row: place)
                            }
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
        isRight(column) ? .class("number") : nil
    }

    private static func isRight(_ column: TableContent.Column) -> Bool {
        switch column.style.alignment {
        case "left": false
        case "right", "center": true
        default: column.isNumber
        }
    }

    /// The colour of a whole row, where one of its cells gives it.
    private static func ground(
        _ columns: [TableContent.Column], _ row: [TableContent.Cell]
    ) -> Colour? {
        for (column, cell) in zip(columns, row) where column.style.coloursRow {
            if case .colouredBackground = column.style.form, let colour = cell.value.colour {
                return colour
            }
        }
        return nil
    }

    private func cell(
        _ cell: TableContent.Cell, _ column: TableContent.Column, row: Int
    ) -> Markup {
        var classes = Self.isRight(column) ? "number" : ""
        var ground: Attribute?
        if case .colouredBackground(let isGradient) = column.style.form, !column.style.coloursRow {
            ground = .ground(cell.value.colour)
            if isGradient { classes += classes.isEmpty ? "faded" : " faded" }
        }
        return tag(.td, classes.isEmpty ? nil : .class(classes), ground) {
            picture(cell, column, row: row)
            words(cell, column)
        }
    }

    private func picture(
        _ cell: TableContent.Cell, _ column: TableContent.Column, row: Int
    ) -> Markup {
        if case .gauge(let form) = column.style.form {
            // Lamps are dozens of shapes a cell: too much for thousands of rows.
            return PanelBar(
                share: cell.share, colour: cell.value.colour,
                form: row < Limits.lampRowsMax ? form : .basic, scale: column.scale, size: "bar"
            ).html
        }
        guard cell.trend.count > 1 else { return .empty }
        return PanelSparkline(values: cell.trend, colour: cell.value.colour, size: "line").html
    }

    private func words(_ cell: TableContent.Cell, _ column: TableContent.Column) -> Markup {
        let text = cut(cell.value.text)
        if column.style.form == .image {
            return PanelView.link(address: cell.value.text) { text }
        }
        if let link = cell.links.first {
            return group {
                PanelView.link(link, text.isEmpty ? link.title : text)
                for more in cell.links.dropFirst() {
                    " "
                    PanelView.link(more)
                }
            }
        }
        switch column.style.form {
        case .json: return tag(.code) { text }
        case .colouredText: return tag(.span, .ink(cell.value.colour)) { text }
        case .gauge, .sparkline:
            switch column.style.valueForm {
            case .text: return Markup(text)
            case .coloured: return tag(.span, .ink(cell.value.colour)) { text }
            // Who cannot see the picture still hears the number.
            case .hidden: return tag(.span, .class("visually-hidden")) { text }
            }
        default: return Markup(text)
        }
    }
}
