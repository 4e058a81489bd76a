package import PerchModel
import Synchronization

/// Counts spans as they arrive, and writes the counts as series now and then.
///
/// All spans are counted that became durable, whatever of them is kept later. Counters go on where
/// an earlier run of the server wrote them last; what it counted between that write and a crash is
/// not in them.
package final class SpanMetrics: Sendable {
    private struct State {
        /// Services, databases and whatever else a label names.
        var names = SpanKeyTable(
            countMax: Limits.spanServicesMax, nameByteCountMax: Limits.spanNameByteCountMax)
        var counts = SpanCounts(
            countMax: Limits.spanRowsMax, nameByteCountMax: Limits.spanNameByteCountMax)
        var graph = ServiceGraph(edgesMax: Limits.graphEdgesMax)
        var pairs = SpanPairs(slotCount: Limits.graphSlotCount)
        var isRestored = false
        var writtenMillis = Int64.min
    }

    private let state = Mutex(State())
    /// Which services and operations there are.
    package let catalogue: SpanCatalogue
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(catalogue: SpanCatalogue, now: @escaping @Sendable () -> Int64) {
        self.catalogue = catalogue
        self.now = now
    }

    /// Counts the spans of a batch.
    package func observe(_ batch: EventBatch) {
        guard batch.rowCount > 0 else { return }
        let rows = SpanRows(batch)
        let isAllKnown = state.withLock { state in
            let services = batch.resources.map { state.names.index(of: $0.service) }
            let knownCount = state.counts.keys.keys.count
            let isAllCounted = Self.count(rows, services, &state)
            Self.connect(rows, services, &state)
            return isAllCounted && state.counts.keys.keys.count == knownCount
        }
        // New names, or more than there is room for.
        if !isAllKnown { catalogue.note(batch, nowNanos: now()) }
    }

    /// Counts calls and durations; answers whether each span has a row of its own.
    private static func count(
        _ spans: SpanRows, _ services: [UInt32?], _ state: inout State
    ) -> Bool {
        guard let names = spans.columns.name else { return true }
        var isAllCounted = true
        let bytes = names.bytes.span
        let (rows, ends, codes) = (names.rows, names.ends, names.codes)
        for index in rows.indices {
            let row = Int(rows[index])
            let entry = codes.isEmpty ? index : Int(codes[index])
            let range = (entry == 0 ? 0 : Int(ends[entry &- 1]))..<Int(ends[entry])
            var place = 0
            if let service = services[Int(spans.services[row])] {
                place = state.counts.row(
                    service: service, kind: spans.kind(row),
                    status: SpanColumns.status(spans.statuses[row]), bytes, range)
            }
            if place == 0 { isAllCounted = false }
            guard let bucket = state.counts.count(place, spans.durations[row]) else { continue }
            state.counts.add(
                SpanSeries.Example(
                    row: UInt32(place), bucket: bucket, traceHigh: spans.traceHighs[row],
                    traceLow: spans.traceLows[row], spanID: spans.spanIDs[row],
                    durationNanos: max(0, spans.durations[row])))
        }
        return isAllCounted
    }

    /// Pairs the spans of calls.
    private static func connect(
        _ spans: SpanRows, _ services: [UInt32?], _ state: inout State
    ) {
        let databases = state.names.nodes(spans.columns.databases, spans)
        let peers = state.names.nodes(spans.columns.peers, spans)
        // Out of the state for as long as both are changed.
        var pairs = SpanPairs(slotCount: 0)
        swap(&pairs, &state.pairs)
        defer { swap(&pairs, &state.pairs) }
        for row in 0..<spans.count {
            let kind = spans.kinds[row]
            guard kind >= 2, kind <= 5, let service = services[Int(spans.services[row])] else {
                continue
            }
            var end = SpanPairs.End()
            end.traceHigh = spans.traceHighs[row]
            end.traceLow = spans.traceLows[row]
            end.durationNanos = spans.durations[row]
            end.service = service
            if spans.statuses[row] == 2 { end.flags |= SpanPairs.End.failed }
            if kind >= 4 { end.flags |= SpanPairs.End.messaging }
            if spans.isCaller(row) {
                end.flags |= SpanPairs.End.caller
                end.spanID = spans.spanIDs[row]
                if let databases, databases[row] > 0 {
                    count(end, server: databases[row] - 1, .database, &state)
                    continue
                }
                end.peer = peers.map { $0[row] } ?? 0
            } else {
                end.flags |= SpanPairs.End.called
                end.spanID = spans.parentIDs[row]
                guard end.spanID != 0 else {
                    countEntry(end, &state)
                    continue
                }
            }
            pair(end, &pairs, &state)
        }
    }

    /// A request from outside.
    private static func countEntry(_ end: SpanPairs.End, _ state: inout State) {
        guard !end.has(SpanPairs.End.messaging), let user = state.names.index(of: "user") else {
            return
        }
        state.graph.count(
            client: user, server: end.service, .virtual, clientNanos: end.durationNanos,
            serverNanos: end.durationNanos, isFailed: end.has(SpanPairs.End.failed))
    }

    @inline(__always)
    private static func pair(
        _ end: SpanPairs.End, _ pairs: inout SpanPairs, _ state: inout State
    ) {
        pairs.add(end) { other in
            let (caller, called) = end.has(SpanPairs.End.caller) ? (end, other) : (other, end)
            let isMessage = (end.flags | other.flags) & SpanPairs.End.messaging != 0
            state.graph.count(
                client: caller.service, server: called.service, isMessage ? .messaging : .direct,
                clientNanos: caller.durationNanos, serverNanos: called.durationNanos,
                isFailed: (end.flags | other.flags) & SpanPairs.End.failed != 0)
        } expired: {
            expire($0, &state)
        }
    }

    /// An end that stays alone: a call of something that sends no spans, when the caller says of
    /// what.
    private static func expire(_ end: SpanPairs.End, _ state: inout State) {
        guard end.has(SpanPairs.End.caller), end.peer > 0 else {
            state.graph.countUnpaired()
            return
        }
        count(end, server: end.peer - 1, .virtual, &state)
    }

    private static func count(
        _ end: SpanPairs.End, server: UInt32, _ connection: ServiceGraph.Connection,
        _ state: inout State
    ) {
        state.graph.count(
            client: end.service, server: server, connection, clientNanos: end.durationNanos,
            serverNanos: end.durationNanos, isFailed: end.has(SpanPairs.End.failed))
    }
}

