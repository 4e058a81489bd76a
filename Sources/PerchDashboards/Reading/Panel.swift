package import PerchModel

/// One panel of a dashboard, as its file has it.
package struct Panel: Sendable, Hashable {
    /// The file's number, or an invented one that no other panel has.
    package var id: Int
    /// The kind by Grafana's name, as `timeseries`.
    package var type: String
    package var title: String
    package var description: String
    package var isTransparent: Bool
    package var position: GridPosition
    package var repetition: Repetition?
    package var dataSource: DataSource?
    package var targets: [PanelTarget]
    package var transformations: [Transformation]
    package var fieldConfig: FieldConfig
    package var links: [DashboardLink]
    /// The least interval, as `30s` or a variable; empty when the file sets none.
    package var interval: String
    package var maxDataPoints: Int?
    /// A time range of its own, as `6h`, and how far it is moved back.
    package var timeFrom: String
    package var timeShift: String
    /// The name of a library panel whose body is not in the file.
    package var libraryName: String?
    /// All of the panel, for the options of its kind.
    package var json: JSONValue

    /// One copy of a panel or a row for each value of a variable.
    package struct Repetition: Sendable, Hashable {
        package enum Direction: Sendable, Hashable {
            case horizontal
            case vertical
        }

        package var variable: String
        package var direction: Direction
        package var maxPerRow: Int

        init?(_ json: JSONValue) {
            guard let variable = json.at("repeat")?.nonEmptyText else { return nil }
            self.variable = variable
            direction = json.at("repeatDirection")?.scalarText == "v" ? .vertical : .horizontal
            maxPerRow = min(max(json.at("maxPerRow")?.integer ?? 4, 1), GridPosition.columns)
        }
    }

    init(_ json: JSONValue, id: Int, position: GridPosition) {
        self.id = id
        self.position = position
        self.json = json
        type = json.at("type")?.nonEmptyText ?? "timeseries"
        title = json.at("title")?.scalarText ?? ""
        description = json.at("description")?.scalarText ?? ""
        isTransparent = json.at("transparent").isTrue
        repetition = Repetition(json)
        dataSource = DataSource(json.at("datasource"))
        targets = json.at("targets").items.prefix(Limits.targetsMax).enumerated()
            .map { PanelTarget($1, index: $0) }
        transformations = json.at("transformations").items.map(Transformation.init)
        fieldConfig = FieldConfig(panel: json, type: type)
        links = json.at("links").items.compactMap(DashboardLink.init)
        interval = json.at("interval")?.scalarText ?? ""
        maxDataPoints = json.at("maxDataPoints")?.integer.flatMap { $0 > 0 ? $0 : nil }
        timeFrom = json.at("timeFrom")?.scalarText ?? ""
        timeShift = json.at("timeShift")?.scalarText ?? ""
        libraryName =
            json.at("libraryPanel").map {
                $0.at("name")?.nonEmptyText ?? $0.at("uid")?.nonEmptyText ?? "without a name"
            }
    }

    /// The options of the panel's kind.
    package var options: JSONValue? { json.at("options") }
}
