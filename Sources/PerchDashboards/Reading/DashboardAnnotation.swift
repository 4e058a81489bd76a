import PerchModel

/// A query whose answers are marked on every chart.
package struct DashboardAnnotation: Sendable, Hashable {
    package var name: String
    package var isEnabled: Bool
    /// Hidden from the controls above the panels; not from the charts.
    package var isHidden: Bool
    package var colour: String
    package var dataSource: DataSource?
    /// The query in PromQL or LogQL; empty for Grafana's own annotations.
    package var expression: String
    package var titleTemplate: String
    package var textTemplate: String
    package var tagKeys: [String]
    package var step: String

    init(_ json: JSONValue) {
        name = json.at("name")?.scalarText ?? ""
        isEnabled = json.at("enable")?.flag ?? true
        isHidden = json.at("hide").isTrue
        colour = json.at("iconColor")?.scalarText ?? "blue"
        dataSource = DataSource(json.at("datasource"))
        expression =
            json.at("expr")?.nonEmptyText ?? json.at("target", "expr")?.nonEmptyText ?? ""
        titleTemplate = json.at("titleFormat")?.scalarText ?? ""
        textTemplate = json.at("textFormat")?.scalarText ?? ""
        tagKeys = (json.at("tagKeys")?.scalarText ?? "").split(separator: ",")
            .map { String($0.drop { $0 == " " }) }
        step = json.at("step")?.scalarText ?? ""
    }
}