extension SpanKeyTable {
    /// The number of a text that stands alone.
    mutating func index(of text: String) -> UInt32? {
        let bytes = Array(text.utf8)
        return index(service: 0, tag: 0, bytes.span, 0..<bytes.count).map { UInt32($0) }
    }

    /// One more than the number of the first value that each caller has in these columns, 0 for
    /// none; nil when there are no columns.
    fileprivate mutating func nodes(_ columns: [Column], _ spans: SpanRows) -> [UInt32]? {
        guard !columns.isEmpty else { return nil }
        var nodes = [UInt32](repeating: 0, count: spans.count)
        for column in columns {
            let bytes = column.bytes.span
            for (index, row) in column.rows.enumerated() {
                let row = Int(row)
                guard nodes[row] == 0, spans.isCaller(row) else { continue }
                let range = column.byteRange(at: index)
                guard !range.isEmpty,
                    let node = self.index(service: 0, tag: 0, bytes, range)
                else { continue }
                nodes[row] = UInt32(node) + 1
            }
        }
        return nodes
    }
}

extension SpanMetrics {
    /// Writes what is due.
    ///
    /// Counts that a sink did not take come with the next write, since they are sums. Nothing is
    /// written before ``restore(from:)``: a counter would go back.
    package func write(to sink: any SampleSink) async throws(StoreFailure) {
        let nowNanos = now()
        let writer = state.withLock { state -> SpanSampleWriter? in
            guard state.isRestored else { return nil }
            // A series has one sample a millisecond.
            let millis = max(nowNanos / 1_000_000, state.writtenMillis &+ 1)
            state.writtenMillis = millis
            var writer = SpanSampleWriter(
                timeMillis: millis, zeroMillis: millis - Int64(Limits.spanWriteSeconds) * 1_000)
            note(state, nowNanos)
            Self.turn(&state)
            state.counts.write(to: &writer, services: state.names)
            state.graph.write(to: &writer, names: state.names)
            return writer
        }
        guard var writer, writer.batch.sampleCount > 0 else { return }
        writer.describe(SpanCounts.metadata + ServiceGraph.metadata)
        try await sink.append(writer.batch)
    }

    /// The requests of all edges so far, and when the last write was.
    var requestTotals:
        (totals: [ServiceGraph.Connection: [ServiceCalls.Edge: Double]], writtenMillis: Int64)
    {
        state.withLock { ($0.graph.totals(names: $0.names), $0.writtenMillis) }
    }

    /// Tells the catalogue which operations were seen since the last write.
    private func note(_ state: borrowing State, _ nowNanos: Int64) {
        for (index, key) in state.counts.keys.keys.enumerated()
        where state.counts.series.touched[index + 1] != 0 {
            catalogue.note(
                SpanCatalogue.Operation(
                    name: state.counts.keys.name(at: index), kind: Int64(key.tag >> 2)),
                of: state.names.name(at: Int(key.service)), seenNanos: nowNanos)
        }
    }

    private static func turn(_ state: inout State) {
        var pairs = SpanPairs(slotCount: 0)
        swap(&pairs, &state.pairs)
        pairs.turn { expire($0, &state) }
        swap(&pairs, &state.pairs)
    }

    /// Goes on where the series of an earlier run ended, when that was not long ago.
    ///
    /// Called once, before the first write; spans may be counted already.
    package func restore(from samples: any SampleSource) async throws(StoreFailure) {
        let nowMillis = now() / 1_000_000
        var restored = RestoredSpans()
        let (start, isBelow) = nowMillis.subtractingReportingOverflow(Limits.spanIdleMillis)
        for name in RestoredSpans.metricNames {
            let query = SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, name)],
                times: (isBelow ? .min : start)...nowMillis)
            var cursor = samples.read(query)
            while let series = try await cursor.next() { restored.take(series) }
        }
        state.withLock { state in
            restored.apply(&state.names, &state.counts, &state.graph, nowMillis: nowMillis)
            state.isRestored = true
        }
    }
}
