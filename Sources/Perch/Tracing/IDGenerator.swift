import Synchronization

/// Makes ids that nobody can foresee from each other within reason and that never are zero.
///
/// The system's generator seeds it; asking the system for each id would cost a call to the kernel.
/// Source: Blackman and Vigna, "xoshiro256++".
final class IDGenerator: Sendable {
    private struct Generator {
        var words: (UInt64, UInt64, UInt64, UInt64)

        mutating func next() -> UInt64 {
            let sum = words.0 &+ words.3
            let result = (sum << 23 | sum >> 41) &+ words.0
            let shifted = words.1 << 17
            words.2 ^= words.0
            words.3 ^= words.1
            words.1 ^= words.2
            words.0 ^= words.3
            words.2 ^= shifted
            words.3 = words.3 << 45 | words.3 >> 19
            return result
        }
    }

    private let state: Mutex<Generator>

    init() {
        let word = { UInt64.random(in: 1 ... .max) }
        state = Mutex(Generator(words: (word(), word(), word(), word())))
    }

    func words() -> (UInt64, UInt64) { state.withLock { ($0.next(), $0.next()) } }

    /// The ids of the first span of a trace.
    func first() -> (TraceID, SpanID) {
        while true {
            let (high, low, span) = state.withLock { ($0.next(), $0.next(), $0.next()) }
            if let trace = TraceID(high: high, low: low), let span = SpanID(span) {
                return (trace, span)
            }
        }
    }

    func traceID() -> TraceID {
        while true {
            let (high, low) = state.withLock { ($0.next(), $0.next()) }
            if let id = TraceID(high: high, low: low) { return id }
        }
    }

    func spanID() -> SpanID {
        while true {
            if let id = SpanID(state.withLock { $0.next() }) { return id }
        }
    }
}
