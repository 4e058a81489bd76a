import Synchronization

/// The spans of one trace in this process, from its first span's start to its end.
///
/// Spans of a trace that was not sampled wait here for its end: an error, or a slow first span,
/// sends them after all.
final class LocalTrace: Sendable {
    private struct State {
        var held: [FinishedSpan] = []
        var hasError = false
        var isOver = false
        /// What was decided when it was over.
        var isKept = false
    }

    let isSampled: Bool
    private let state = Mutex(State())

    init(isSampled: Bool) {
        self.isSampled = isSampled
    }

    /// Takes note of an error in a span that is not measured.
    func failed() {
        state.withLock { state in
            if !state.isOver { state.hasError = true }
        }
    }

    /// What becomes of a span that ended.
    enum Verdict {
        case send([FinishedSpan])
        case hold
        case drop(count: Int)
    }

    /// Takes a span that ended; `isFirst` for the one that the trace began with.
    func finished(
        _ span: FinishedSpan, isFirst: Bool, options: TracingOptions, mayHold: () -> Bool
    ) -> Verdict {
        if isSampled { return .send([span]) }
        return state.withLock { state in
            if span.isError { state.hasError = true }
            let hasError = options.keepsErrors && state.hasError
            if state.isOver {
                // A span that outlives the first one goes the way that was decided.
                return state.isKept || hasError ? .send([span]) : .drop(count: 1)
            }
            guard isFirst else {
                guard state.held.count < options.heldSpansPerTraceMax, mayHold() else {
                    return .drop(count: 1)
                }
                state.held.append(span)
                return .hold
            }
            state.isOver = true
            let held = state.held
            state.held = []
            let isSlow = options.keepsSlowerThan.map { span.duration > $0.nanoseconds } ?? false
            state.isKept = hasError || isSlow
            return state.isKept ? .send(held + [span]) : .drop(count: held.count + 1)
        }
    }
}

extension Duration {
    /// In whole nanoseconds, as far as they fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
