import PerchLogQL
import PerchModel
import PerchWeb
import Testing

@Suite("What pages ask the stores")
struct QueryTests {
    @Test("Rate, errors and p95 come from entry spans; last seen and levels from everything")
    func overview() async throws {
        let overview = try await Fixture.queries.overview(Fixture.range)
        #expect(overview.services.map(\.name) == ["catalog", "payments", "shop-api", "worker"])
        let api = try #require(overview.services.first { $0.name == "shop-api" })
        #expect(api.source == .spans)
        // 80 requests, the first 54 minutes before the end; 9 of them failed.
        #expect(abs(overview.seconds - 3_240) < 0.01)
        #expect(abs((api.requestRate ?? 0) - 80.0 / 3_240) < 1e-6)
        #expect(api.errorShare == 9.0 / 80)
        let failed = (0..<80).map { ($0, $0 % 9 == 4) }
        let lengths = failed.map { Int64(18 + $0 * 7 % 90) * 1_000_000 * ($1 ? 11 : 1) }.sorted()
        #expect(api.p95Nanos == Double(lengths[75]))
        #expect(api.requests.reduce(0, +) == 80)
        #expect(api.levels.total == 120)
        let worker = try #require(overview.services.first { $0.name == "worker" })
        #expect(worker.requestRate == nil)
        #expect(worker.lastSeenNanos == Fixture.now - 9 * Fixture.second + 2_000_000)
        #expect(worker.levels[.error] == 15)
        #expect(worker.levels[nil] == 15)
    }

    @Test("A service without spans is measured by its HTTP metrics")
    func overviewFromMetrics() async throws {
        let overview = try await Fixture.queries.overview(Fixture.range)
        let catalog = try #require(overview.services.first { $0.name == "catalog" })
        #expect(catalog.source == .metrics)
        // 97 and 3 requests every 100 s.
        #expect(catalog.requestRate == 1)
        #expect(catalog.errorShare == 0.03)
        // 90 of 100 are below 0.2 s, 100 below 0.4 s: the 95th lies in the middle.
        #expect(catalog.p95Nanos.map { abs($0 - 300_000_000) < 1 } == true)
        #expect(catalog.lastSeenNanos == Fixture.now)
    }

    @Test("Histograms count every record once, by level")
    func histogram() async throws {
        var filter = LogFilter()
        let all = try await Fixture.queries.histogram(filter, Fixture.range)
        #expect(all.total.total == 420)
        #expect(all.counts.reduce(0) { $0 + $1.total } == 420)
        #expect(all.total[.fatal] == 6)
        #expect(all.total[nil] == 45)
        filter.minimum = .error
        filter.service = "payments"
        let errors = try await Fixture.queries.histogram(filter, Fixture.range)
        #expect(errors.total.total == 75)
        #expect(!errors.isPartial)
    }

