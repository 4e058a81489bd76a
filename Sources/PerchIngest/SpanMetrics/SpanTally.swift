import PerchModel

/// What is counted of spans, without a lock.
struct SpanTally: Sendable {
    /// Services, databases and whatever else a label names.
    var names = SpanKeyTable(
        countMax: Limits.spanServicesMax, nameByteCountMax: Limits.spanNameByteCountMax)
    var counts = SpanCounts(
        countMax: Limits.spanRowsMax, nameByteCountMax: Limits.spanNameByteCountMax)
    var graph = ServiceGraph(edgesMax: Limits.graphEdgesMax)
    var pairs = SpanPairs(slotCount: Limits.graphSlotCount)

    /// Counts the spans of a batch; answers whether each has a row of its own that was there
    /// before.
    mutating func count(_ spans: SpanRows) -> Bool {
        let services = spans.resources.map { names.index(of: $0.service) }
        let knownCount = counts.keys.keys.count
        let isAllCounted = Self.count(spans, services, &self)
        Self.connect(spans, services, &self)
        return isAllCounted && counts.keys.keys.count == knownCount
    }

    /// Lets the spans of calls wait for their other ends as they did when they were counted, without
    /// counting anything.
    mutating func remember(_ spans: SpanRows) {
        let services = spans.resources.map { names.index(of: $0.service) }
        uncounted { Self.connect(spans, services, &$0) }
    }

    /// Gives up the ends that waited long; without counting them when they were counted before.
    mutating func turn(isCounted: Bool = false) {
        guard !isCounted else {
            uncounted { $0.turn() }
            return
        }
        var pairs = SpanPairs(slotCount: 0)
        swap(&pairs, &self.pairs)
        pairs.turn { Self.expire($0, &self) }
        swap(&pairs, &self.pairs)
    }

    /// Does something of which the graph learns nothing.
    private mutating func uncounted(_ work: (inout SpanTally) -> Void) {
        var graph = ServiceGraph(edgesMax: 0)
        swap(&graph, &self.graph)
        work(&self)
        swap(&graph, &self.graph)
    }

    /// Counts calls and durations; answers whether each span has a row of its own.
    private static func count(
        _ spans: SpanRows, _ services: [UInt32?], _ tally: inout SpanTally
    ) -> Bool {
        guard let names = spans.columns.name else { return true }
        var isAllCounted = true
        let bytes = names.bytes.span
        let (rows, ends, codes) = (names.rows, names.ends, names.codes)
        // By entry of the names: for whom it was looked up last, and what was found.
        var known = [(key: UInt64, place: Int)](
            repeating: (.max, 0), count: codes.isEmpty ? 0 : ends.count)
        for index in rows.indices {
            let row = Int(rows[index])
            let entry = codes.isEmpty ? index : Int(codes[index])
            var place = 0
            if let service = services[Int(spans.services[row])] {
                let (kind, status) = (spans.kind(row), SpanColumns.status(spans.statuses[row]))
                let key = UInt64(service) &<< 32 | UInt64(kind &<< 2 | status)
                if entry < known.count, known[entry].key == key {
                    place = known[entry].place
                } else {
                    let range = (entry == 0 ? 0 : Int(ends[entry &- 1]))..<Int(ends[entry])
                    place = tally.counts.row(
                        service: service, kind: kind, status: status, bytes, range)
                    if entry < known.count { known[entry] = (key, place) }
                }
            }
            if place == 0 { isAllCounted = false }
            guard let bucket = tally.counts.count(place, spans.durations[row]) else { continue }
            tally.counts.add(
                SpanSeries.Example(
                    row: UInt32(place), bucket: bucket, traceHigh: spans.traceHighs[row],
                    traceLow: spans.traceLows[row], spanID: spans.spanIDs[row],
                    durationNanos: max(0, spans.durations[row])))
        }
        return isAllCounted
    }

    /// Pairs the spans of calls.
    private static func connect(
        _ spans: SpanRows, _ services: [UInt32?], _ tally: inout SpanTally
    ) {
        let databases = tally.names.nodes(spans.columns.databases, spans)
        let peers = tally.names.nodes(spans.columns.peers, spans)
        // Out of the tally for as long as both are changed.
        var pairs = SpanPairs(slotCount: 0)
        swap(&pairs, &tally.pairs)
        defer { swap(&pairs, &tally.pairs) }
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
                    count(end, server: databases[row] - 1, .database, &tally)
                    continue
                }
                end.peer = peers.map { $0[row] } ?? 0
            } else {
                end.flags |= SpanPairs.End.called
                end.spanID = spans.parentIDs[row]
                guard end.spanID != 0 else {
                    countEntry(end, &tally)
                    continue
                }
            }
            pair(end, &pairs, &tally)
        }
    }

    /// A request from outside.
    private static func countEntry(_ end: SpanPairs.End, _ tally: inout SpanTally) {
        guard !end.has(SpanPairs.End.messaging), let user = tally.names.index(of: "user") else {
            return
        }
        tally.graph.count(
            client: user, server: end.service, .virtual, clientNanos: end.durationNanos,
            serverNanos: end.durationNanos, isFailed: end.has(SpanPairs.End.failed))
    }

    @inline(__always)
    private static func pair(
        _ end: SpanPairs.End, _ pairs: inout SpanPairs, _ tally: inout SpanTally
    ) {
        pairs.add(end) { other in
            let (caller, called) = end.has(SpanPairs.End.caller) ? (end, other) : (other, end)
            let isMessage = (end.flags | other.flags) & SpanPairs.End.messaging != 0
            tally.graph.count(
                client: caller.service, server: called.service, isMessage ? .messaging : .direct,
                clientNanos: caller.durationNanos, serverNanos: called.durationNanos,
                isFailed: (end.flags | other.flags) & SpanPairs.End.failed != 0)
        } expired: {
            expire($0, &tally)
        }
    }

    /// An end that stays alone: a call of something that sends no spans, when the caller says of
    /// what.
    private static func expire(_ end: SpanPairs.End, _ tally: inout SpanTally) {
        guard end.has(SpanPairs.End.caller), end.peer > 0 else {
            tally.graph.countUnpaired()
            return
        }
        count(end, server: end.peer - 1, .virtual, &tally)
    }

    private static func count(
        _ end: SpanPairs.End, server: UInt32, _ connection: ServiceGraph.Connection,
        _ tally: inout SpanTally
    ) {
        tally.graph.count(
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
