import PerchModel

/// Compares what came out with what a script expects.
struct ScriptComparison {
    let test: ScriptCase
    private static let tolerance = 1e-6

    func check(_ value: QueryValue) throws(ScriptMistake) {
        switch value {
        case .string(let text, _):
            guard text == test.string else {
                throw ScriptMistake(message: "got the string \(GoText.quote(text))")
            }
        case .scalar(let number, _):
            guard let expected = test.scalar else {
                throw ScriptMistake(message: "got the scalar \(number)")
            }
            guard AlmostEqual.check(expected, number, tolerance: Self.tolerance) else {
                throw ScriptMistake(message: "expected scalar \(expected) but got \(number)")
            }
        case .vector(let samples): try check(samples)
        case .matrix(let series): try check(series)
        }
    }

    private func place(_ labels: Labels) throws(ScriptMistake) -> Int {
        guard test.scalar == nil, let place = test.series.firstIndex(where: { $0.labels == labels })
        else {
            throw ScriptMistake(
                message: "unexpected metric \(LabelText.braces(labels)) in result")
        }
        return place
    }

    private func checkAllSeen(_ seen: Set<Int>) throws(ScriptMistake) {
        for index in test.series.indices where !seen.contains(index) {
            throw ScriptMistake(
                message: "expected metric \(LabelText.braces(test.series[index].labels)) not found")
        }
        if test.scalar != nil { throw ScriptMistake(message: "expected a scalar") }
    }

    private func check(_ samples: [VectorSample]) throws(ScriptMistake) {
        var seen: Set<Int> = []
        for (position, sample) in samples.enumerated() {
            let place: Int
            do {
                place = try self.place(sample.labels)
            } catch {
                let value = sample.histogram?.scriptText ?? NumberText.general(sample.value)
                throw ScriptMistake(message: "\(error.message), has value \(value)")
            }
            if test.isOrdered, place != position {
                throw ScriptMistake(
                    message: "expected metric \(LabelText.braces(sample.labels)) at position "
                        + "\(place + 1) but was at \(position + 1)")
            }
            guard let point = test.series[place].points.first else {
                throw ScriptMistake(message: "no value is expected")
            }
            try check(sample.value, sample.histogram, point, sample.labels)
            seen.insert(place)
        }
        try checkAllSeen(seen)
    }

    private func check(_ series: [MatrixSeries]) throws(ScriptMistake) {
        for (left, right) in zip(series, series.dropFirst())
        where Labels.isBefore(right.labels, left.labels) {
            throw ScriptMistake(message: "the result is not sorted by labels")
        }
        if test.isOrdered {
            throw ScriptMistake(message: "expected ordered result, but query returned a matrix")
        }
        let times = test.vectorTimes ?? test.times
        var seen: Set<Int> = []
        for one in series {
            let place = try place(one.labels)
            seen.insert(place)
            var expectedCount = 0
            for (index, point) in test.series[place].points.enumerated() {
                if case .nothing = point { continue }
                expectedCount += 1
                let time = times.start + Int64(index) * (times.step ?? 0)
                let name = "\(LabelText.braces(one.labels)) at \(time) ms"
                if let found = one.times.firstIndex(of: time) {
                    try check(one.values[found], nil, point, one.labels)
                } else if let found = one.histogramTimes.firstIndex(of: time) {
                    try check(.nan, one.histograms[found], point, one.labels)
                } else {
                    throw ScriptMistake(message: "no point for \(name); has \(Self.text(one))")
                }
            }
            guard expectedCount == one.times.count + one.histogramTimes.count else {
                throw ScriptMistake(
                    message: "expected \(expectedCount) points for "
                        + "\(LabelText.braces(one.labels)), but got \(Self.text(one))")
            }
        }
        try checkAllSeen(seen)
    }

    private static func text(_ series: MatrixSeries) -> String {
        let floats = zip(series.times, series.values).map { "\(NumberText.general($1)) @[\($0)]" }
        let histograms = zip(series.histogramTimes, series.histograms).map {
            "\($1.scriptText) @[\($0)]"
        }
        return (floats + histograms).joined(separator: " ")
    }

    private func check(
        _ value: Double, _ histogram: NativeHistogram?, _ point: ScriptPoint, _ labels: Labels
    ) throws(ScriptMistake) {
        let name = LabelText.braces(labels)
        switch (point, histogram) {
        case (.nothing, _): throw ScriptMistake(message: "unexpected sample for \(name)")
        case (.float(let expected), nil):
            guard AlmostEqual.check(expected, value, tolerance: Self.tolerance) else {
                throw ScriptMistake(
                    message: "expected \(NumberText.general(expected)) for \(name) but got "
                        + NumberText.general(value))
            }
        case (.float(let expected), .some(let histogram)):
            throw ScriptMistake(
                message: "expected float value \(NumberText.general(expected)) for \(name) but got "
                    + "histogram \(histogram.scriptText)")
        case (.histogram(let expected, _), nil):
            throw ScriptMistake(
                message:
                    "expected histogram \(expected.scriptText) for \(name) but got float value "
                    + NumberText.general(value))
        case (.histogram(let expected, let hasHint), .some(let histogram)):
            guard Self.isSame(expected.compacted(), histogram.compacted(), hasHint: hasHint) else {
                throw ScriptMistake(
                    message: "expected \(expected.scriptText) for \(name) but got "
                        + histogram.scriptText)
            }
        }
    }

    private static func isSame(
        _ expected: NativeHistogram, _ actual: NativeHistogram, hasHint: Bool
    ) -> Bool {
        func isClose(_ left: Double, _ right: Double) -> Bool {
            AlmostEqual.check(left, right, tolerance: tolerance)
        }
        func isClose(_ left: BucketList, _ right: BucketList) -> Bool {
            left.indexes == right.indexes && left.counts.elementsEqual(right.counts, by: isClose)
        }
        return expected.schema == actual.schema && isClose(expected.count, actual.count)
            && isClose(expected.sum, actual.sum) && expected.customBounds == actual.customBounds
            && expected.zeroThreshold == actual.zeroThreshold
            && isClose(expected.zeroCount, actual.zeroCount)
            && isClose(expected.positive, actual.positive)
            && isClose(expected.negative, actual.negative)
            && (!hasHint || expected.resetHint == actual.resetHint)
    }
}
