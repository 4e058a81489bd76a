package import PerchModel

/// Which lines a chart of one metric has.
package struct ChartQuestion: Sendable, Hashable {
    /// How the series of one group become one line.
    package enum Aggregation: String, Sendable, CaseIterable {
        case sum
        case avg
        case max
        case min
    }

    package var metric: String
    package var filters: [FieldText] = []
    /// Series with the same values of these labels become one line.
    ///
    /// Empty: one line in all.
    package var groupBy: [String] = []
    package var aggregation = Aggregation.sum
    /// Growth a second instead of values; for counters.
    package var isRate = false

    package init(metric: String) {
        self.metric = metric
    }
}

/// The lines of a chart.
package struct MetricChart: Sendable, Hashable {
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

extension PageQueries {
    /// Reads series one after the other and adds each to its line, so memory holds lines only.
    package func chart(
        _ question: ChartQuestion, _ range: TimeRange
    ) async throws(StoreFailure) -> MetricChart {
        let steps = range.steps(Limits.chartStepsMax / 2)
        var chart = MetricChart(steps: steps)
        var matchers = [LabelMatcher("__name__", .equal, question.metric)]
        for filter in question.filters {
            matchers.append(LabelMatcher(filter.name, .equal, filter.text))
        }
        // Points before the range give the first steps their value.
        let low = max(0, range.millis.lowerBound &- SeriesSteps.lookbackMillisMax)
        var query = SampleQuery(
            matchers: matchers, times: min(low, range.millis.upperBound)...range.millis.upperBound)
        query.seriesLimit = Limits.chartSeriesMax
        var groups: [String: LineTally] = [:]
        var seriesCount = 0
        var sampleCount = 0
        var cursor = samples.read(query)
        while let chunk = try await cursor.next() {
            seriesCount += 1
            sampleCount += chunk.times.count + chunk.histograms.count
            let name = Self.lineName(chunk.labels, question)
            let values = SeriesSteps.values(of: chunk, steps, isRate: question.isRate)
            groups[name, default: LineTally(count: steps.count)].add(values)
            guard sampleCount < Limits.chartSamplesMax else {
                chart.notices.append("Only the first \(Units.count(seriesCount)) series are drawn.")
                break
            }
        }
        if seriesCount >= Limits.chartSeriesMax {
            chart.notices.append("Only the first \(Units.count(seriesCount)) series are drawn.")
        }
        var lines = groups.map { name, tally in
            MetricChart.Line(name: name, values: tally.result(question.aggregation))
        }
        if lines.count > Limits.chartLinesMax {
            chart.notices.append(
                "The \(Limits.chartLinesMax) largest of \(Units.count(lines.count)) lines are drawn."
            )
            let peaks = lines.map { line in (line, line.values.compactMap(\.self).max() ?? 0) }
            lines = peaks.sorted { ($0.1, $1.0.name) > ($1.1, $0.0.name) }
                .prefix(Limits.chartLinesMax).map(\.0)
        }
        chart.lines = lines.filter { $0.values.contains { $0 != nil } }.sorted { $0.name < $1.name }
        return chart
    }

    private static func lineName(_ labels: Labels, _ question: ChartQuestion) -> String {
        guard !question.groupBy.isEmpty else {
            return "\(question.aggregation.rawValue) of \(question.metric)"
        }
        let pairs = labels.pairs
        return question.groupBy.map { name in
            let value = pairs.first { $0.name == name }?.value ?? "(none)"
            return question.groupBy.count == 1 ? value : "\(name)=\(value)"
        }.joined(separator: ", ")
    }
}

/// Adds series to one line, step by step.
private struct LineTally {
    var sums: [Double]
    var counts: [Int]
    var highs: [Double]
    var lows: [Double]

    init(count: Int) {
        sums = [Double](repeating: 0, count: count)
        counts = [Int](repeating: 0, count: count)
        highs = [Double](repeating: -.infinity, count: count)
        lows = [Double](repeating: .infinity, count: count)
    }

    mutating func add(_ values: [Double?]) {
        for (step, value) in values.enumerated() where step < sums.count {
            guard let value else { continue }
            sums[step] += value
            counts[step] += 1
            highs[step] = max(highs[step], value)
            lows[step] = min(lows[step], value)
        }
    }

    func result(_ aggregation: ChartQuestion.Aggregation) -> [Double?] {
        sums.indices.map { step in
            guard counts[step] > 0 else { return nil }
            switch aggregation {
            case .sum: return sums[step]
            case .avg: return sums[step] / Double(counts[step])
            case .max: return highs[step]
            case .min: return lows[step]
            }
        }
    }
}

/// One series over steps: its latest value, or its growth a second, at each step's end.
enum SeriesSteps {
    /// A value older than this is no longer the present one, as in Prometheus.
    static let lookbackMillisMax: Int64 = 300_000

    static func values(of chunk: SeriesChunk, _ steps: Steps, isRate: Bool) -> [Double?] {
        var times = chunk.times
        var values = chunk.values
        if times.isEmpty {
            // Of a native histogram the count is what a line can show.
            times = chunk.histograms.map(\.timeMillis)
            values = chunk.histograms.map { Double($0.histogram.count) }
        }
        guard times.count == values.count, !times.isEmpty else { return [] }
        let window = isRate ? rateWindow(times, steps) : lookbackMillisMax
        var result = [Double?](repeating: nil, count: steps.count)
        var first = 0
        var end = 0
        for step in 0..<steps.count {
            let until = steps.time(step + 1) / 1_000_000
            while end < times.count, times[end] < until { end += 1 }
            while first < end, times[first] < until &- window { first += 1 }
            guard first < end else { continue }
            result[step] =
                isRate
                ? rate(times[first..<end], values[first..<end]) : present(values[end - 1])
        }
        return result
    }

    private static func present(_ value: Double) -> Double? {
        value.bitPattern == SampleBatch.staleMarkerBits || value.isNaN ? nil : value
    }

    /// Growth between the first and the last sample of a window, resets allowed for, a second.
    private static func rate(_ times: ArraySlice<Int64>, _ values: ArraySlice<Double>) -> Double? {
        guard let last = values.last, !last.isNaN else { return nil }
        var firstTime: Int64?
        var lastTime: Int64?
        for index in times.indices where !values[index].isNaN {
            firstTime = firstTime ?? times[index]
            lastTime = times[index]
        }
        guard let firstTime, let lastTime, lastTime > firstTime else { return nil }
        return Counter.increase(values) / (Double(lastTime &- firstTime) / 1_000)
    }

    /// Wide enough for four samples, so that one late sample leaves no gap.
    private static func rateWindow(_ times: [Int64], _ steps: Steps) -> Int64 {
        let gaps = zip(times.dropFirst(), times).map { $0 &- $1 }.sorted()
        let usual = gaps.isEmpty ? 60_000 : gaps[gaps.count / 2]
        return max(steps.size / 1_000_000, min(usual &* 4, lookbackMillisMax * 12))
    }
}
