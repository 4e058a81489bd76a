import PerchModel

/// What a series is worth at each step of a grid.
struct StepSeries: Sendable {
    var labels: Labels
    /// Whether the metric's name goes away at the end, since the value is another by now.
    var dropsName = false
    /// One a step; ``absent`` where there is no number.
    var values: [Double]
    /// One a step, or none at all; nil where there is no histogram.
    var histograms: [NativeHistogram?] = []

    /// The mark of a step without a number: no calculation makes these bits, and selectors take
    /// samples with them as the end of the series.
    static var absent: Double {
        @inline(__always) get { Double(bitPattern: absentBits) }
    }

    /// ``SampleBatch/staleMarkerBits``, which is not visible to the optimizer from here.
    @inline(__always)
    private static var absentBits: UInt64 { 0x7ff0_0000_0000_0002 }

    init(labels: Labels, dropsName: Bool = false, values: [Double]) {
        self.labels = labels
        self.dropsName = dropsName
        self.values = values
    }

    /// A series without a sample yet.
    init(labels: Labels, dropsName: Bool = false, count: Int) {
        self.init(
            labels: labels, dropsName: dropsName,
            values: [Double](repeating: Self.absent, count: count))
    }

    @inline(__always)
    static func isAbsent(_ value: Double) -> Bool {
        value.bitPattern == absentBits
    }

    func hasFloat(_ step: Int) -> Bool { !Self.isAbsent(values[step]) }

    func histogram(_ step: Int) -> NativeHistogram? {
        histograms.isEmpty ? nil : histograms[step]
    }

    func hasSample(_ step: Int) -> Bool {
        !Self.isAbsent(values[step]) || (!histograms.isEmpty && histograms[step] != nil)
    }

    var isEmpty: Bool {
        values.allSatisfy(Self.isAbsent) && histograms.allSatisfy { $0 == nil }
    }

    mutating func set(_ histogram: NativeHistogram?, _ step: Int) {
        if histograms.isEmpty {
            guard histogram != nil else { return }
            histograms = [NativeHistogram?](repeating: nil, count: values.count)
        }
        histograms[step] = histogram
    }

    mutating func clear(_ step: Int) {
        values[step] = Self.absent
        if !histograms.isEmpty { histograms[step] = nil }
    }

    /// Takes over the sample of another series at a step.
    mutating func take(_ step: Int, from other: StepSeries) {
        values[step] = other.values[step]
        set(other.histogram(step), step)
    }

    /// How many samples it counts for where samples are limited.
    var sampleCount: Int {
        var count = 0
        for value in values where !Self.isAbsent(value) { count += 1 }
        for case .some(let histogram) in histograms { count += histogram.sampleCount }
        return count
    }

    /// Estimated bytes in memory.
    var byteCount: Int {
        var count = 128 + labels.bytes.count + values.count * 8
        for histogram in histograms {
            count += MemoryLayout<NativeHistogram?>.stride + (histogram?.sampleCount ?? 0) * 16
        }
        return count
    }

    /// The same value at each step of a grid of `count` steps.
    func repeated(_ count: Int) -> StepSeries {
        var result = StepSeries(
            labels: labels, dropsName: dropsName,
            values: [Double](repeating: values.first ?? Self.absent, count: count))
        if let histogram = histograms.first {
            result.histograms = [NativeHistogram?](repeating: histogram, count: count)
        }
        return result
    }

    /// Replaces each number by what `change` makes of it, and drops histograms.
    mutating func mapFloats(_ change: (Double) -> Double) {
        histograms = []
        for index in values.indices where !Self.isAbsent(values[index]) {
            values[index] = change(values[index])
        }
    }
}