    @Test("Pages of logs, one after the other, hold every record once, also at equal times")
    func paging() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Fixture.resource("api"))
        for number in 0..<950 {
            // 300 records share each time, more than a page.
            builder.beginRow(
                timeNanos: Fixture.now - Int64(number / 300) * 1_000, resource: resource)
            builder.set(.record, "body", .string("line \(number)"))
        }
        let queries = PageQueries(
            events: MemoryEvents(batches: [builder.batch]), samples: MemorySamples())
        var seen: [String] = []
        var position: LogPosition?
        repeat {
            let page = try await queries.logs(LogFilter(), Fixture.range, from: position)
            seen += page.rows.map(\.body)
            position = page.older
            try #require(seen.count <= 950)
        } while position != nil
        #expect(seen.count == 950)
        #expect(Set(seen).count == 950)
    }

    @Test("Traces are listed with their root, duration and errors, and filters narrow by span")
    func traces() async throws {
        let list = try await Fixture.queries.traces(TraceFilter(), Fixture.range)
        #expect(list.traces.count == 50)
        #expect(list.notices.isEmpty)
        let older = try #require(list.olderNanos)
        #expect(older > (list.traces.last?.startNanos ?? .max))
        let rest = try await Fixture.queries.traces(
            TraceFilter(), TimeRange(from: Fixture.range.nanos.lowerBound, to: older))
        #expect(rest.olderNanos == nil)
        #expect(Set((list.traces + rest.traces).map(\.id)).count == 80)
        let newest = try #require(list.traces.first)
        #expect(newest.id == Hex.encode(Fixture.traceID(79)))
        #expect(newest.name == "POST /orders")
        #expect(newest.service == "shop-api")
        #expect(newest.spanCount == 3)
        #expect(newest.durationNanos == Int64(18 + 79 * 7 % 90) * 1_000_000)
        var filter = TraceFilter()
        filter.errorsOnly = true
        filter.service = "payments"
        let failed = try await Fixture.queries.traces(filter, Fixture.range)
        #expect(failed.traces.count == 9)
        #expect(failed.traces.allSatisfy { $0.errorCount == 2 && $0.spanCount == 3 })
        filter.minimumNanos = 1e12
        #expect(try await Fixture.queries.traces(filter, Fixture.range).traces.isEmpty)
    }

    @Test("A trace is found by its id in either case, parents before children, with its logs")
    func trace() async throws {
        let id = Hex.encode(Fixture.traceID(9))
        let trace = try #require(try await Fixture.queries.trace(id.uppercased()))
        #expect(trace.spans.map(\.depth) == [0, 1, 1])
        #expect(trace.spans.map(\.name) == ["GET /products", "SELECT products", "POST /charge"])
        #expect(!trace.logs.isEmpty)
        #expect(try await Fixture.queries.trace("ffff") == nil)
    }

    @Test("Circles, orphans and doubles among spans lose none and end")
    func hostileTrees() {
        let parents: [(String, String?)] = [
            ("a", "b"), ("b", "a"), ("c", "c"), ("d", "gone"), ("e", nil), ("f", "e"), ("f", "e"),
            ("", ""), ("g", "f"),
        ]
        let spans = parents.map { id, parent in
            var span = SpanRow(id: id, name: id, service: "s", startNanos: 0)
            span.parentID = parent
            return span
        }
        let trace = TraceDetail(id: "t", spans: spans, logs: [])
        #expect(trace.spans.map(\.id).sorted() == parents.map(\.0).sorted())
    }

    @Test("MET-3: a rate survives resets, and groups are summed by label")
    func rates() async throws {
        var question = ChartQuestion(metric: "shop_orders_total")
        question.isRate = true
        question.groupBy = ["instance"]
        let chart = try await Fixture.queries.chart(question, Fixture.range)
        #expect(chart.lines.map(\.name) == ["a", "b"])
        for (line, slope) in zip(chart.lines, [1.0, 0.4]) {
            let values = line.values.compactMap(\.self)
            #expect(values.count > 50)
            // Never negative at the reset, and near the slope of each 30 s.
            #expect(values.allSatisfy { $0 >= 0 && abs($0 - slope) < 0.45 }, "\(line.name)")
        }
        question.filters = [FieldText(name: "instance", text: "b")]
        #expect(try await Fixture.queries.chart(question, Fixture.range).lines.map(\.name) == ["b"])
    }

    @Test("A gauge shows its latest value, and a stale marker ends it")
    func gauges() async throws {
        var chunk = SeriesChunk(labels: Labels([("__name__", "birds_seen")]))
        let end = Fixture.now / 1_000_000
        chunk.times = [end - 900_000, end - 600_000, end - 300_000]
        chunk.values = [3, 4, Double(bitPattern: SampleBatch.staleMarkerBits)]
        let queries = PageQueries(events: MemoryEvents(), samples: MemorySamples(series: [chunk]))
        let chart = try await queries.chart(ChartQuestion(metric: "birds_seen"), Fixture.range)
        let values = try #require(chart.lines.first).values.compactMap(\.self)
        #expect(Set(values) == [3, 4])
        let last = try #require(chart.lines.first?.values.last)
        #expect(last == nil)
    }

    @Test("Metrics are listed with their family's metadata and labels with their values")
    func metricNames() async throws {
        let list = try await Fixture.queries.metrics(Fixture.range)
        let counter = try #require(list.metrics.first { $0.name == "shop_orders_total" })
        #expect(counter.seriesCount == 2)
        #expect(counter.isCounter)
        #expect(counter.metadata?.help == "Orders placed.")
        #expect(list.metrics.first { $0.name == "queue_length" }?.isCounter == false)
        let labels = try await Fixture.queries.labels(of: "shop_orders_total", Fixture.range)
        #expect(labels.map(\.name) == ["instance", "job", "route"])
        #expect(labels.first?.values == ["a", "b"])
    }
}
