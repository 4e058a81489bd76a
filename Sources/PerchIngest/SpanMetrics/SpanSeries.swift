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
        let bucket = bucket(duration)
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
    func bucket(_ nanos: Int64) -> Int {
        // At most three bounds are between a power of two and the next: all are looked at, since
        // which of them holds cannot be foreseen.
        let first = Int(firstBuckets[64 &- nanos.leadingZeroBitCount])
        let (low, middle, high) = (bounds[first], bounds[first &+ 1], bounds[first &+ 2])
        return first &+ (nanos > low ? 1 : 0) &+ (nanos > middle ? 1 : 0)
            &+ (nanos > high ? 1 : 0)
    }

    /// The bounds, and more that nothing is above.
    private let bounds = boundsNanos + [.max, .max, .max]
    /// By the number of bits of a duration, the first bucket that it may be in.
    private let firstBuckets = (0...64).map { bits in
        let least: Int64 = bits == 0 ? 0 : bits == 64 ? .max : 1 << Int64(bits - 1)
        return UInt8(boundsNanos.count { $0 < least })
    }
}
