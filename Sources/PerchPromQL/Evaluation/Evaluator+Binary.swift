import PerchModel

extension Evaluator {
    func evaluate(
        _ node: BinaryExpression, _ place: SourceRange, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        if let matching = node.matching {
            let left = try await collect(node.left, grid)
            let right = try await collect(node.right, grid)
            var matcher = VectorMatcher(
                node: node, matching: matching, place: place, stepCount: grid.count)
            try matcher.match(left.series, right.series) { () throws(QueryFailure) in
                try checkTime()
            }
            annotations.merge(matcher.annotations)
            release(left)
            release(right)
            for series in matcher.results { try sink(series) }
            return
        }
        let isVectorLeft = node.left.type == .vector
        let scalars = try await scalars(isVectorLeft ? node.right : node.left, grid)
        var operation = SampleOperation(operation: node.operation, place: place)
        let vector = isVectorLeft ? node.left : node.right
        try await evaluate(vector, grid) { (series) throws(QueryFailure) in
            let result =
                series.histograms.isEmpty && !node.operation.isTrim
                ? Self.floats(series, node, scalars, isVectorLeft: isVectorLeft)
                : Self.samples(series, node, scalars, isVectorLeft: isVectorLeft, &operation)
            if let result { try sink(result) }
        }
        annotations.merge(operation.annotations)
    }

    /// A series of numbers and a scalar.
    private static func floats(
        _ series: consuming StepSeries, _ node: BinaryExpression, _ scalars: [Double],
        isVectorLeft: Bool
    ) -> StepSeries? {
        let operation = node.operation
        var isEmpty = true
        for step in scalars.indices {
            let value = series.values[step]
            if StepSeries.isAbsent(value) { continue }
            let scalar = scalars[step]
            let (left, right) = isVectorLeft ? (value, scalar) : (scalar, value)
            if operation.isComparison {
                let isKept = operation.compare(left, right)
                if node.returnsBool {
                    series.values[step] = isKept ? 1 : 0
                } else if !isKept {
                    series.values[step] = StepSeries.absent
                    continue
                }
            } else {
                series.values[step] = operation.arithmetic(left, right)
            }
            isEmpty = false
        }
        if operation.changesMeaning || node.returnsBool { series.dropsName = true }
        return isEmpty ? nil : series
    }

    /// A series with histograms and a scalar.
    private static func samples(
        _ series: consuming StepSeries, _ node: BinaryExpression, _ scalars: [Double],
        isVectorLeft: Bool, _ operation: inout SampleOperation
    ) -> StepSeries? {
        var result = StepSeries(
            labels: series.labels,
            dropsName: series.dropsName || node.operation.changesMeaning || node.returnsBool,
            count: scalars.count)
        var isEmpty = true
        for step in scalars.indices {
            guard let sample = series.operand(step) else { continue }
            let scalar = Operand.float(scalars[step])
            let value =
                isVectorLeft ? operation.apply(sample, scalar) : operation.apply(scalar, sample)
            guard case .value(let operand, let isKept) = value else { continue }
            if node.returnsBool {
                result.values[step] = isKept ? 1 : 0
            } else if isKept {
                // A comparison gives the vector's value, on whichever side it stands.
                result.set(node.operation.isComparison ? sample : operand, step)
            } else {
                continue
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }
}
