/// A label of a series.
package struct FrameLabel: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The answers to a panel's queries.
package struct PanelData: Sendable {
    package var answers: [Answer]

    /// The answer to one query.
    package struct Answer: Sendable {
        package var query: PanelQuery
        package var body: Body
        /// Where the query's target asks for them.
        package var exemplars: [Exemplar] = []
        /// Metrics that the query names and that have no series, where there is no answer.
        package var missing: [String] = []

        package init(query: PanelQuery, body: Body) {
            self.query = query
            self.body = body
        }
    }

    /// A single measurement of a series that a query names, with the trace that it came from.
    package struct Exemplar: Sendable, Hashable {
        package var timeMillis: Int64
        package var value: Double
        package var traceID: String

        package init(timeMillis: Int64, value: Double, traceID: String) {
            self.timeMillis = timeMillis
            self.value = value
            self.traceID = traceID
        }
    }

    package enum Body: Sendable {
        case series([Series])
        case lines([Line])
        case failed(String)
    }

    /// One series: times in milliseconds, ascending, and a value for each.
    package struct Series: Sendable {
        package var labels: [FrameLabel]
        package var times: [Int64]
        package var values: [Double]

        /// Times and values beyond the shorter of both are left out.
        package init(labels: [FrameLabel], times: [Int64], values: [Double]) {
            let count = min(times.count, values.count)
            self.labels = labels
            self.times = times.count == count ? times : Array(times[..<count])
            self.values = values.count == count ? values : Array(values[..<count])
        }
    }

    /// A log record.
    package struct Line: Sendable, Hashable {
        package var timeNanos: Int64
        package var text: String
        package var labels: [FrameLabel]
        package var level: String?

        package init(
            timeNanos: Int64, text: String, labels: [FrameLabel], level: String? = nil
        ) {
            self.timeNanos = timeNanos
            self.text = text
            self.labels = labels
            self.level = level
        }
    }

    package init(_ answers: [Answer]) {
        self.answers = answers
    }
}
