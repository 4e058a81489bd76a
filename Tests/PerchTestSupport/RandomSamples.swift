package import PerchModel

/// Sample batches and queries at random: late, repeated and conflicting samples among them.
package struct RandomSamples {
    package var generator: SeededGenerator
    private var clock: Int64 = 1_000
    /// Whether queries match by regular expressions too.
    package var usesPatterns = false

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package mutating func int(_ range: Range<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    private mutating func labels() -> Labels {
        var pairs = [("__name__", ["requests", "errors", "latency"][int(0..<3)])]
        if int(0..<3) > 0 { pairs.append(("service", ["shop", "pay", "größe"][int(0..<3)])) }
        if int(0..<3) > 0 { pairs.append(("instance", "host-\(int(0..<4))")) }
        if int(0..<9) == 0 { pairs.append(("long", String(repeating: "x", count: 300))) }
        return Labels(pairs)
    }

    package mutating func batch() -> SampleBatch {
        var batch = SampleBatch()
        clock += Int64(int(0..<200))
        var series: [UInt32] = []
        for _ in 0..<int(1..<20) { series.append(batch.addSeries(labels())) }
        for _ in 0..<int(0..<200) {
            let time = clock + Int64(int(-300..<100))
            batch.addSample(
                series: series[int(0..<series.count)], timeMillis: time,
                value: Double(int(0..<5)))
        }
        for _ in 0..<int(0..<4) {
            var histogram = NativeHistogram()
            histogram.schema = Int32(int(-2..<4))
            histogram.count = Double(int(0..<1000))
            histogram.sum = 1.5
            histogram.positiveSpans = NativeHistogram.spans(firstIndex: -3, count: 3)
            histogram.positiveCounts = [1, 0, Double(int(0..<9))]
            switch int(0..<4) {
            case 0:
                histogram.schema = NativeHistogram.customBoundsSchema
                histogram.customBounds = [0.25, 1, 2.5]
                histogram.positiveSpans = NativeHistogram.spans(firstIndex: 1, count: 3)
            case 1:
                histogram.positiveCounts[1] = 0.5
                histogram.negativeSpans = [
                    NativeHistogram.Span(offset: -7, length: 1),
                    NativeHistogram.Span(offset: 3, length: 1),
                ]
                histogram.negativeCounts = [2, 0.1]
                histogram.resetHint = .gauge
            default: histogram.isInteger = true
            }
            batch.histograms.append(
                HistogramSample(
                    series: series[0], timeMillis: clock + Int64(int(0..<50)),
                    histogram: histogram))
        }
        for _ in 0..<int(0..<3) {
            batch.exemplars.append(
                Exemplar(
                    series: series[0], timeMillis: clock, value: 1,
                    labels: Labels([("trace_id", "\(int(0..<99))")])))
        }
        if int(0..<3) == 0 {
            batch.metadata.append(
                MetricMetadata(
                    family: "requests", type: .counter, unit: "", help: "try \(int(0..<9))"))
        }
        return batch
    }

    package mutating func query() -> SampleQuery {
        var matchers: [LabelMatcher] = []
        if int(0..<2) == 0 {
            matchers.append(LabelMatcher("__name__", .equal, ["requests", "none"][int(0..<2)]))
        }
        if int(0..<3) == 0 { matchers.append(LabelMatcher("service", .notEqual, "shop")) }
        if int(0..<3) == 0 { matchers.append(LabelMatcher("instance", .equal, "host-1")) }
        if int(0..<5) == 0 { matchers.append(LabelMatcher("service", .equal, "")) }
        if int(0..<5) == 0 { matchers.append(LabelMatcher("instance", .notEqual, "")) }
        if usesPatterns, int(0..<5) == 0 {
            let operation: LabelMatcher.Operation = int(0..<2) == 0 ? .matches : .notMatches
            let pattern = ["host-[12]", "host-.*", "host-1|host-3", ".+", ".*", ""][int(0..<6)]
            matchers.append(LabelMatcher("instance", operation, pattern))
        }
        let start = int(0..<2) == 0 ? 0 : Int64(int(0..<4000))
        var query = SampleQuery(
            matchers: matchers, times: start...(start + Int64(int(0..<10_000))))
        query.labelsOnly = int(0..<4) == 0
        query.seriesLimit = int(0..<4) == 0 ? int(0..<5) : nil
        return query
    }
}
