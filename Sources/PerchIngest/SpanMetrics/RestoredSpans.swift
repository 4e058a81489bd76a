import PerchModel

/// The counts that series of an earlier run ended with.
struct RestoredSpans {
    /// What one label set, without name and bound, came to.
    private struct Counts {
        /// By bucket, cumulated.
        var buckets: [String: [Double]] = [:]
        var sums: [String: Double] = [:]
        var totals: [String: Double] = [:]
    }

    private var rows: [Labels: Counts] = [:]

    var isEmpty: Bool { rows.isEmpty }

    static let metricNames =
        [SpanCounts.calls, ServiceGraph.requests, ServiceGraph.failures, ServiceGraph.unpaired]
        + [SpanCounts.duration, ServiceGraph.client, ServiceGraph.server].flatMap {
            [$0.bucket, $0.sum]
        }

    mutating func take(_ series: SeriesChunk) {
        guard let value = series.values.last, value.isFinite, value >= 0, value < 0x1p63 else {
            return
        }
        let pairs = series.labels.pairs
        let labels = Labels(pairs.filter { $0.name != "__name__" && $0.name != "le" })
        let name = series.labels.metricName
        var counts = rows[labels] ?? Counts()
        defer { rows[labels] = counts }
        for names in [SpanCounts.duration, ServiceGraph.client, ServiceGraph.server] {
            if name == names.sum {
                counts.sums[names.family] = value * names.unitNanos
                return
            }
            guard name == names.bucket else { continue }
            guard let bound = names.bounds.firstIndex(where: { $0 == series.labels["le"] }) else {
                return
            }
            let none = [Double](repeating: 0, count: SpanSeries.bucketCount)
            counts.buckets[names.family, default: none][bound] = value
            return
        }
        counts.totals[name] = value
    }

    func apply(
        _ names: inout SpanKeyTable, _ counts: inout SpanCounts, _ graph: inout ServiceGraph,
        nowMillis: Int64
    ) {
        for (labels, row) in rows {
            if let buckets = row.buckets[SpanCounts.duration.family],
                let place = Self.place(labels, &names, &counts)
            {
                counts.restore(
                    place, buckets: Self.plain(buckets),
                    sumNanos: row.sums[SpanCounts.duration.family] ?? 0, nowMillis: nowMillis)
            }
            if let client = row.buckets[ServiceGraph.client.family],
                let server = row.buckets[ServiceGraph.server.family],
                let place = Self.place(labels, &names, &graph)
            {
                graph.restore(
                    place,
                    ServiceGraph.Restored(
                        client: Self.plain(client),
                        clientNanos: row.sums[ServiceGraph.client.family] ?? 0,
                        server: Self.plain(server),
                        serverNanos: row.sums[ServiceGraph.server.family] ?? 0,
                        failed: UInt64(row.totals[ServiceGraph.failures] ?? 0)),
                    nowMillis: nowMillis)
            }
            if let unpaired = row.totals[ServiceGraph.unpaired], labels.bytes.isEmpty {
                graph.restore(unpaired: UInt64(unpaired), nowMillis: nowMillis)
            }
        }
    }

    /// Counts of each bucket alone.
    private static func plain(_ cumulative: [Double]) -> [UInt64] {
        var before = 0.0
        return cumulative.map { count in
            defer { before = max(before, count) }
            return UInt64(max(0, count - before))
        }
    }

    private static func place(
        _ labels: Labels, _ names: inout SpanKeyTable, _ counts: inout SpanCounts
    ) -> Int? {
        if labels["otel_metric_overflow"] != nil { return 0 }
        guard let service = labels["service_name"].flatMap({ names.index(of: $0) }),
            let kind = SpanCounts.kinds.firstIndex(where: { $0 == labels["span_kind"] }),
            let status = SpanCounts.statuses.firstIndex(where: { $0 == labels["status_code"] })
        else { return nil }
        let name = Array((labels["span_name"] ?? "").utf8)
        let row = counts.row(
            service: service, kind: UInt32(kind), status: UInt32(status), name.span,
            0..<name.count)
        return row == 0 ? nil : row
    }

    private static func place(
        _ labels: Labels, _ names: inout SpanKeyTable, _ graph: inout ServiceGraph
    ) -> Int? {
        if labels["otel_metric_overflow"] != nil { return 0 }
        guard let client = labels["client"].flatMap({ names.index(of: $0) }),
            let server = labels["server"].flatMap({ names.index(of: $0) }),
            let connection = ServiceGraph.Connection.allCases.first(where: {
                $0.label == labels["connection_type"] ?? ""
            })
        else { return nil }
        let row = graph.row(client: client, server: server, connection)
        return row == 0 ? nil : row
    }
}
