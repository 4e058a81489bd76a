/// What a query variable asks its data source for.
package enum VariableQuestion: Sendable, Hashable {
    case labelNames(selector: String)
    /// The selector is empty for the values in all series.
    case labelValues(label: String, selector: String)
    /// The names of metrics in which a pattern matches.
    case metricNames(pattern: String)
    /// The samples of an instant query in PromQL.
    case queryResult(expression: String)
    /// The series of a selector.
    case series(selector: String)
    case lokiLabelNames
    case lokiLabelValues(label: String, selector: String)

    /// Reads the function of an interpolated query, as Grafana's data sources do.
    init(_ text: String, isLoki: Bool) {
        if let inner = Self.argument(of: "label_names", in: text) {
            self = isLoki ? .lokiLabelNames : .labelNames(selector: inner)
        } else if let inner = Self.argument(of: "label_values", in: text) {
            // The last argument is the label; a selector before it may hold commas.
            let comma = inner.lastIndex(of: ",")
            let label = String(comma.map { inner[inner.index(after: $0)...] } ?? inner[...]).trimmed
            let selector = String(comma.map { inner[..<$0] } ?? "").trimmed
            self =
                isLoki
                ? .lokiLabelValues(label: label, selector: selector)
                : .labelValues(label: label, selector: selector)
        } else if let inner = Self.argument(of: "metrics", in: text) {
            self = .metricNames(pattern: inner)
        } else if let inner = Self.argument(of: "query_result", in: text) {
            self = .queryResult(expression: inner)
        } else {
            self = .series(selector: text)
        }
    }

    /// What stands between the parentheses of a call that is all of the text.
    private static func argument(of function: String, in text: String) -> String? {
        guard text.hasPrefix(function), text.hasSuffix(")") else { return nil }
        let rest = text.dropFirst(function.count).trimmed
        guard rest.hasPrefix("(") else { return nil }
        return rest.dropFirst().dropLast().trimmed
    }
}

/// What a caller answers.
package enum VariableAnswer: Sendable, Hashable {
    case values([String])
    case samples([Sample])
    /// Why there is no answer.
    case failed(String)

    /// A sample of an instant query, or a series with neither value nor time.
    package struct Sample: Sendable, Hashable {
        package var labels: [FrameLabel]
        package var value: Double
        package var timeMillis: Int64

        package init(labels: [FrameLabel], value: Double, timeMillis: Int64) {
            self.labels = labels
            self.value = value
            self.timeMillis = timeMillis
        }

        /// `name{label="value"} value time`, the line that regular expressions of files expect.
        var line: String {
            let name = labels.first { $0.name == "__name__" }?.value ?? ""
            let rest = labels.filter { $0.name != "__name__" }
                .map { "\($0.name)=\"\($0.value)\"" }
            let set = rest.isEmpty && !name.isEmpty ? "" : "{" + rest.joined(separator: ",") + "}"
            return "\(name)\(set) \(NumberText.plain(value)) \(timeMillis)"
        }
    }

    /// The texts that options are made of.
    var lines: [String] {
        switch self {
        case .values(let values): values
        case .samples(let samples): samples.map(\.line)
        case .failed: []
        }
    }
}
