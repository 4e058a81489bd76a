import PerchLogQL
import PerchModel
import PerchPromQL
import Synchronization
@testable import PerchWeb
import Testing

@Suite("What pages ask the stores")
struct QueryTests {
    private func overview() async throws -> ServiceOverview {
        try await Fixture.queries.overview(Fixture.range, now: Fixture.now)
    }

    @Test("DB-11: rate, errors and p95 come from what spans counted; levels from every record")
    func overviewOfServices() async throws {
        let overview = try await overview()
        #expect(
            Set(overview.services.map(\.name)) == ["catalog", "payments", "shop-api", "worker"])
        let api = try #require(overview.services.first { $0.name == "shop-api" })
        #expect(api.health?.source == .spans)
        // 80 requests in the last 54 minutes; 9 of them failed.
        #expect(api.health?.requests == 80)
        #expect(api.errorShare == 9.0 / 80)
        #expect(abs((api.requestRate ?? 0) - 80 / overview.seconds) < 1e-9)
        #expect(overview.seconds > 3_200 && overview.seconds <= 3_600)
        // 76 of 80 are in the bucket up to 2 s, above 100 ms or 500 ms.
        let p95 = try #require(api.p95Nanos)
        #expect(p95 > 1e8 && p95 <= 2e9)
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
        let overview = try await overview()
        let catalog = try #require(overview.services.first { $0.name == "catalog" })
        #expect(catalog.health?.source == .metrics)
        // 97 and 3 requests every 100 s, ten times.
        #expect(catalog.health?.requests == 1_000)
        #expect(catalog.errorShare == 0.03)
        // 90 of 100 are below 0.2 s, 100 below 0.4 s: the 95th lies in the middle.
        #expect(catalog.p95Nanos.map { abs($0 - 300_000_000) < 1 } == true)
    }

    @Test("What is on fire, what changed and which errors there are")
    func troubles() async throws {
        let overview = try await overview()
        let api = try #require(overview.services.first { $0.name == "shop-api" })
        // 15 requests in ten minutes, at most two of them failed: no fire.
        #expect(!api.troubles.contains { $0.kind == .errors })
        let first = try #require(overview.errors.first)
        #expect(first.service == "payments")
        #expect(first.example == "upstream answered 503, circuit opened")
        #expect(first.count == 60)
        #expect(overview.changes.contains { $0.service == "catalog" })
        let told = MemoryPages(deploys: [
            Deploy(
                timeNanos: Fixture.now - 5 * Fixture.minute, service: "payments", version: "2.0",
                environment: "production")
        ])
        let queries = PageQueries(
            events: Fixture.events, samples: Fixture.samples, documents: told)
        let later = try await queries.overview(Fixture.range, now: Fixture.now)
        #expect(later.changes.first?.deploy?.version == "2.0")
        #expect(later.services.first { $0.name == "payments" }?.deploy?.version == "2.0")
    }

    @Test("Stretches one after the other add up to the whole, by spans and by HTTP metrics")
    func healthsAddUp() async throws {
        let parts = try await Fixture.queries.healths(end: Fixture.now, seconds: 600, count: 6)
        let whole = try await Fixture.queries.health(end: Fixture.now, seconds: 3_600)
        #expect(Set(parts.keys) == Set(whole.keys))
        for (name, health) in whole {
            let list = try #require(parts[name])
            #expect(list.count == 6)
            let sum = try #require(ServiceHealth.sum(list))
            #expect(sum.source == health.source)
            #expect(abs(sum.requests - health.requests) < 1e-6)
            #expect(abs(sum.failures - health.failures) < 1e-6)
            #expect(sum.durationNanos(0.95) == health.durationNanos(0.95))
        }
        #expect(parts["shop-api"]?.count { $0.requests > 0 } ?? 0 > 1)
        #expect(ServiceHealth.sum([]) == nil)
        let quick = try await Fixture.queries.health(
            end: Fixture.now, seconds: 3_600, withDurations: false)
        #expect(quick["shop-api"]?.requests == whole["shop-api"]?.requests)
        #expect(quick["shop-api"]?.durationNanos(0.5) == nil)
    }

    @Test("Times and sizes at their ends trap nowhere", arguments: [Int64.min, -1, 0, .max])
    func extremeTimes(_ time: Int64) async throws {
        let queries = Fixture.queries
        let range = TimeRange(from: time, to: time)
        _ = try await queries.overview(range, now: time)
        _ = try await queries.traces(TraceFilter(), range, slowestFirst: true)
        _ = try await queries.traces(TraceFilter(), TimeRange(from: .min, to: .max))
        let state = LogsState(
            FormParameters("from=\(time)&to=\(time)&before=\(time)&skip=\(time)&rows=\(time)"),
            now: time)
        #expect((1...Limits.logRowsPerPageMax).contains(state.rowCount))
        _ = state.link
    }

    @Test("A service's page has its operations, neighbours, failures and instances")
    func service() async throws {
        let detail = try await Fixture.queries.service(
            "shop-api", Fixture.range, overview: try await overview())
        let operation = try #require(detail.operations.first)
        #expect(operation.name == "GET /products")
        #expect(operation.health.requests == 80)
        #expect(operation.health.failures == 9)
        #expect(detail.rates.map(\.name) == ["GET /products"])
        let seconds = Double(detail.steps.size) / 1e9
        let sum = detail.rates.first?.values.compactMap(\.self).reduce(0, +) ?? 0
        #expect(abs(sum * seconds - 80) < 1e-6)
        #expect(detail.durations.map(\.name) == ["p50", "p95", "p99"])
        let call = try #require(detail.calls.first)
        #expect(call.server == "payments")
        #expect(call.requests == 80)
        #expect(call.failures == 9)
        // The exception is the payment's; here the request alone failed.
        #expect(detail.errors.map(\.name) == ["failed: POST /orders"])
        #expect(detail.errors.first?.count == 9)
        #expect(detail.instances.map(\.name) == ["shop-1"])
        #expect(detail.instances.first?.version == "1.4.2")
    }

    @Test("The map has every service once, callers left of those they call, also in circles")
    func map() {
        let layout = MapLayout(
            [
                ("web", "api"), ("api", "payments"), ("payments", "api"), ("api", "sqlite"),
                ("worker", "sqlite"), ("api", "api"),
            ], nodesMax: 10)
        #expect(
            layout.nodes.map(\.name).sorted() == ["api", "payments", "sqlite", "web", "worker"])
        let column = Dictionary(
            uniqueKeysWithValues: layout.nodes.map { ($0.name, $0.column) })
        #expect(column["web"] == 0)
        #expect(column["api"] == 1)
        #expect(column["sqlite"] == 2)
        #expect(column["worker"] == 0)
        #expect(layout.edges.count == 6)
        let places = Set(layout.nodes.map { [$0.column, $0.row] })
        #expect(places.count == layout.nodes.count)
        #expect(MapLayout([("a", "b"), ("c", "d"), ("a", "c")], nodesMax: 2).nodes.count == 2)
        #expect(MapLayout([], nodesMax: 2).columnCount == 0)
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

    @Test("MET-3, DB-19: questions in PromQL have lines, values, and mistakes with their place")
    func exploration() async throws {
        var state = MetricsState(range: Fixture.range)
        state.queries = [
            "sum by (instance) (rate(shop_orders_total[5m]))", "queue_length", "sum(rate(x[5m])",
            "1 + ",
        ]
        let answer = try await Fixture.queries.explore(state, clock: { 0 })
        let rates = answer.queries[0]
        #expect(rates.lines.map { $0.labels["instance"] } == ["a", "b"])
        for (line, slope) in zip(rates.lines, [1.0, 0.4]) {
            let values = line.values.compactMap(\.self)
            #expect(values.count > 50)
            // Never negative at the reset of the first, and near the slope of each 30 s.
            #expect(values.allSatisfy { $0 >= 0 && abs($0 - slope) < slope })
        }
        #expect(answer.queries[1].lines.count == 1)
        #expect(answer.queries[2].failure?.isEmpty == false)
        #expect(answer.queries[2].mistake?.start == 15)
        #expect(answer.queries[3].failure != nil)
        state.showsTable = true
        let table = try await Fixture.queries.explore(state, clock: { 0 })
        #expect(table.queries[1].values.map(\.value) == [Double(abs(60 - 119) + 119 * 7 % 13)])
    }

    @Test("Exemplars are looked for as long as a question may take, and no longer")
    func exemplarsInTime() async throws {
        let expression = try Parser.parse("a")
        let ticks = Ticks()
        var options = QueryOptions()
        options.clock = { ticks.next() }
        options.timeoutNanos = 5
        let found = try await ExemplarFinder(samples: EndlessExemplars(), options: options)
            .exemplars(expression, 0...10)
        #expect(found.count == 5)
    }

    /// Goes on by one at each look.
    private final class Ticks: Sendable {
        private let count = Atomic<Int64>(0)
        func next() -> Int64 { count.add(1, ordering: .relaxed).newValue }
    }

    /// One series with an exemplar after the other.
    private struct EndlessExemplars: SampleSource, SampleCursor {
        func read(_ query: SampleQuery) -> any SampleCursor { self }
        func metadata() async throws(StoreFailure) -> [MetricMetadata] { [] }
        func next() async throws(StoreFailure) -> SeriesChunk? {
            var chunk = SeriesChunk(labels: Labels([("__name__", "a")]))
            chunk.exemplars = [
                Exemplar(
                    series: 0, timeMillis: 1, value: 1, labels: Labels([("trace_id", "0af7")]))
            ]
            return chunk
        }
    }

    @Test("Metrics are listed with their family's metadata")
    func metricNames() async throws {
        let list = try await Fixture.queries.metrics(Fixture.range)
        let counter = try #require(list.metrics.first { $0.name == "shop_orders_total" })
        #expect(counter.seriesCount == 2)
        #expect(counter.isCounter)
        #expect(counter.metadata?.help == "Orders placed.")
        #expect(list.metrics.first { $0.name == "queue_length" }?.isCounter == false)
    }
}
