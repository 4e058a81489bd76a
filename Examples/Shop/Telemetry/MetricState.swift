/// The running totals of all metrics since the start of the process.
struct MetricState: Sendable {
    /// One attribute set of one service under one metric.
    struct Series: Hashable, Sendable {
        let service: Int
        let attributes: Attributes
    }

    /// A measurement that shows where a histogram's numbers come from.
    struct Exemplar: Sendable {
        let value: Double
        let time: Int64
        let context: TraceContext
    }

    struct Point: Sendable {
        var value = 0.0
        var count: UInt64 = 0
        var minimum = Double.infinity
        var maximum = -Double.infinity
        var buckets: [UInt64] = []
        var exemplar: Exemplar?
    }

    private(set) var points: [Instrument: [Series: Point]] = [:]
    private(set) var droppedSeriesPoints = 0
    private var seriesCount = 0

    /// Adds to a sum, sets a gauge or records in a histogram, as the instrument says.
    mutating func record(
        _ instrument: Instrument, _ value: Double, in series: Series, exemplar: Exemplar?
    ) {
        guard points[instrument]?[series] != nil || seriesCount < Limits.seriesMax else {
            droppedSeriesPoints += 1
            return
        }
        var point = points[instrument]?[series] ?? newPoint(instrument)
        switch instrument.kind {
        case .gauge:
            point.value = value
        case .counter, .upDownCounter:
            point.value += value
        case .histogram(let bounds):
            point.value += value
            point.count &+= 1
            point.minimum = min(point.minimum, value)
            point.maximum = max(point.maximum, value)
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            point.buckets[bucket] &+= 1
            point.exemplar = exemplar ?? point.exemplar
        }
        points[instrument, default: [:]][series] = point
    }

    private mutating func newPoint(_ instrument: Instrument) -> Point {
        seriesCount += 1
        var point = Point()
        if case .histogram(let bounds) = instrument.kind {
            point.buckets = Array(repeating: 0, count: bounds.count + 1)
        }
        return point
    }
}
