import PerchModel

/// The data source that a panel, a query or a variable names.
///
/// Perch is every Prometheus and every Loki that a file may name, so only the kind matters.
package struct DataSource: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case prometheus
        case loki
        /// Nothing is said; the default.
        case unnamed
        /// Panels whose queries name their own.
        case mixed
        /// Queries that reuse the answers of another panel.
        case dashboard
        /// Grafana's own: annotations, random walks, lists.
        case grafana
        /// Made-up data.
        case testData
        /// One that Perch is not, by its type.
        case other(String)
    }

    package var kind: Kind
    /// The identifier or name as written; may hold a variable.
    package var name: String

    package init(kind: Kind, name: String = "") {
        self.kind = kind
        self.name = name
    }

    /// Reads the object of today, or the name of old files.
    init?(_ json: JSONValue?) {
        guard let json else { return nil }
        let name = json.at("uid")?.scalarText ?? json.scalarText ?? ""
        if let type = json.at("type")?.nonEmptyText {
            self.init(kind: Self.kind(type: type, name: name), name: name)
        } else {
            guard !name.isEmpty else { return nil }
            self.init(kind: Self.kind(name: name), name: name)
        }
    }

    /// The kind by the type's name, and by the names that Grafana reserves.
    package static func kind(type: String, name: String) -> Kind {
        if let reserved = reserved(name) { return reserved }
        switch type {
        case "prometheus", "victoriametrics-datasource", "grafana-amazonprometheus-datasource":
            return .prometheus
        case "loki": return .loki
        case "grafana": return .grafana
        case "datasource": return name == "grafana" ? .grafana : .mixed
        case "testdata", "grafana-testdata-datasource": return .testData
        default: return .other(type)
        }
    }

    private static func kind(name: String) -> Kind {
        if let reserved = reserved(name) { return reserved }
        let lowered = name.lowercased()
        if lowered == "default" { return .unnamed }
        if lowered.contains("loki") { return .loki }
        if lowered.contains("testdata") { return .testData }
        if lowered.contains("prom") { return .prometheus }
        return .unnamed
    }

    private static func reserved(_ name: String) -> Kind? {
        switch name {
        case "-- Mixed --": .mixed
        case "-- Dashboard --": .dashboard
        case "-- Grafana --": .grafana
        default: nil
        }
    }
}
