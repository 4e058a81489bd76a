import PerchModel

/// A label filter that a reader adds to every query of a dashboard.
package struct AdHocFilter: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case notMatches = "!~"
    }

    package var label: String
    package var comparison: Comparison
    package var value: String

    package init(label: String, comparison: Comparison, value: String) {
        self.label = label
        self.comparison = comparison
        self.value = value
    }

    init?(_ json: JSONValue) {
        guard let label = json.at("key")?.nonEmptyText,
            let comparison = Comparison(rawValue: json.at("operator")?.scalarText ?? "=")
        else { return nil }
        self.init(
            label: label, comparison: comparison, value: json.at("value")?.scalarText ?? "")
    }

    /// Reads `label|=|value`, as addresses have it; `__gfp__` there stands for a bar.
    package init?(address: String) {
        let parts = address.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty,
            let comparison = Comparison(rawValue: String(parts[1]))
        else { return nil }
        self.init(
            label: String(parts[0]).replacing("__gfp__", with: "|"), comparison: comparison,
            value: String(parts[2]).replacing("__gfp__", with: "|"))
    }
}
