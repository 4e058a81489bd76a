import Synchronization

/// A failure behind the doors, for the server's log.
package struct IngestFailure: Sendable {
    package var source: IngestSource
    package var reason: RefusalReason
    /// What happened, with names of files; not for senders.
    package var detail: String
    /// What the sender was told to quote; nil when the sender was told why.
    package var id: String?
    /// How many of this reason came since the last report and were not told.
    package var suppressedCount: Int
}

/// Hands failures to the log, each reason once in a while: a full disk fails every request.
final class FailureReports: Sendable {
    private struct State {
        var lastNanos: [RefusalReason: Int64] = [:]
        var suppressedCounts: [RefusalReason: Int] = [:]
    }

    private let state = Mutex(State())
    private let report: @Sendable (IngestFailure) -> Void

    init(_ report: @escaping @Sendable (IngestFailure) -> Void) {
        self.report = report
    }

    func tell(
        _ source: IngestSource, _ reason: RefusalReason, _ error: any Error, id: String? = nil,
        nowNanos: Int64
    ) {
        let suppressedCount = state.withLock { state -> Int? in
            // A failure with an id is always told: somebody will ask for it.
            if id == nil, let last = state.lastNanos[reason],
                nowNanos &- last < Limits.reportNanos, nowNanos >= last
            {
                state.suppressedCounts[reason, default: 0] += 1
                return nil
            }
            state.lastNanos[reason] = nowNanos
            return state.suppressedCounts.removeValue(forKey: reason) ?? 0
        }
        guard let suppressedCount else { return }
        report(
            IngestFailure(
                source: source, reason: reason, detail: "\(error)", id: id,
                suppressedCount: suppressedCount))
    }
}
