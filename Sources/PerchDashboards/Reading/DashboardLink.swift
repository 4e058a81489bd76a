import PerchModel

/// A link of a dashboard, a panel or a field, its address not yet interpolated.
package struct DashboardLink: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// An address.
        case address(String)
        /// All dashboards with these tags.
        case dashboards(tags: [String])
    }

    package var title: String
    package var kind: Kind
    package var tooltip: String
    package var opensNewTab: Bool
    /// Whether the values of variables and the time range are carried over.
    package var keepsVariables: Bool
    package var keepsTime: Bool

    /// Reads a link of any schema; nil when it leads nowhere.
    init?(_ json: JSONValue) {
        let title = json.at("title")?.scalarText ?? ""
        let address = json.at("url")?.nonEmptyText ?? json.at("dashUri")?.nonEmptyText
        if json.at("type")?.scalarText == "dashboards", address == nil {
            kind = .dashboards(tags: json.at("tags").texts)
        } else {
            guard let address else { return nil }
            kind = .address(address)
        }
        self.title = title.isEmpty ? address ?? "Dashboards" : title
        tooltip = json.at("tooltip")?.scalarText ?? ""
        opensNewTab = json.at("targetBlank").isTrue
        keepsVariables = json.at("includeVars").isTrue
        keepsTime = json.at("keepTime").isTrue
    }
}
