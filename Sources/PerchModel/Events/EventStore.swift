/// Takes events.
///
/// Safe to call from any task.
package protocol EventSink: Sendable {
    /// Makes the batch durable, then visible. When it returns, the batch survives power loss;
    /// when it throws, the batch is not visible and need not be on disk.
    func append(_ batch: EventBatch) async throws(StoreFailure)
}

/// Gives events.
///
/// Safe to call from any task.
package protocol EventSource: Sendable {
    /// Opens a snapshot: what was visible at the call, and nothing that comes later.
    ///
    /// The work happens in ``EventCursor/next()``, so opening is cheap.
    func read(_ query: EventQuery) -> any EventCursor

    /// The same as up to `parts` cursors, to be read at the same time: each row comes from one of
    /// them, all show one snapshot, and each has the query's order and limit for itself.
    func read(_ query: EventQuery, parts: Int) -> [any EventCursor]

    /// Which fields events of these times have, those of their senders too, without reading values.
    ///
    /// It may name a field whose events are just outside of the times or were deleted, and names
    /// ``EventFieldList/countMax`` at most.
    func fields(of dataset: Dataset, times: Range<Int64>) async throws(StoreFailure)
        -> [EventField]
}

/// The answer to a query, chunk by chunk.
package protocol EventCursor: Sendable {
    /// The next rows in the query's order, or nil at the end. Never an empty batch.
    ///
    /// Checks for cancellation at least once a chunk and throws ``StoreFailure/cancelled``.
    mutating func next() async throws(StoreFailure) -> EventBatch?
}

extension EventSource {
    package func read(_ query: EventQuery, parts: Int) -> [any EventCursor] { [read(query)] }

    package func fields(
        of dataset: Dataset, times: Range<Int64>
    ) async throws(StoreFailure) -> [EventField] {
        var query = EventQuery(dataset: dataset, times: times)
        query.order = .unordered
        var cursor = read(query)
        var list = EventFieldList()
        while let batch = try await cursor.next() { list.add(batch) }
        return list.fields
    }

    /// All rows of a query, for answers known to be small.
    package func all(_ query: EventQuery) async throws(StoreFailure) -> [EventBatch] {
        var cursor = read(query)
        var batches: [EventBatch] = []
        while let batch = try await cursor.next() { batches.append(batch) }
        return batches
    }
}
