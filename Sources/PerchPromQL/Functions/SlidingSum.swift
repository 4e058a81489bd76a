import PerchModel

extension RangeKernel {
    /// Fast path: `sum_over_time` and `avg_over_time` of ordinary numbers, where what enters a
    /// window is added and what leaves it is subtracted; nil for others, which are added up in each
    /// window.
    func slidingSums(
        _ series: WindowSeries, _ grid: StepGrid, _ window: RangeWindow
    ) -> StepSeries? {
        guard series.histograms.isEmpty, series.values.allSatisfy(SlidingSum.isOrdinary) else {
            return nil
        }
        var result = StepSeries(labels: series.labels, dropsName: true, count: grid.count)
        let values = series.values.span
        let isAverage = function == .avgOverTime
        var bounds = WindowBounds()
        var sum = SlidingSum()
        var isEmpty = true
        for step in 0..<grid.count {
            let end = window.start &+ window.step &* Int64(step)
            bounds.move(series.times, end &- window.millis, end)
            guard bounds.low < bounds.high else { continue }
            sum.move(to: bounds.low..<bounds.high, of: values)
            let count = Double(bounds.high - bounds.low)
            result.values[step] =
                isAverage
                ? sum.sum.sum / count + sum.sum.compensation / count : sum.sum.total
            isEmpty = false
        }
        // An empty answer takes the other way, which gives the same.
        return isEmpty ? nil : result
    }
}

/// The sum of a window that only moves forward.
///
/// It stays exact: the compensation holds what rounding loses, and where large numbers left small
/// ones behind, so that it might not, the window is added up anew.
struct SlidingSum {
    private(set) var sum = KahanSum()
    private var window = 0..<0
    /// The largest that the sum was since it was last added up anew.
    private var peak = 0.0

    /// Numbers whose sums cannot overflow.
    static func isOrdinary(_ value: Double) -> Bool { value.magnitude < 1e290 }

    mutating func move(to next: Range<Int>, of values: Span<Double>) {
        guard next.lowerBound < window.upperBound, next.upperBound >= window.upperBound else {
            return addAnew(next, values)
        }
        for index in window.upperBound..<next.upperBound { add(values[index]) }
        for index in window.lowerBound..<next.lowerBound { add(-values[index]) }
        window = next
        // A thousand million times: half of the digits that sum and compensation have together.
        if peak > sum.sum.magnitude * 1e9 { addAnew(next, values) }
    }

    private mutating func addAnew(_ next: Range<Int>, _ values: Span<Double>) {
        // The first as it is: minus zero stays what it is.
        sum = KahanSum(values[next.lowerBound])
        peak = sum.sum.magnitude
        for index in next.dropFirst() { add(values[index]) }
        window = next
    }

    @inline(__always)
    private mutating func add(_ value: Double) {
        sum.add(value)
        peak = max(peak, sum.sum.magnitude)
    }
}
