import PerchModel

/// Samples in the order they came, with their refs.
struct OpenSamples: Sendable {
    private(set) var refs: [UInt32] = []
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// With the ref in `series`.
    private(set) var histograms: [HistogramSample] = []
    /// With the ref in `series`.
    private(set) var exemplars: [Exemplar] = []
    private(set) var minTime = Int64.max
    private(set) var maxTime = Int64.min
    private(set) var byteCount = 0

    var isEmpty: Bool { refs.isEmpty && histograms.isEmpty && exemplars.isEmpty }

    var isFull: Bool {
        refs.count + 16 * (histograms.count + exemplars.count) >= Limits.blockSampleCountMax
    }

    mutating func add(_ ref: UInt32, _ time: Int64, _ value: Double) {
        refs.append(ref)
        times.append(time)
        values.append(value)
        minTime = min(minTime, time)
        maxTime = max(maxTime, time)
        byteCount += Limits.sampleByteCount
    }

    mutating func add(_ sample: HistogramSample) {
        histograms.append(sample)
        minTime = min(minTime, sample.timeMillis)
        maxTime = max(maxTime, sample.timeMillis)
        let histogram = sample.histogram
        byteCount += 128 + 8 * (histogram.positiveCounts.count + histogram.negativeCounts.count)
    }

    mutating func add(_ exemplar: Exemplar) {
        exemplars.append(exemplar)
        minTime = min(minTime, exemplar.timeMillis)
        maxTime = max(maxTime, exemplar.timeMillis)
        byteCount += 64 + exemplar.labels.bytes.count
    }
}

/// Samples sorted by series, within a series in the order they came.
///
/// Never changes.
struct SampleBlock: Sendable {
    /// The series, ascending.
    private let refs: [UInt32]
    /// Where the samples of each series begin; one more for the end.
    private let starts: [Int]
    let times: [Int64]
    let values: [Double]
    let histograms: [HistogramSample]
    let exemplars: [Exemplar]
    let minTime: Int64
    let maxTime: Int64
    let byteCount: Int

    init(_ open: OpenSamples) {
        let order = stableOrder(open.refs)
        var refs: [UInt32] = []
        var starts: [Int] = []
        for (place, index) in order.enumerated() where refs.last != open.refs[index] {
            refs.append(open.refs[index])
            starts.append(place)
        }
        starts.append(order.count)
        self.refs = refs
        self.starts = starts
        times = order.map { open.times[$0] }
        values = order.map { open.values[$0] }
        histograms = stableOrder(open.histograms.map(\.series)).map { open.histograms[$0] }
        exemplars = stableOrder(open.exemplars.map(\.series)).map { open.exemplars[$0] }
        minTime = open.minTime
        maxTime = open.maxTime
        byteCount = open.byteCount
    }

    /// Where the samples of a series stand in `times` and `values`.
    func range(of ref: UInt32) -> Range<Int> {
        let index = firstIndex(refs.count) { refs[$0] >= ref }
        guard index < refs.count, refs[index] == ref else { return 0..<0 }
        return starts[index]..<starts[index + 1]
    }

    func histogramRange(of ref: UInt32) -> Range<Int> {
        let start = firstIndex(histograms.count) { histograms[$0].series >= ref }
        let end = firstIndex(histograms.count) { histograms[$0].series > ref }
        return start..<end
    }

    func exemplarRange(of ref: UInt32) -> Range<Int> {
        let start = firstIndex(exemplars.count) { exemplars[$0].series >= ref }
        let end = firstIndex(exemplars.count) { exemplars[$0].series > ref }
        return start..<end
    }
}

/// The first index below `count` where a condition that once true stays true is true, or `count`.
private func firstIndex(_ count: Int, _ isReached: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
        let middle = (low + high) / 2
        if isReached(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}

/// The indexes of `keys` by key; equal keys keep their order.
private func stableOrder(_ keys: [UInt32]) -> [Int] {
    guard let low = keys.min(), let high = keys.max() else { return [] }
    let width = Int(high - low) + 1
    guard width <= 8 * keys.count + 1024 else {
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    }
    // Fast path: a counting sort, for refs that are near each other.
    var places = Array(repeating: 0, count: width + 1)
    for key in keys { places[Int(key - low) + 1] += 1 }
    for index in 1...width { places[index] += places[index - 1] }
    var order = Array(repeating: 0, count: keys.count)
    for index in keys.indices {
        let key = Int(keys[index] - low)
        order[places[key]] = index
        places[key] += 1
    }
    return order
}
