package import PerchModel
import Synchronization

/// Counts spans as they arrive, and writes the counts as series now and then.
///
/// All spans are counted that became durable, whatever of them is kept later, and each once: with
/// the counts goes the place in the store's log up to which they are, so that a start goes on from
/// there with what is in the log.
package final class SpanMetrics: Sendable {
    struct State {
        var tally = SpanTally()
        /// The last batch that was counted.
        var position = EventPosition.start
        /// Batches before this one are counted.
        var next: UInt64 = 0
        /// Batches whose turn did not come yet: another before them is still on its way.
        var waiting: [UInt64: Waiting] = [:]
        /// What was made to be written and not taken yet.
        var offered: [Part] = []
        /// Where the last writes were, oldest first.
        var written: [EventPosition] = []
        var positionMillis = Int64.min / 2
        var isRestored = false
        var writtenMillis = Int64.min

        var needsAfter: EventPosition {
            written.count < Limits.spanPositionsKept ? .start : written[0]
        }
    }

    /// A part of a write; with the last one goes the place in the log that it reaches.
    struct Part {
        var batch: SampleBatch
        var position: EventPosition?
    }

    struct Waiting {
        var spans: SpanRows
        var position: EventPosition
    }

    let state = Mutex(State())
    /// Which services and operations there are.
    package let catalogue: SpanCatalogue
    let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(catalogue: SpanCatalogue, now: @escaping @Sendable () -> Int64) {
        self.catalogue = catalogue
        self.now = now
    }

    /// Counts the spans of a batch when all before it are counted, which may be later.
    ///
    /// Called once for each number from 0 on, in whatever order.
    package func observe(_ batch: EventBatch, _ arrival: EventArrival) {
        let spans = SpanRows(batch)
        let unknown = state.withLock { state in
            var unknown: [SpanRows] = []
            guard arrival.number == state.next else {
                state.waiting[arrival.number] = Waiting(spans: spans, position: arrival.position)
                return unknown
            }
            var due = Waiting(spans: spans, position: arrival.position)
            while true {
                if !state.tally.count(due.spans) { unknown.append(due.spans) }
                state.position = due.position
                state.next &+= 1
                guard let more = state.waiting.removeValue(forKey: state.next) else { break }
                due = more
            }
            return unknown
        }
        // New names, or more than there is room for.
        for spans in unknown { catalogue.note(spans, nowNanos: now()) }
    }

    /// The place in the log up to which nothing is needed again: that of the write before the last
    /// but one, since ends of calls wait through up to two.
    package var needsAfter: EventPosition {
        state.withLock { $0.needsAfter }
    }

    /// The requests of all edges so far, and when the last write was.
    var requestTotals:
        (totals: [ServiceGraph.Connection: [ServiceCalls.Edge: Double]], writtenMillis: Int64)
    {
        state.withLock { ($0.tally.graph.totals(names: $0.tally.names), $0.writtenMillis) }
    }
}
