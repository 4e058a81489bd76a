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
    package var metric: String
    package var metricCount: Int
    /// The target of the refused series, or empty.
    package var target: String
    /// Of its labels the one with the most values, and how many; empty without one.
    package var label: String
    package var valueCount: Int

    package init(
        limit: Limit, countMax: Int, metric: String, metricCount: Int, target: String,
        label: String, valueCount: Int
    ) {
        self.limit = limit
        self.countMax = countMax
        self.metric = metric
        self.metricCount = metricCount
        self.target = target
        self.label = label
        self.valueCount = valueCount
    }

    package var message: String {
        let which =
            switch limit {
            case .total: "the limit of \(countMax) series"
            case .metric: "the limit of \(countMax) series of one metric"
            case .target: "the limit of \(countMax) series of the target \(target)"
            }
        let grown = label.isEmpty ? "" : ", and its label \(label) has \(valueCount) values"
        return "\(which): the metric \(metric) has \(metricCount)\(grown)"
    }
}
