import PerchModel
import PerchTestSupport

/// Queries and samples at random: floats, histograms of both kinds, gaps and marks of an end.
struct RandomQueries {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func int(_ range: Range<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[int(0..<list.count)] }

    // MARK: Samples

    mutating func batch() -> SampleBatch {
        var batch = SampleBatch()
        for name in ["a_total", "b", "h", "c_bucket"] {
            for job in ["x", "y"] {
                for instance in 0..<int(1..<3) {
                    var labels = [("__name__", name), ("job", job), ("instance", "\(instance)")]
                    if name == "c_bucket" {
                        for bound in ["0.5", "1", "+Inf"] {
                            add(labels + [("le", bound)], name, &batch)
                        }
                        continue
                    }
                    if int(0..<3) == 0 { labels.append(("extra", pick(["p", "q"]))) }
                    add(labels, name, &batch)
                }
            }
        }
        return batch
    }

    private mutating func add(
        _ labels: [(String, String)], _ name: String, _ batch: inout SampleBatch
    ) {
        let series = batch.addSeries(Labels(labels.map { (name: $0.0, value: $0.1) }))
        var time: Int64 = 0
        var value = Double(int(0..<10))
        for _ in 0..<int(10..<60) {
            time += Int64(pick([15_000, 15_000, 15_000, 14_000, 90_000, 400_000]))
            if name == "h" {
                batch.histograms.append(
                    HistogramSample(series: series, timeMillis: time, histogram: histogram()))
                continue
            }
            switch int(0..<20) {
            case 0: value = 0
            case 1: value = Double(bitPattern: SampleBatch.staleMarkerBits)
            case 2 where name == "b": value = pick([.nan, .infinity, -3])
            default: value = (value.isFinite ? value : 0) + Double(int(0..<5))
            }
            batch.addSample(series: series, timeMillis: time, value: value)
        }
    }

    private mutating func histogram() -> NativeHistogram {
        var histogram = NativeHistogram()
        let count = int(1..<5)
        histogram.positiveCounts = (0..<count).map { _ in Double(int(0..<9)) }
        histogram.count = histogram.positiveCounts.reduce(0, +)
        histogram.sum = Double(int(0..<50))
        if int(0..<4) == 0 {
            histogram.schema = NativeHistogram.customBoundsSchema
            histogram.customBounds = pick([[1, 2, 3, 4], [2, 4, 6, 8]])
            histogram.positiveSpans = NativeHistogram.spans(firstIndex: 0, count: count)
        } else {
            histogram.schema = Int32(int(-1..<3))
            histogram.positiveSpans = NativeHistogram.spans(
                firstIndex: Int32(int(-3..<3)), count: count)
            histogram.zeroThreshold = pick([0, 0.001])
            histogram.zeroCount = Double(int(0..<2))
            histogram.count += histogram.zeroCount
        }
        histogram.resetHint = pick([.unknown, .unknown, .gauge, .notReset])
        return histogram
    }

    // MARK: Queries

    private mutating func duration() -> String { pick(["30s", "1m", "100s", "5m", "17m"]) }

    private mutating func modifiers() -> String {
        (int(0..<5) == 0 ? " offset \(pick(["", "-"]))\(duration())" : "")
            + (int(0..<6) == 0 ? " @ \(int(0..<1_500))" : "")
    }

    private mutating func selector() -> String {
        pick([
            "a_total", "b", "h", "c_bucket", "none", "{job=\"x\"}", "b{instance!=\"0\"}",
            "a_total{job=~\"x|y\"}",
        ])
    }

    private mutating func range(_ depth: Int) -> String {
        if depth > 0, int(0..<4) == 0 {
            return "(\(vector(depth - 1)))[\(duration()):\(pick(["", "20s", "1m"]))]" + modifiers()
        }
        return selector() + "[\(duration())]" + modifiers()
    }

    private mutating func scalar(_ depth: Int) -> String {
        switch int(0..<6) {
        case 0 where depth > 0: return "scalar(\(vector(depth - 1)))"
        case 1: return "time()"
        case 2: return "(time() / 7 % 5)"
        default: return pick(["0", "1", "2.5", "-3", "0.9", "NaN", "Inf"])
        }
    }

    mutating func vector(_ depth: Int) -> String {
        guard depth > 0 else { return selector() + modifiers() }
        let inner = depth - 1
        switch int(0..<12) {
        case 0...2:
            let function = pick([
                "rate", "increase", "delta", "irate", "idelta", "sum_over_time", "avg_over_time",
                "min_over_time", "max_over_time", "count_over_time", "last_over_time",
                "first_over_time", "stddev_over_time", "changes", "resets", "deriv",
                "present_over_time", "absent_over_time", "mad_over_time", "ts_of_max_over_time",
                "ts_of_last_over_time",
            ])
            return "\(function)(\(range(inner)))"
        case 3: return "quantile_over_time(\(scalar(inner)), \(range(inner)))"
        case 4: return "predict_linear(\(range(inner)), \(scalar(inner)))"
        case 5, 6:
            let function = pick([
                "abs", "ceil", "sgn", "sqrt", "timestamp", "absent", "histogram_count",
                "histogram_sum", "histogram_avg", "day_of_week", "sort", "-", "+", "deg",
            ])
            return "\(function)(\(vector(inner)))"
        case 7:
            return pick([
                "clamp(\(vector(inner)), \(scalar(inner)), \(scalar(inner)))",
                "round(\(vector(inner)), 0.5)", "vector(\(scalar(inner)))",
                "histogram_quantile(\(scalar(inner)), \(vector(inner)))",
                "histogram_fraction(0, \(scalar(inner)), \(vector(inner)))",
                "label_replace(\(vector(inner)), \"job\", \"$1z\", \"instance\", \"(.*)\")",
            ])
        case 8, 9: return aggregation(inner)
        case 10: return "\(vector(inner)) \(arithmetic()) \(scalar(inner))"
        default: return binary(inner)
        }
    }

    private mutating func arithmetic() -> String {
        pick(["+", "-", "*", "/", "%", "^", ">", "<= bool", "==", "!="])
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let grouping = pick(["", " by (job)", " without (instance)", " by (le, job)"])
        // Those that pick series are left out: of equal ones they pick the first, and which is first
        // depends on which others there are.
        let operation = pick([
            "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile",
            "count_values",
        ])
        let parameter =
            switch operation {
            case "quantile": "0.7, "
            case "count_values": "\"v\", "
            default: ""
            }
        return "\(operation)\(grouping) (\(parameter)\(vector(depth)))"
    }

    private mutating func binary(_ depth: Int) -> String {
        let operation = pick([
            "+ on(job, instance)", "* ignoring(extra)", "/", "and", "or", "unless", "and on(job)",
            "- on(job) group_left()", "> bool on(job, instance)", "+ fill(0)",
            "== on(instance, job)",
            "unless on(instance)",
        ])
        return "(\(vector(depth))) \(operation) (\(vector(depth)))"
    }
}
