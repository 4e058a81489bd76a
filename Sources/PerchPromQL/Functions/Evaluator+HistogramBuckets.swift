import PerchModel

/// `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`, over classic and native
/// histograms.
extension Evaluator {
    func evaluateHistogramBuckets(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        var columns: [[Double]] = []
        for argument in node.arguments where argument.type == .scalar {
            columns.append(try await scalars(argument, grid))
        }
        guard let vector = node.arguments.first(where: { $0.type == .vector }) else { return }
        if node.function != .histogramFraction {
            let places = node.arguments.filter { $0.type == .scalar }.map(\.range)
            for (place, column) in zip(places, columns) {
                for value in column where value.isNaN || value < 0 || value > 1 {
                    annotations.add(.warning, Quantile.invalidText(value), place)
                }
            }
        }
        let held = try await collect(vector, grid)
        var histograms = HistogramVector(held.series, place: vector.range, grid: grid)
        let results: [StepSeries]
        if node.function == .histogramFraction {
            results = histograms.fractions(columns[0], columns[1])
        } else if node.function == .histogramQuantile {
            results = try histograms.quantiles(columns[0], label: nil)
        } else {
            var all: [StepSeries] = []
            var name = ""
            if case .string(let literal) = node.arguments[1].unwrapped { name = literal.value }
            for column in columns {
                all.append(contentsOf: try histograms.quantiles(column, label: name))
            }
            results = all
        }
        annotations.merge(histograms.annotations)
        release(held)
        for series in results where !series.isEmpty { try sink(series) }
    }
}

/// The histograms of a vector.
private struct HistogramVector {
    private let place: SourceRange
    private let grid: StepGrid
    private var classic: [(labels: Labels, buckets: [(bound: Double, series: StepSeries)])] = []
    private var native: [StepSeries] = []
    private(set) var annotations = Annotations()

    init(_ series: [StepSeries], place: SourceRange, grid: StepGrid) {
        self.place = place
        self.grid = grid
        var groups: [Labels: Int] = [:]
        for one in series {
            if one.values.contains(where: { !StepSeries.isAbsent($0) }) {
                addBucket(one, &groups)
            }
            if one.histograms.contains(where: { $0 != nil }) {
                native.append(one)
            }
        }
        dropConflicts(groups)
    }

    private mutating func addBucket(_ series: StepSeries, _ groups: inout [Labels: Int]) {
        let text = series.labels["le"] ?? ""
        guard let bound = Double(text) else {
            var message =
                "bucket label \"le\" is missing or has a malformed value of \(GoText.quote(text))"
            message += Self.metric(series.labels)
            annotations.add(.warning, message, place)
            return
        }
        let key = series.labels.dropping(["le"])
        if let group = groups[key] {
            classic[group].buckets.append((bound, series))
        } else {
            groups[key] = classic.count
            classic.append((key, [(bound, series)]))
        }
    }

    private static func metric(_ labels: Labels) -> String {
        let name = labels.metricName
        return name.isEmpty ? "" : " for metric name \(GoText.quote(name))"
    }

    /// Where a classic and a native histogram of the same labels meet, neither counts.
    private mutating func dropConflicts(_ groups: [Labels: Int]) {
        for index in native.indices {
            guard let group = groups[native[index].labels] else { continue }
            for step in 0..<grid.count where native[index].histogram(step) != nil {
                var isConflict = false
                for bucket in classic[group].buckets.indices
                where classic[group].buckets[bucket].series.hasFloat(step) {
                    classic[group].buckets[bucket].series.clear(step)
                    isConflict = true
                }
                guard isConflict else { continue }
                native[index].histograms[step] = nil
                annotations.add(
                    .warning,
                    "vector contains a mix of classic and native histograms"
                        + Self.metric(native[index].labels), place)
            }
        }
    }

    private func buckets(_ group: Int, _ step: Int) -> ClassicBuckets? {
        var result = ClassicBuckets()
        for (bound, series) in classic[group].buckets where series.hasFloat(step) {
            result.buckets.append(.init(upperBound: bound, count: series.values[step]))
        }
        return result.buckets.isEmpty ? nil : result
    }

    mutating func fractions(_ lower: [Double], _ upper: [Double]) -> [StepSeries] {
        var results: [StepSeries] = []
        for series in native {
            var result = StepSeries(labels: series.labels, dropsName: true, count: grid.count)
            for step in 0..<grid.count {
                guard let histogram = series.histograms[step] else { continue }
                let (value, remark) = histogram.fraction(from: lower[step], to: upper[step])
                result.values[step] = value
                note(remark, series.labels)
            }
            results.append(result)
        }
        for group in classic.indices {
            var result = StepSeries(
                labels: classic[group].labels, dropsName: true, count: grid.count)
            for step in 0..<grid.count {
                guard var buckets = buckets(group, step) else { continue }
                result.values[step] = buckets.fraction(from: lower[step], to: upper[step])
            }
            results.append(result)
        }
        return results
    }

    /// The quantiles, with a label that says which one it is if `label` names one.
    mutating func quantiles(
        _ wanted: [Double], label: String?
    ) throws(QueryFailure) -> [StepSeries] {
        var outputs = QuantileOutputs(label: label, wanted: wanted)
        for series in native {
            for step in 0..<grid.count {
                guard let histogram = series.histograms[step] else { continue }
                let (value, remark) = histogram.quantile(wanted[step])
                try outputs.set(value, series.labels, step)
                note(remark, series.labels)
            }
        }
        for group in classic.indices {
            for step in 0..<grid.count {
                guard var buckets = buckets(group, step) else { continue }
                let (value, fix) = buckets.quantile(wanted[step])
                try outputs.set(value, classic[group].labels, step)
                if let fix {
                    annotations.addMonotonicity(
                        metric: classic[group].labels.metricName, place,
                        timeMillis: grid.time(step), fix)
                }
            }
        }
        return outputs.series
    }

    private mutating func note(_ remark: HistogramRemark?, _ labels: Labels) {
        let text: String
        switch remark {
        case nil: return
        case .quantileIsNaN:
            text = "input to histogram_quantile has NaN observations, result is NaN"
        case .quantileIsSkewed:
            text = "input to histogram_quantile has NaN observations, result is skewed higher"
        case .fractionLeavesOutNaN:
            text =
                "input to histogram_fraction has NaN observations, which are excluded from all "
                + "fractions"
        }
        annotations.add(.info, text + Self.metric(labels), place)
    }
}

/// Series of quantiles; with a label, one for each quantile that occurs.
private struct QuantileOutputs {
    let label: String?
    let wanted: [Double]
    private(set) var series: [StepSeries] = []
    private var places: [Labels: Int] = [:]

    init(label: String?, wanted: [Double]) {
        self.label = label
        self.wanted = wanted
    }

    mutating func set(_ value: Double, _ labels: Labels, _ step: Int) throws(QueryFailure) {
        var key = labels
        if let label { key = labels.setting([(label, Self.text(wanted[step]))]) }
        let place = places[key] ?? series.count
        if place == series.count {
            places[key] = place
            series.append(StepSeries(labels: key, dropsName: true, count: wanted.count))
        }
        guard !series[place].hasFloat(step) else { throw .duplicateSeries }
        series[place].values[step] = value
    }

    /// A quantile as OpenMetrics writes a label's value.
    private static func text(_ value: Double) -> String {
        let text = NumberText.general(value)
        return value.isFinite && !text.contains(where: { $0 == "." || $0 == "e" })
            ? text + ".0" : text
    }
}
