package import PerchModel
import Synchronization

/// An event store that keeps rows in memory and reads them one by one: the oracle of real stores.
package final class InMemoryEventStore: EventSink, EventSource {
    private let batches = Mutex<[EventBatch]>([])

    package init() {}

    package func append(_ batch: EventBatch) async throws(StoreFailure) {
        batches.withLock { $0.append(batch) }
    }

    package func read(_ query: EventQuery) -> any EventCursor {
        Cursor(batches: batches.withLock { $0 }, query: query)
    }

    /// The whole answer at the first call.
    private struct Cursor: EventCursor {
        var batches: [EventBatch]
        let query: EventQuery
        var isDone = false

        mutating func next() async throws(StoreFailure) -> EventBatch? {
            guard !Task.isCancelled else { throw .cancelled }
            guard !isDone else { return nil }
            isDone = true
            var all = EventBatch(dataset: query.dataset)
            for batch in batches where batch.dataset == query.dataset {
                all.append(contentsOf: batch)
            }
            var rows = (0..<all.rowCount).filter {
                query.times.contains(all.times[$0])
                    && EventOracle.holds(query.predicate, all, row: $0)
            }
            switch query.order {
            case .oldestFirst: rows.sort { all.times[$0] < all.times[$1] }
            case .newestFirst: rows.sort { all.times[$0] > all.times[$1] }
            case .unordered: break
            }
            let kept = rows.prefix(query.limit ?? rows.count)
            guard !kept.isEmpty else { return nil }
            return all.selecting(rows: kept.map { UInt32($0) }, projection: query.projection)
        }
    }
}
