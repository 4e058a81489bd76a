import PerchModel

/// Finds traces in a store and reads them whole.
struct TraceReader: Sendable {
    let events: any EventSource

    /// All spans of these traces, whenever they were; traces that are not there are left out.
    ///
    /// `projection` says which fields the spans have.
    func traces(
        _ ids: [TraceID], projection: EventQuery.Projection = .all,
        spansMax: Int = Limits.traceSpansMax
    ) async throws(StoreFailure) -> [Trace] {
        guard let first = ids.first else { return [] }
        let field = TraceSearch.field(RecordField.traceID)
        var query = EventQuery(dataset: .spans, times: .min ..< .max)
        query.predicate =
            ids.count == 1
            ? .equals(field, first.text) : .or(ids.map { .equals(field, $0.text) })
        query.projection = projection
        query.order = .oldestFirst
        // One more, so that it is known whether there are more.
        query.limit = spansMax + 1
        return Trace.divide(try await events.all(query), among: ids, spansMax: spansMax)
    }

    /// The ids of the traces that a search finds, in its order.
    func find(_ search: TraceSearch) async throws(StoreFailure) -> [TraceID] {
        guard search.limit > 0, !search.times.isEmpty else { return [] }
        var query = EventQuery(dataset: .spans, times: search.times)
        query.predicate = search.predicate
        query.projection = .fields(
            [RecordField.traceID, RecordField.duration].map { TraceSearch.field($0) })
        query.order = .newestFirst
        switch search.order {
        case .newest: return try await newest(query, search.limit)
        case .slowest: return try await slowest(query, search.limit)
        }
    }

    /// Stops as soon as it has enough.
    private func newest(_ query: EventQuery, _ limit: Int) async throws(StoreFailure) -> [TraceID] {
        var found: [TraceID] = []
        var seen: Set<TraceID> = []
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            let chunk = SpanChunk(batch)
            for row in 0..<batch.rowCount {
                guard let id = chunk.traceID(ofRow: row), seen.insert(id).inserted else { continue }
                found.append(id)
                if found.count == limit { return found }
            }
        }
        return found
    }

    private func slowest(_ query: EventQuery, _ limit: Int) async throws(StoreFailure) -> [TraceID]
    {
        var best = SlowestTraces(limit: limit)
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            let chunk = SpanChunk(batch)
            for row in 0..<batch.rowCount {
                guard let id = chunk.traceID(ofRow: row) else { continue }
                best.add(id, chunk.int(RecordField.duration, ofRow: row) ?? 0)
            }
        }
        return best.ids
    }
}
