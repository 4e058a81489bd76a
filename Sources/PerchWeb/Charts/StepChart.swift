/// Lines with one value a step.
package struct StepChart: Sendable, Hashable {
    package struct Line: Sendable, Hashable {
        package var name: String
        /// One a step; nil is a gap.
        package var values: [Double?]

        package init(name: String, values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    package var steps: Steps
    package var lines: [Line] = []
    package var notices: [String] = []

    package init(steps: Steps) {
        self.steps = steps
    }

    func drawing(_ range: TimeRange) -> TimeChart {
        // A value belongs to the end of its step.
        var chart = TimeChart(
            times: (0..<steps.count).map { Double(steps.time($0 + 1)) / 1e9 }, range: range.nanos)
        chart.lines = lines.enumerated().map { index, line in
            TimeChart.Line(name: line.name, values: line.values, colour: String(index % 8))
        }
        return chart
    }
}
