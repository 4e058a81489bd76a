/// What made a new series one too many, for whoever has to look after it.
package struct SeriesCulprit: Sendable, Hashable {
    /// Which limit it was.
    package enum Limit: Sendable, Hashable {
        /// Of all series.
        case total
        /// Of the series of one metric.
        case metric
        /// Of the series of one `instance`.
        case target
    }

    package var limit: Limit
    /// What the limit allows.
    package var countMax: Int
    /// The metric of the refused series, and how many series it has.
    package var metric = ""
    package var metricCount = 0
    /// The target of the refused series, or empty.
    package var target = ""
    /// The metric's label with the most values, and how many its series have of it; empty without
    /// one.
    package var label = ""
    package var valueCount = 0
    /// Whether not all series of the metric were looked through.
    package var isAtLeast = false

    package init(limit: Limit, countMax: Int) {
        self.limit = limit
        self.countMax = countMax
    }

    package var message: String {
        let which =
            switch limit {
            case .total: "the limit of \(countMax) series"
            case .metric: "the limit of \(countMax) series of one metric"
            case .target: "the limit of \(countMax) series of the target \(target)"
            }
        let least = isAtLeast ? "at least " : ""
        let grown =
            label.isEmpty ? "" : ", and its label \(label) has \(least)\(valueCount) values"
        return "\(which): the metric \(metric) has \(metricCount)\(grown)"
    }
}
