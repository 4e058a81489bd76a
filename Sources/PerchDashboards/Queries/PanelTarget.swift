import PerchModel

/// One query of a panel, as its file has it.
package struct PanelTarget: Sendable, Hashable {
    package enum Shape: Sendable, Hashable {
        case timeSeries
        case table
        case heatmap
        case logs
    }

    package var refID: String
    package var expression: String
    package var dataSource: DataSource?
    package var legend: String
    package var shape: Shape
    /// Whether a value now is asked for, and whether values over time are.
    package var isInstant: Bool
    package var isRange: Bool
    package var isHidden: Bool
    package var wantsExemplars: Bool
    /// The least step, as `1m` or a variable.
    package var interval: String
    /// How many times the step is what the panel's width asks for.
    package var intervalFactor: Int64
    package var limit: Int?
    package var isForward: Bool
    /// The panel whose answers are taken, for `-- Dashboard --`.
    package var panelID: Int?

    /// The legend that names what differs between series.
    package static let autoLegend = "__auto"

    init(_ json: JSONValue, index: Int) {
        refID = json.at("refId")?.nonEmptyText ?? Self.letter(index)
        expression = json.at("expr")?.scalarText ?? json.at("query")?.scalarText ?? ""
        dataSource = DataSource(json.at("datasource"))
        legend = json.at("legendFormat")?.scalarText ?? ""
        shape =
            switch json.at("format")?.scalarText {
            case "table": .table
            case "heatmap": .heatmap
            case "logs": .logs
            default: .timeSeries
            }
        let kind = json.at("queryType")?.scalarText
        isInstant = json.at("instant").isTrue || kind == "instant"
        isRange = json.at("range")?.flag ?? !isInstant
        if !isInstant, !isRange { isRange = true }
        isHidden = json.at("hide").isTrue
        wantsExemplars = json.at("exemplar").isTrue
        // `step` of old files is not read: it never was a limit.
        interval = json.at("interval")?.scalarText ?? ""
        intervalFactor = Int64(min(max(json.at("intervalFactor")?.integer ?? 1, 1), 1_000))
        limit = json.at("maxLines")?.integer.flatMap { $0 > 0 ? $0 : nil }
        isForward = json.at("direction")?.scalarText == "forward"
        panelID = json.at("panelId")?.integer
    }

    /// A, B, …, Z, then with a number.
    private static func letter(_ index: Int) -> String {
        let scalar = UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26))
        return String(Character(scalar)) + (index < 26 ? "" : String(index / 26))
    }
}
