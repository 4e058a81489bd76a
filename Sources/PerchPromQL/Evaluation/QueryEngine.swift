package import PerchModel

/// Answers queries over a source of samples.
package struct QueryEngine: Sendable {
    package var source: any SampleSource
    package var options: QueryOptions

    package init(source: any SampleSource, options: QueryOptions = QueryOptions()) {
        self.source = source
        self.options = options
    }

    /// Reads and answers a query.
    package func evaluate(
        _ query: String, _ times: QueryTimes
    ) async throws(QueryFailure) -> QueryResult {
        let expression: QueryExpression
        do {
            expression = try Parser.parse(query)
        } catch {
            throw .badData(error.description)
        }
        return try await evaluate(expression, times)
    }

    /// Answers a query that was read already.
    package func evaluate(
        _ expression: QueryExpression, _ times: QueryTimes
    ) async throws(QueryFailure) -> QueryResult {
        let type = expression.type
        let grid: StepGrid
        for time in [times.start, times.end] where time.magnitude > Limits.timeMillisMax {
            throw .badData("time \(time) ms is out of range")
        }
        if let step = times.step {
            guard type == .scalar || type == .vector else {
                throw .badData(
                    "invalid expression type \"\(type.documented)\" for range query, must be "
                        + "Scalar or instant Vector")
            }
            guard step > 0 else {
                throw .badData(
                    "zero or negative query resolution step widths are not accepted. Try a "
                        + "positive integer")
            }
            guard times.end >= times.start else {
                throw .badData("end timestamp must not be before start time")
            }
            guard (times.end &- times.start) / step < Limits.stepsMax else {
                throw .tooManySamples
            }
            grid = StepGrid(start: times.start, end: times.end, step: step)
        } else {
            grid = StepGrid(start: times.start, step: 1, count: 1)
        }
        let prepared = try Preparation(times: times).prepare(expression)
        let evaluator = Evaluator(source: source, options: options)
        let value = try await value(prepared, type, grid, times, evaluator)
        return QueryResult(
            value: value, annotations: evaluator.annotations, samples: evaluator.samples)
    }

    private func value(
        _ expression: QueryExpression, _ type: ValueType, _ grid: StepGrid, _ times: QueryTimes,
        _ evaluator: Evaluator
    ) async throws(QueryFailure) -> QueryValue {
        switch type {
        case .string:
            var text = ""
            if case .string(let literal) = expression.unwrapped { text = literal.value }
            return .string(text, timeMillis: times.start)
        case .matrix:
            return .matrix(try await evaluator.matrix(expression.unwrapped, grid))
        case .scalar:
            let values = try await evaluator.scalars(expression, grid)
            guard times.step != nil else {
                return .scalar(values.first ?? .nan, timeMillis: times.start)
            }
            let series = StepSeries(labels: Labels(canonical: []), values: values)
            return .matrix([MatrixSeries(series, grid)])
        case .vector:
            let results = try await evaluator.named(expression, grid)
            guard times.step != nil else {
                return .vector(
                    results.map {
                        VectorSample(
                            labels: $0.labels, timeMillis: times.start, value: $0.values[0],
                            histogram: $0.hasFloat(0) ? nil : $0.histogram(0))
                    })
            }
            return .matrix(LabelOrder.sorted(results, \.labels).map { MatrixSeries($0, grid) })
        }
    }
}

extension Evaluator {
    /// The series of a vector, after those that lose their names have lost them.
    fileprivate func named(
        _ expression: QueryExpression, _ grid: StepGrid
    ) async throws(QueryFailure) -> [StepSeries] {
        var merger = SeriesMerger()
        try await evaluate(expression, grid) { (series) throws(QueryFailure) in
            guard !series.isEmpty else { return }
            var series = series
            if series.dropsName {
                series.labels = series.labels.droppingMetadata
                series.dropsName = false
            }
            try hold(series.sampleCount, series.byteCount)
            try merger.add(series)
        }
        return merger.series
    }

    /// The samples of a range at a single time.
    fileprivate func matrix(
        _ expression: QueryExpression, _ grid: StepGrid
    ) async throws(QueryFailure) -> [MatrixSeries] {
        var results: [MatrixSeries] = []
        var boundary = VectorSelector.Boundary.plain
        if case .matrix(let node) = expression { boundary = node.selector.boundary }
        let range = Self.window(expression, grid)
        try await readRange(expression, grid) { (series) throws(QueryFailure) in
            var series = series
            if boundary != .plain { try extend(&series, boundary, range) }
            if series.dropsName { series.labels = series.labels.droppingMetadata }
            let result = MatrixSeries(series)
            guard !series.isEmpty else { return }
            try hold(result.times.count, result.times.count * 16)
            results.append(result)
        }
        return LabelOrder.sorted(results, \.labels)
    }
}
