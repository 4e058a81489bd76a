import PerchModel

/// A value as a reader sees it.
package struct DisplayValue: Sendable, Hashable {
    package var parts: UnitFormat.Parts
    package var colour: Colour?
    /// The number behind the text, for sorting and for the length of bars.
    package var numeric: Double?

    package var text: String { parts.text }

    package init(parts: UnitFormat.Parts, colour: Colour? = nil, numeric: Double? = nil) {
        self.parts = parts
        self.colour = colour
        self.numeric = numeric
    }
}

/// A field with its name and looks.
struct StyledField {
    var field: Field
    var frame: Frame
    var name: String
    var style: FieldStyle
    /// The place among the coloured fields of the panel.
    var seriesIndex: Int
    /// The range in which shares and scales are counted.
    var least: Double
    var greatest: Double
    var clock: UnitFormat.Clock
    /// What links and names may hold of this field.
    var scope: VariableScope

    /// The colour of the series as a whole; thresholds and scales look at its last value.
    var colour: Colour {
        switch style.colourMode {
        case .fixed(let colour): return colour
        case .palette: return Palette.series(seriesIndex)
        case .paletteByName: return Palette.series(named: name)
        case .thresholds, .scale:
            let last = Reducer.value("lastNotNull", of: field.column.doubles)
            return last.flatMap { colour(of: $0) } ?? Palette.neutral
        }
    }

    /// The colour of one value.
    func colour(of value: Double) -> Colour? {
        switch style.colourMode {
        case .fixed(let colour): return colour
        case .palette: return Palette.series(seriesIndex)
        case .paletteByName: return Palette.series(named: name)
        case .thresholds:
            return style.thresholds.colour(value, min: least, max: greatest)
        case .scale(let mode): return ColourScale.colour(mode, at: share(of: value))
        }
    }

    /// Where a value stands between the least and the greatest, from 0 to 1.
    func share(of value: Double) -> Double {
        guard greatest > least, value.isFinite else { return 0 }
        // The distance of very large numbers of both signs is not a number; that of their halves is.
        let scale = (greatest - least).isFinite ? 1 : 0.5
        let low = least * scale
        let share = (value * scale - low) / (greatest * scale - low)
        return min(max(share, 0), 1)
    }

    /// The colours of equal steps from the least to the greatest.
    func scale(_ count: Int) -> [Colour?] {
        let distance = greatest - least
        return (0..<count).map { step in
            let part = (Double(step) + 0.5) / Double(count)
            // The distance of very large numbers of both signs is not a number.
            return colour(
                of: distance.isFinite
                    ? least + distance * part : least * (1 - part) + greatest * part)
        }
    }

    /// A cell by mappings, unit and decimals.
    func display(_ cell: Cell) -> DisplayValue {
        let numeric = cell.double
        let mapped = ValueMapping.result(cell, style.mappings)
        let colour = mapped?.colour ?? numeric.flatMap { self.colour(of: $0) }
        if let text = mapped?.text {
            return DisplayValue(
                parts: .init(number: text), colour: colour ?? self.colour(of: 0), numeric: numeric)
        }
        switch cell {
        case .null:
            return DisplayValue(parts: .init(number: style.noValue), colour: mapped?.colour)
        case .number(let value):
            return DisplayValue(
                parts: parts(value), colour: colour, numeric: numeric)
        case .trend:
            return DisplayValue(parts: parts(numeric ?? .nan), colour: colour, numeric: numeric)
        case .time(let millis):
            let unit = style.unitID.isEmpty ? UnitFormat(unit: "dateTimeAsIso") : style.unit
            return DisplayValue(
                parts: unit.parts(Double(millis), decimals: style.decimals, clock: clock),
                colour: mapped?.colour, numeric: numeric)
        case .text(let text):
            // A number that came as text is a number to a unit.
            if let value = numeric, !style.unitID.isEmpty, style.unitID != "string" {
                return DisplayValue(parts: parts(value), colour: colour, numeric: numeric)
            }
            return DisplayValue(parts: .init(number: text), colour: mapped?.colour)
        case .bool(let value):
            let unit = style.unitID.isEmpty ? UnitFormat(unit: "bool") : style.unit
            return DisplayValue(
                parts: unit.parts(value ? 1 : 0, clock: clock), colour: colour, numeric: numeric)
        }
    }

    private func parts(_ value: Double) -> UnitFormat.Parts {
        if field.isTime, style.unitID.isEmpty {
            return UnitFormat(unit: "dateTimeAsIso").parts(value, clock: clock)
        }
        return style.unit.parts(value, decimals: style.decimals, clock: clock)
    }

    /// The links of a field, with the names and values of one cell in their addresses.
    func links(_ cell: Cell, row: Int) -> [PanelLink] {
        var scope = self.scope
        return links(cell, row: row, &scope)
    }

    /// The same in a scope of the caller's, which one cell after the other writes into.
    func links(_ cell: Cell, row: Int, _ scope: inout VariableScope) -> [PanelLink] {
        guard !style.links.isEmpty else { return [] }
        let shown = display(cell)
        scope.setBuiltIn("__value", shown.text)
        scope.paths["__value.raw"] = cell.text
        scope.paths["__value.text"] = shown.text
        scope.paths["__value.numeric"] = cell.double.map(NumberText.plain) ?? ""
        if let time = frame.timeField, case .time(let millis) = time.column[row] {
            scope.paths["__value.time"] = String(millis)
        } else {
            scope.paths["__value.time"] = nil
        }
        for other in frame.fields {
            let text = other.column[row].text
            scope.paths["__data.fields.\(other.name)"] = text
            scope.paths["__data.fields.\(other.name).text"] = text
        }
        return style.links.compactMap { PanelLink($0, scope) }
    }
}

/// A link that is ready to be shown.
package struct PanelLink: Sendable, Hashable {
    package var title: String
    package var target: Target
    package var opensNewTab: Bool

    package enum Target: Sendable, Hashable {
        case address(String)
        case dashboards(tags: [String])
    }

    /// Nil for an address that no page may lead to, as `javascript:`.
    package init?(_ link: DashboardLink, _ scope: VariableScope) {
        title = Interpolator(scope: scope, policy: .text).text(link.title)
        opensNewTab = link.opensNewTab
        switch link.kind {
        case .dashboards(let tags): target = .dashboards(tags: tags)
        case .address(let template):
            var address = Interpolator(scope: scope, policy: .address).text(template)
            if link.keepsVariables || link.keepsTime {
                let all = Interpolator(scope: scope, policy: .text)
                let parts = [
                    link.keepsTime ? all.text("${__url_time_range}") : "",
                    link.keepsVariables ? all.text("${__all_variables}") : "",
                ].filter { !$0.isEmpty }
                if !parts.isEmpty {
                    address += (address.contains("?") ? "&" : "?") + parts.joined(separator: "&")
                }
            }
            guard Self.isSafe(address) else { return nil }
            target = .address(address)
        }
    }

    /// A path, a query or an address of the web or of mail; nothing that runs.
    package static func isSafe(_ address: String) -> Bool {
        let trimmed = address.trimmed
        guard !trimmed.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }),
            !trimmed.contains("\\")
        else { return false }
        let head = trimmed.prefix { !"/?#".contains($0) }
        guard let colon = head.firstIndex(of: ":") else { return true }
        return ["http", "https", "mailto"].contains(head[..<colon].lowercased())
    }
}
