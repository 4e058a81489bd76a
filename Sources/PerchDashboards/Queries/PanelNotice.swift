/// Something of a panel that is not drawn as its file asks, and why.
package enum PanelNotice: Sendable, Hashable {
    case dataSource(DataSource.Kind)
    case libraryPanel(String)
    case missingPanel(Int)
    case panelType(String)
    case transformation(id: String, reason: String?)
    case matcher(String)
    case query(refID: String, reason: String)
    case tooMany(what: String, count: Int, shown: Int)

    /// A sentence for the reader of the page.
    package var text: String {
        switch self {
        case .dataSource(let kind): Self.text(kind)
        case .libraryPanel(let name):
            "The library panel “\(name)” is kept outside of this file, in Grafana’s database."
        case .missingPanel(let id):
            "The answers of panel \(id) are asked for, which this dashboard does not have."
        case .panelType(let type):
            "Panels of the type “\(type)” are not drawn: \(Self.reason(type))."
        case .transformation(let id, let reason):
            "The transformation “\(id)” is left out\(reason.map { ": " + $0 } ?? ""); the data is "
                + "shown without it."
        case .matcher(let id): "Fields matched by “\(id)” keep their style: it is not known."
        case .query(let refID, let reason): "Query \(refID): \(reason)"
        case .tooMany(let what, let count, let shown): "\(shown) of \(count) \(what) are shown."
        }
    }

    private static func text(_ kind: DataSource.Kind) -> String {
        switch kind {
        case .grafana:
            "This asks Grafana itself (annotations, lists, live data), which Perch is not."
        case .testData: "This shows made-up data of Grafana’s test data source."
        case .dashboard: "This takes the answers of another panel, which the file does not name."
        case .mixed: "This mixes data sources, and a query does not say which one it asks."
        case .other(let type):
            "This asks a data source of the type “\(type)”; Perch answers as Prometheus and Loki."
        case .prometheus, .loki, .unnamed: "The query is empty."
        }
    }

    /// Why a kind of panel is not drawn, for those that are well known.
    private static func reason(_ type: String) -> String {
        switch type {
        case "alertlist", "annolist", "dashlist", "gettingstarted", "welcome":
            "it lists what Grafana keeps"
        case "news": "it loads a feed from elsewhere, and these pages load nothing from elsewhere"
        case "geomap", "grafana-worldmap-panel": "maps come from elsewhere"
        case "nodeGraph", "traces", "flamegraph", "canvas", "debug", "live", "xychart", "trend",
            "candlestick", "datagrid":
            "Perch has no such panel yet"
        case "dashboard-links": "links stand above the panels"
        default: "they come from a plugin that is not known"
        }
    }
}
