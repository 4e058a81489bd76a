import PerchModel

/// The question of a query variable, as its file has it, not yet interpolated.
package struct VariableQuery: Sendable, Hashable {
    /// The text in the form of Prometheus' data source, as `label_values(up, job)`.
    package var text: String
    /// Loki's form: a label whose values are asked for, of the streams of a selector.
    package var loki: Loki?

    package struct Loki: Sendable, Hashable {
        /// Nil for the names of labels.
        package var label: String?
        package var stream: String
    }

    init(_ json: JSONValue) {
        let query = json.at("query")
        if case .object? = query, query?.at("query") == nil, query?.at("type")?.integer != nil {
            let isNames = query?.at("type")?.integer == 0
            loki = Loki(
                label: isNames ? nil : query?.at("label")?.scalarText ?? "",
                stream: query?.at("stream")?.scalarText ?? "")
            text = json.at("definition")?.scalarText ?? ""
            return
        }
        loki = nil
        text =
            query?.scalarText ?? query?.at("query")?.scalarText
            ?? json.at("definition")?.scalarText ?? ""
    }

    /// The texts in which other variables may stand.
    var templates: [String] { [text, loki?.label ?? "", loki?.stream ?? ""] }

    /// The question with the values of other variables in it; nil when there is nothing to ask.
    func question(_ scope: VariableScope, isLoki: Bool) -> VariableQuestion? {
        let format: Interpolator.Policy = isLoki ? .loki : .prometheus
        let interpolator = Interpolator(scope: scope, policy: format)
        if let loki {
            let stream = interpolator.text(loki.stream).trimmed
            guard let label = loki.label else { return .lokiLabelNames }
            let name = interpolator.text(label)
            return name.isEmpty ? nil : .lokiLabelValues(label: name, selector: stream)
        }
        let text = interpolator.text(self.text).trimmed
        guard !text.isEmpty else { return nil }
        return VariableQuestion(text, isLoki: isLoki)
    }
}
