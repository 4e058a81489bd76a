import CoreMetrics
import Synchronization

/// Counts of values by bucket: of a timer, or of a recorder that aggregates.
final class HistogramInstrument: TimerHandler, RecorderHandler {
    /// What was counted up to a moment.
    struct Counts: Sendable {
        /// One more than bounds; the last has what is above all of them.
        var buckets: [UInt64]
        var sum = 0.0
        /// The last value with a trace, a bucket.
        var exemplars: [Exemplar?]

        var count: UInt64 { buckets.reduce(0, &+) }
    }

    /// A value, and the trace in which it was measured.
    struct Exemplar: Sendable, Hashable {
        var value: Double
        var context: SpanContext
        /// Nanoseconds since 1970.
        var time: Int64
    }

    /// Upper bounds, inclusive, ascending.
    let bounds: [Double]
    /// Nil for values that are no durations.
    private let unit: DurationUnit?
    private let clock: @Sendable () -> Int64
    private let state: Mutex<Counts>

    init(bounds: [Double], unit: DurationUnit?, clock: @escaping @Sendable () -> Int64) {
        self.bounds = bounds
        self.unit = unit
        self.clock = clock
        state = Mutex(
            Counts(
                buckets: Array(repeating: 0, count: bounds.count + 1),
                exemplars: Array(repeating: nil, count: bounds.count + 1)))
    }

    var counts: Counts { state.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) {
        record(unit.map { $0.value(ofNanoseconds: duration) } ?? Double(duration))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bucket(of: value)
        let number = state.withLock { counts in
            counts.buckets[index] &+= 1
            counts.sum += value
            return counts.buckets[index]
        }
        // An exemplar costs more than counting, so only some values look for one.
        if number & 15 == 1, let context = SpanContext.current, context.isSampled {
            let exemplar = Exemplar(value: value, context: context, time: clock())
            state.withLock { $0.exemplars[index] = exemplar }
        }
    }

    @inline(__always)
    private func bucket(of value: Double) -> Int {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        return index
    }
}
