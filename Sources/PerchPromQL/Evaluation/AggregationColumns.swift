import PerchModel

/// One group of an aggregation, step by step.
struct AggregationColumns {
    private let operation: AggregateOperator
    private let place: SourceRange
    private let labels: Labels
    private var dropsName = false
    /// The running value of each step; absent where nothing came yet.
    private var values: [Double]
    /// What rounding lost, or the mean, as the operation needs it.
    private var rests: [Double] = []
    private var counts: [Double] = []
    private var means: [RunningMean?] = []
    private var histogramSums: [HistogramState?] = []
    /// All numbers of each step, for a quantile.
    private var lists: [[Double]] = []
    private(set) var heldSamples = 0
    private(set) var annotations = Annotations()

    private struct HistogramState {
        var sum: HistogramSum?
        var mean: HistogramMean?
        /// Histograms that do not go together were met.
        var isBroken = false
        var hasReset = false
        var hasNoReset = false
    }

    init(
        _ operation: AggregateOperator, labels: Labels, stepCount: Int, place: SourceRange
    ) {
        self.operation = operation
        self.labels = labels
        self.place = place
        values = [Double](repeating: StepSeries.absent, count: stepCount)
        switch operation {
        case .sum: rests = [Double](repeating: 0, count: stepCount)
        case .avg: means = [RunningMean?](repeating: nil, count: stepCount)
        case .stddev, .stdvar:
            rests = [Double](repeating: 0, count: stepCount)
            counts = rests
        case .quantile: lists = [[Double]](repeating: [], count: stepCount)
        default: break
        }
    }

    mutating func add(_ series: borrowing StepSeries) {
        if series.dropsName { dropsName = true }
        switch operation {
        case .sum: addToSum(series.values)
        case .avg:
            for step in values.indices where series.hasFloat(step) {
                if means[step] == nil { means[step] = RunningMean() }
                means[step]?.add(series.values[step])
            }
        case .min, .max: addExtremum(series.values)
        case .count:
            for step in values.indices where series.hasSample(step) {
                values[step] = StepSeries.isAbsent(values[step]) ? 1 : values[step] + 1
            }
        case .group:
            for step in values.indices where series.hasSample(step) { values[step] = 1 }
        case .stddev, .stdvar: addDeviation(series.values)
        case .quantile:
            for step in values.indices where series.hasFloat(step) {
                lists[step].append(series.values[step])
                heldSamples += 1
            }
        default: break
        }
        if !series.histograms.isEmpty { addHistograms(series) }
    }

    private mutating func addToSum(_ added: [Double]) {
        for step in values.indices {
            let value = added[step]
            if StepSeries.isAbsent(value) { continue }
            if StepSeries.isAbsent(values[step]) {
                values[step] = value
            } else {
                var sum = KahanSum(values[step], compensation: rests[step])
                sum.add(value)
                values[step] = sum.sum
                rests[step] = sum.compensation
            }
        }
    }

    private mutating func addExtremum(_ added: [Double]) {
        let isMax = operation == .max
        for step in values.indices {
            let value = added[step]
            if StepSeries.isAbsent(value) { continue }
            let old = values[step]
            // An absent value is a NaN, so that the first one is taken.
            if old.isNaN || (isMax ? old < value : old > value) { values[step] = value }
        }
    }

    /// Welford's running variance: `values` holds the squares, `rests` the mean.
    private mutating func addDeviation(_ added: [Double]) {
        for step in values.indices {
            let value = added[step]
            if StepSeries.isAbsent(value) { continue }
            counts[step] += 1
            if counts[step] == 1 {
                values[step] = value.isFinite ? 0 : .nan
                rests[step] = value
                continue
            }
            let delta = value - rests[step]
            rests[step] += delta / counts[step]
            values[step] += delta * (value - rests[step])
        }
    }

    private mutating func addHistograms(_ series: borrowing StepSeries) {
        switch operation {
        case .sum, .avg: break
        case .min, .max, .stddev, .stdvar, .quantile:
            if series.histograms.contains(where: { $0 != nil }) {
                annotations.add(
                    .info, "ignored histogram in \(operation.rawValue) aggregation", place)
            }
            return
        default: return
        }
        if histogramSums.isEmpty {
            histogramSums = [HistogramState?](repeating: nil, count: values.count)
        }
        for step in values.indices {
            guard let histogram = series.histograms[step] else { continue }
            add(histogram, step, metric: series.labels.metricName)
        }
    }

    private mutating func add(_ histogram: NativeHistogram, _ step: Int, metric: String) {
        var state = histogramSums[step] ?? HistogramState()
        histogramSums[step] = nil
        defer { histogramSums[step] = state }
        guard !state.isBroken else { return }
        state.hasReset = state.hasReset || histogram.resetHint == .reset
        state.hasNoReset = state.hasNoReset || histogram.resetHint == .notReset
        let outcome: HistogramOutcome?
        if operation == .sum {
            guard state.sum != nil else {
                state.sum = HistogramSum(histogram)
                heldSamples += histogram.sampleCount
                return
            }
            outcome = state.sum?.add(histogram)
        } else {
            guard state.mean != nil else {
                state.mean = HistogramMean(histogram)
                heldSamples += histogram.sampleCount
                return
            }
            outcome = state.mean?.add(histogram)
        }
        guard let outcome else {
            state.isBroken = true
            annotations.add(
                .warning, "\(RangeKernel.mixedBuckets) \(GoText.quote(metric))", place)
            return
        }
        if outcome.hasReconciledBounds {
            annotations.add(.info, HistogramOperation.aggregation.reconciledText, place)
        }
    }

    /// What the group comes to.
    mutating func result(_ parameters: [Double]) -> StepSeries? {
        var result = StepSeries(labels: labels, dropsName: dropsName, values: values)
        for step in values.indices {
            switch operation {
            case .sum where !StepSeries.isAbsent(values[step]):
                result.values[step] += rests[step]
            case .avg: result.values[step] = means[step]?.value ?? StepSeries.absent
            case .stdvar where counts[step] > 0: result.values[step] /= counts[step]
            case .stddev where counts[step] > 0:
                result.values[step] = (values[step] / counts[step]).squareRoot()
            case .quantile where !lists[step].isEmpty:
                result.values[step] = Quantile.of(&lists[step], parameters[step])
            default: break
            }
        }
        for step in histogramSums.indices {
            guard let state = histogramSums[step] else { continue }
            if result.hasFloat(step) {
                result.values[step] = StepSeries.absent
                annotations.add(
                    .warning, "encountered a mix of histograms and floats for aggregation", place)
                continue
            }
            if state.isBroken { continue }
            if state.hasReset, state.hasNoReset {
                annotations.add(.warning, HistogramOperation.aggregation.collisionText, place)
            }
            result.set((state.sum?.total ?? state.mean?.value)?.compacted(), step)
        }
        return result.isEmpty ? nil : result
    }
}
