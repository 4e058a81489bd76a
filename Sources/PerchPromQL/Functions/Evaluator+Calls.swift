import PerchModel

extension Evaluator {
    /// A function that gives an instant vector.
    func evaluate(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        if let argument = node.arguments.firstIndex(where: { $0.type == .matrix }) {
            try await evaluateRange(node, argument: argument, grid, sink)
            return
        }
        switch node.function {
        case .vector:
            let values = try await scalars(node.arguments[0], grid)
            try sink(StepSeries(labels: Labels(canonical: []), values: values))
        case .absent: try await evaluateAbsent(node, grid, sink)
        case .timestamp: try await evaluateTimestamp(node, grid, sink)
        case .startTimestamp:
            // Only samples have it, not what was made of them.
            guard case .vector(let selector) = node.arguments[0] else { return }
            try await select(selector, grid, .startTimes) { (series) throws(QueryFailure) in
                var series = series
                series.dropsName = true
                try sink(series)
            }
        case .sort, .sortDesc, .sortByLabel, .sortByLabelDesc:
            try await evaluateSort(node, grid, sink)
        case .labelReplace: try await evaluateLabelReplace(node, grid, sink)
        case .labelJoin: try await evaluateLabelJoin(node, grid, sink)
        case .histogramQuantile, .histogramQuantiles, .histogramFraction:
            try await evaluateHistogramBuckets(node, grid, sink)
        case .histogramCount, .histogramSum, .histogramAvg, .histogramStddev, .histogramStdvar:
            try await evaluateHistogramValue(node, grid, sink)
        case .info: try await evaluateInfo(node, grid, sink)
        case .clamp, .clampMin, .clampMax, .round:
            try await evaluateWithScalars(node, grid, sink)
        case .daysInMonth, .dayOfMonth, .dayOfWeek, .dayOfYear, .hour, .minute, .month, .year:
            try await evaluateDate(node, grid, sink)
        default:
            guard let change = Mathematics.simple(node.function) else {
                throw .execution("unexpected function \(node.function.rawValue)")
            }
            try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
                try sink(Self.mapped(series, change))
            }
        }
    }

    /// A series with its numbers changed, and without its name.
    static func mapped(
        _ series: consuming StepSeries, _ change: (Double) -> Double
    ) -> StepSeries {
        series.mapFloats(change)
        series.dropsName = true
        return series
    }

    private func evaluateWithScalars(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        var columns: [[Double]] = []
        for argument in node.arguments.dropFirst() {
            columns.append(try await scalars(argument, grid))
        }
        let ones = [Double](repeating: 1, count: grid.count)
        let infinities = [Double](repeating: .infinity, count: grid.count)
        let low: [Double]
        let high: [Double]
        switch node.function {
        case .clamp: (low, high) = (columns[0], columns[1])
        case .clampMin: (low, high) = (columns[0], infinities)
        case .clampMax: (low, high) = (infinities.map { -$0 }, columns[0])
        default: (low, high) = (columns.first ?? ones, [])
        }
        let isRound = node.function == .round
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            var series = series
            series.histograms = []
            series.dropsName = true
            for step in 0..<grid.count where series.hasFloat(step) {
                let value = series.values[step]
                if isRound {
                    // The inverse loses less where the unit is a decimal fraction.
                    let inverse = 1 / low[step]
                    series.values[step] = (value * inverse + 0.5).rounded(.down) / inverse
                } else if high[step] < low[step] {
                    series.values[step] = StepSeries.absent
                } else {
                    series.values[step] = Self.clamped(value, low[step], high[step])
                }
            }
            if !series.isEmpty { try sink(series) }
        }
    }

    private static func clamped(_ value: Double, _ low: Double, _ high: Double) -> Double {
        if value.isNaN || low.isNaN || high.isNaN { return .nan }
        return max(low, min(high, value))
    }

    private func evaluateTimestamp(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        if case .vector(let selector) = node.arguments[0] {
            try await select(selector, grid, .times) { (series) throws(QueryFailure) in
                var series = series
                series.dropsName = true
                try sink(series)
            }
            return
        }
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            var result = StepSeries(labels: series.labels, dropsName: true, count: grid.count)
            for step in 0..<grid.count where series.hasSample(step) {
                result.values[step] = Double(grid.time(step)) / 1_000
            }
            try sink(result)
        }
    }

    private func evaluateDate(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        func part(_ seconds: Double) -> Double {
            guard seconds.isFinite, seconds.magnitude < 9e17 else { return .nan }
            let moment = TimeText.Moment(seconds: Int64(seconds))
            return switch node.function {
            case .daysInMonth:
                Double(TimeText.Moment.days(year: moment.year, month: moment.month))
            case .dayOfMonth: Double(moment.day)
            case .dayOfWeek: Double(moment.weekday)
            case .dayOfYear: Double(moment.dayOfYear)
            case .hour: Double(moment.hour)
            case .minute: Double(moment.minute)
            case .month: Double(moment.month)
            default: Double(moment.year)
            }
        }
        guard let argument = node.arguments.first else {
            let values = (0..<grid.count).map { part(Double(grid.time($0) / 1_000)) }
            try sink(StepSeries(labels: Labels(canonical: []), values: values))
            return
        }
        try await evaluate(argument, grid) { (series) throws(QueryFailure) in
            try sink(Self.mapped(series, part))
        }
    }

    private func evaluateHistogramValue(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            guard !series.histograms.isEmpty else { return }
            var result = StepSeries(labels: series.labels, dropsName: true, count: grid.count)
            for step in 0..<grid.count {
                guard !series.hasFloat(step), let histogram = series.histograms[step] else {
                    continue
                }
                result.values[step] =
                    switch node.function {
                    case .histogramCount: histogram.count
                    case .histogramSum: histogram.sum
                    case .histogramAvg: histogram.sum / histogram.count
                    case .histogramStddev: histogram.variance.squareRoot()
                    default: histogram.variance
                    }
            }
            if !result.isEmpty { try sink(result) }
        }
    }
}
