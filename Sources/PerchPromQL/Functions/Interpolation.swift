import PerchModel

/// Values between two samples.
enum Interpolation {
    /// The value on the line between two samples; a counter that was reset starts from 0.
    static func value(
        _ first: (time: Int64, value: Double), _ second: (time: Int64, value: Double),
        at time: Int64, isCounter: Bool
    ) -> Double {
        let start = isCounter && second.value < first.value ? 0 : first.value
        return start + (second.value - start) * Double(time - first.time)
            / Double(second.time - first.time)
    }

    /// What comes of interpolating two histograms.
    struct Outcome {
        var histogram: NativeHistogram
        var hasReconciledSubtraction = false
        var hasReconciledAddition = false
    }

    /// The histogram between two; nil where their buckets do not go together.
    static func histogram(
        _ first: (time: Int64, value: NativeHistogram),
        _ second: (time: Int64, value: NativeHistogram), at time: Int64, isCounter: Bool
    ) -> Outcome? {
        guard first.value.usesCustomBounds == second.value.usesCustomBounds else { return nil }
        if time == first.time { return Outcome(histogram: first.value) }
        if time == second.time { return Outcome(histogram: second.value) }
        let fraction = Double(time - first.time) / Double(second.time - first.time)
        var result = second.value
        if isCounter, second.value.isReset(after: first.value) {
            result.multiply(by: fraction)
            return Outcome(histogram: result)
        }
        guard let subtraction = result.subtract(first.value) else { return nil }
        result.multiply(by: fraction)
        guard let addition = result.add(first.value) else { return nil }
        return Outcome(
            histogram: result, hasReconciledSubtraction: subtraction.hasReconciledBounds,
            hasReconciledAddition: addition.hasReconciledBounds)
    }
}
