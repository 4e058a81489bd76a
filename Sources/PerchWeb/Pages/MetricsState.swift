package import PerchModel

/// What the address of the metrics page says.
package struct MetricsState: Sendable, Hashable {
    package var metric: String?
    package var filters: [FieldText] = []
    package var groupBy: [String] = []
    package var aggregation = ChartQuestion.Aggregation.sum
    /// Nil lets the metric decide: counters are shown as a rate.
    package var isRate: Bool?
    package var range: TimeRange

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        metric = parameters["metric"].flatMap { $0.isEmpty ? nil : String($0.prefix(1_000)) }
        // `l.` keeps label names apart from the page's own parameters.
        filters = parameters.pairs.filter { $0.name.hasPrefix("l.") && !$0.value.isEmpty }
            .prefix(Limits.chartFiltersMax)
            .map { FieldText(name: String($0.name.dropFirst(2)), text: $0.value) }
        groupBy = Array(parameters.all("by").filter { !$0.isEmpty }.prefix(Limits.chartFiltersMax))
        aggregation = parameters["agg"].flatMap(ChartQuestion.Aggregation.init(rawValue:)) ?? .sum
        isRate = parameters["as"].flatMap { ["rate": true, "value": false][$0] }
    }

    /// What to draw, or nil when no metric is picked.
    package func question(isCounter: Bool) -> ChartQuestion? {
        guard let metric else { return nil }
        var question = ChartQuestion(metric: metric)
        question.filters = filters
        question.groupBy = groupBy
        question.aggregation = aggregation
        question.isRate = isRate ?? isCounter
        return question
    }

    /// The state as parameters, in a fixed order.
    var pairs: [(name: String, value: String?)] {
        var pairs: [(name: String, value: String?)] = [("metric", metric)]
        pairs += filters.map { ("l." + $0.name, $0.text) }
        pairs += groupBy.map { ("by", $0) }
        pairs.append(("agg", aggregation == .sum ? nil : aggregation.rawValue))
        pairs.append(("as", isRate.map { $0 ? "rate" : "value" }))
        return pairs
    }

    var link: Link {
        Link("/explore").adding(
            pairs + range.query.map { (String(describing: $0.name), $0.value) })
    }
}
