package import PerchModel

/// A dashboard in Grafana's format, of any schema version.
package struct Dashboard: Sendable {
    /// The bytes as they came, for an export without change.
    package let source: [UInt8]
    package let json: JSONValue
    package var title: String
    package var uid: String
    package var description: String
    package var tags: [String]
    package var schemaVersion: Int?
    /// `browser`, `utc` or a zone's name; empty when nothing is said.
    package var timeZone: String
    /// The time range to begin with, as `now-1h` and `now`.
    package var timeFrom: String
    package var timeTo: String
    /// How often to refresh, as `30s`; empty for never.
    package var refresh: String
    /// Whether a cursor or a tooltip is shared by the charts.
    package var sharesCursor: Bool
    package var links: [DashboardLink]
    package var annotations: [DashboardAnnotation]
    package var variables: [Variable]
    package var rows: [DashboardRow]

    /// Reads a dashboard, alone or wrapped as Grafana's API wraps it (`{"dashboard": …}`).
    package init(reading bytes: [UInt8]) throws(DashboardFailure) {
        guard bytes.count <= Limits.dashboardByteCountMax else {
            throw .tooLarge(byteCount: bytes.count)
        }
        let value: JSONValue
        do throws(JSONValue.Failure) {
            value = try JSONValue(reading: bytes)
        } catch {
            throw .notJSON(error)
        }
        source = bytes
        json = value.at("dashboard") ?? value
        guard case .object = json,
            json.at("title") != nil || json.at("panels") != nil || json.at("rows") != nil
        else { throw .notADashboard }
        let reader = PanelReader(json)
        guard reader.panelCount <= Limits.panelsMax else {
            throw .tooManyPanels(count: reader.panelCount)
        }
        rows = reader.rows
        title = json.at("title")?.nonEmptyText ?? "Untitled"
        uid = json.at("uid")?.scalarText ?? ""
        description = json.at("description")?.scalarText ?? ""
        tags = json.at("tags").texts
        schemaVersion = json.at("schemaVersion")?.integer
        timeZone = json.at("timezone")?.scalarText ?? ""
        timeFrom = json.at("time", "from")?.nonEmptyText ?? "now-6h"
        timeTo = json.at("time", "to")?.nonEmptyText ?? "now"
        refresh = json.at("refresh")?.nonEmptyText ?? ""
        if refresh == "false" { refresh = "" }
        sharesCursor =
            (json.at("graphTooltip")?.integer ?? 0) > 0 || json.at("sharedCrosshair").isTrue
        links = json.at("links").items.compactMap(DashboardLink.init)
        annotations = json.at("annotations", "list").items.map(DashboardAnnotation.init)
        variables = json.at("templating", "list").items.prefix(Limits.variablesMax)
            .compactMap(Variable.init)
    }

    /// All panels, from top to bottom, without the headings of rows.
    package var panels: [Panel] { rows.flatMap(\.panels) }

    package func panel(id: Int) -> Panel? { panels.first { $0.id == id } }
}
