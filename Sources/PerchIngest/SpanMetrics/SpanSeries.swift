import PerchModel

/// Counts and histograms of durations, a row each, as flat arrays.
struct SpanSeries: Sendable {
    /// The span behind the first duration of a bucket since the last write.
    struct Example: Sendable {
        var row: UInt32
        var bucket: UInt32
        var traceHigh: UInt64
        var traceLow: UInt64
        var spanID: UInt64
        var durationNanos: Int64
    }

    /// The upper bounds of the buckets but the last, in nanoseconds.
    ///
    /// Source: the default of OpenTelemetry's span metrics and service graph connectors.
    static let boundsNanos: [Int64] = [
        2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1_000, 1_400, 2_000, 5_000, 10_000, 15_000,
    ].map { $0 * 1_000_000 }

    static let bucketCount = boundsNanos.count + 1

    private(set) var rowCount = 0
    /// Counts of spans, `bucketCount` a row, not cumulated.
    private(set) var buckets: [UInt64] = []
    private(set) var sumNanos: [Double] = []
    /// The buckets with a span since the last write, a bit each; zero says that nothing changed.
    private(set) var touched: [UInt32] = []
    private(set) var examples: [Example] = []

    /// Makes room for rows up to `count`.
    mutating func grow(to count: Int) {
        guard count > rowCount else { return }
        rowCount = count
        buckets.append(
            contentsOf: repeatElement(0, count: count * Self.bucketCount - buckets.count))
        sumNanos.append(contentsOf: repeatElement(0, count: count - sumNanos.count))
        touched.append(contentsOf: repeatElement(0, count: count - touched.count))
    }

    /// Counts a span; answers its bucket when it is the bucket's first since the last write.
    @inline(__always)
    mutating func count(_ row: Int, _ durationNanos: Int64) -> UInt32? {
        let duration = max(0, durationNanos)
        let bucket = Self.bucket(duration)
        buckets[row &* Self.bucketCount &+ bucket] &+= 1
        sumNanos[row] += Double(duration)
        let bit: UInt32 = 1 << UInt32(bucket)
        guard touched[row] & bit == 0 else { return nil }
        touched[row] |= bit
        return UInt32(bucket)
    }

    mutating func add(_ example: Example) {
        examples.append(example)
    }

    /// Adds what an earlier run of the server had counted.
    mutating func restore(_ row: Int, buckets counts: [UInt64], sumNanos sum: Double) {
        for (bucket, count) in counts.prefix(Self.bucketCount).enumerated() {
            buckets[row * Self.bucketCount + bucket] &+= count
        }
        sumNanos[row] += sum
    }

    /// Begins the time until the next write.
    mutating func written() {
        for row in touched.indices { touched[row] = 0 }
        examples.removeAll(keepingCapacity: true)
    }

    /// Counts up to each bound, then of all.
    func cumulative(_ row: Int) -> [UInt64] {
        var sum: UInt64 = 0
        return buckets[row * Self.bucketCount..<(row + 1) * Self.bucketCount].map {
            sum &+= $0
            return sum
        }
    }

    /// The first bucket whose bound is not below the duration.
    @inline(__always)
    static func bucket(_ nanos: Int64) -> Int {
        // Most spans are short or in the middle; a search by halves looks at five bounds.
        var low = 0
        var step = 8
        while step > 0 {
            if nanos > bounds[low &+ step &- 1] { low &+= step }
            step &>>= 1
        }
        return nanos > bounds[low] ? low &+ 1 : low
    }

    /// The bounds in registers' reach: reading a global array counts a reference each time.
    private static let bounds = SIMD16<Int64>(boundsNanos)
}
