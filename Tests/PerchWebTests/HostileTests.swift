import PerchLogQL
import PerchModel
@testable import PerchWeb
import Testing

/// Values that would break out of text, attributes, addresses or JSON if anything forgot to escape.
private let hostile =
    #"<script>alert(1)</script>"'><img src=x onerror=alert(1)>&#x3c;\"#
    + "\u{0}\u{7}\u{202e}\n\r%3Cscript%3E javascript:alert(1) {{x}} \u{FFFF}"

@Suite("Values from outside")
struct HostileTests {
    private static var events: MemoryEvents {
        let resource = Resource([
            .init(key: "service.name", value: .string(hostile)),
            .init(key: hostile, value: .string(hostile)),
        ])
        var batches: [EventBatch] = []
        for dataset in Dataset.allCases {
            var builder = EventBatchBuilder(dataset: dataset)
            let index = builder.intern(resource)
            builder.beginRow(timeNanos: Fixture.now - 1, resource: index)
            for name in [
                "body", "severity_text", "name", "status_message", "events", "links", hostile,
            ] {
                builder.set(.record, name, .string(hostile))
                builder.set(.attribute, name, .string(hostile))
            }
            builder.set(.record, "trace_id", .id(Fixture.traceID(1)))
            builder.set(.record, "span_id", .id(Fixture.spanID(1)))
            builder.set(.record, "kind", .int(Int64.max))
            builder.set(.record, "duration", .int(Int64.max))
            builder.set(.record, "status_code", .int(2))
            batches.append(builder.batch)
        }
        return MemoryEvents(batches: batches)
    }

    private static var samples: MemorySamples {
        var chunk = SeriesChunk(labels: Labels([("__name__", hostile), (hostile, hostile)]))
        chunk.times = [Fixture.now / 1_000_000 - 60_000, Fixture.now / 1_000_000]
        chunk.values = [.infinity, -.greatestFiniteMagnitude]
        return MemorySamples(
            series: [chunk],
            families: [
                MetricMetadata(family: hostile, type: .gauge, unit: hostile, help: hostile)
            ])
    }

    private static var hostileCardinality: Cardinality {
        var cardinality = Cardinality()
        cardinality.seriesByMetric = [.init(name: hostile, count: .max)]
        cardinality.valuesByLabel = [.init(name: hostile, count: 0)]
        return cardinality
    }

    private static func pages() async throws -> [Markup] {
        let told = MemoryPages(deploys: [
            Deploy(
                timeNanos: Fixture.now - 1, service: hostile, version: hostile,
                environment: hostile, link: "javascript:" + hostile)
        ])
        let queries = PageQueries(events: events, samples: samples, documents: told)
        var frame = Fixture.frame
        frame.user = hostile
        frame.csrf = hostile
        frame.origin = hostile
        let range = Fixture.range
        let encoded = hostile.utf8.map { "%" + Hex.encode([$0]) }.joined()
        let query = "q=%22\(encoded.replacing("%22", with: "%5C%22"))%22&service=\(encoded)"
        let logs = LogsState(FormParameters(query), now: Fixture.now)
        let traces = TracesState(FormParameters(query + "&min=\(encoded)"), now: Fixture.now)
        let quoted = MetricAnswers.quoted(hostile)
        var metrics = MetricsState(range: range)
        metrics.queries = ["{\(quoted)}", hostile, "{__name__=\(quoted)}[5m]"]
        let overview = try await queries.overview(range, now: Fixture.now)
        let names = try await queries.serviceNames(range)
        let mistake = SearchFailure(position: 3, found: hostile, expected: hostile)
        let key = KeyRow(id: hostile, name: hostile, kind: .dsn, createdNanos: .min)
        let others =
            try await logPages(queries, logs, names, mistake, frame)
            + tracePages(queries, traces, names, mistake, frame)
        return others + [
            HomePage(range: range, overview: overview).html(frame),
            HomePage(range: range, overview: ServiceOverview()).html(frame),
            ServicePage(
                range: range,
                detail: try await queries.service(hostile, range, overview: overview)
            ).html(frame),
            MapPage(
                range: range,
                calls: [
                    ServiceCall(
                        client: hostile, server: hostile, connection: hostile, requests: .infinity,
                        failures: .nan, p95Nanos: .nan)
                ], overview: overview
            ).html(frame),
            CardinalityPage(cardinality: hostileCardinality).html(frame),
            MetricsPage(
                state: metrics, list: try await queries.metrics(range),
                exploration: try await queries.explore(metrics, clock: { Fixture.now })
            ).html(frame),
            MetricsPage(
                state: metrics, list: try await queries.metrics(range), exploration: nil
            ).html(frame),
            LoginPage(message: hostile, name: hostile, next: hostile).html(frame),
            FirstRunPage(token: hostile, message: hostile, name: hostile).html(frame),
            KeysPage(keys: [key], secret: hostile, message: hostile).html(frame),
            LicencesPage(licences: [.init(name: hostile, text: hostile)]).html(frame),
            AboutPage(version: hostile).html(frame),
            ErrorPage(.failed, detail: hostile).html(frame),
        ]
    }

    /// Each view of the logs, with everything in it from outside.
    private static func logPages(
        _ queries: PageQueries, _ state: LogsState, _ names: [String], _ mistake: SearchFailure,
        _ frame: Frame
    ) async throws -> [Markup] {
        let saved = [
            SavedSearch(
                StoredDocument(
                    kind: SavedSearch.kind, name: hostile, text: "/logs?q=" + hostile,
                    author: hostile, updatedNanos: .max))
        ]
        var pages: [Markup] = []
        for (view, search) in [
            (LogsState.View.rows, ""), (.patterns, ""), (.live, ""),
            (.rows, "| count by \(SearchText.quoted(hostile)), level"),
            (.rows, "| timechart count by \(SearchText.quoted(hostile))"),
            (.rows, "| fields \(SearchText.quoted(hostile)), time, message"),
            (.rows, "| patterns"),
        ] {
            var asking = LogsState(range: state.range)
            asking.view = view
            asking.search = search
            let answer = try await queries.page(try asking.question(now: Fixture.now), asking)
            // What was found stands on a page of a hostile address.
            var shown = state
            shown.view = view
            shown.columns = [hostile]
            let page = LogsPage(
                state: shown, services: names, answer: answer, failure: mistake, saved: saved)
            pages.append(page.html(frame))
        }
        let context = try await queries.context(of: hostile, at: Fixture.now - 1, count: 5)
        pages.append(LogsContextPage(context: context).html(frame))
        pages.append(
            SavedSearchesPage(
                saved: saved, address: SavedSearchesPage.address("/logs?q=%3Cscript%3E"),
                name: hostile, message: hostile
            ).html(frame))
        return pages
    }

    /// Each view of traces, with everything in it from outside.
    private static func tracePages(
        _ queries: PageQueries, _ state: TracesState, _ names: [String], _ mistake: SearchFailure,
        _ frame: Frame
    ) async throws -> [Markup] {
        let id = Hex.encode(Fixture.traceID(1))
        let trace = try #require(try await queries.trace(id))
        let span = try await queries.span(Hex.encode(Fixture.spanID(1)), ofTrace: id)
        let operation = TraceOperation(service: hostile, name: hostile)
        let usual = [operation: UsualDuration(count: 20, p50Nanos: 1, p95Nanos: 2)]
        var flame = TraceState()
        flame.view = .flame
        flame.top = Hex.encode(Fixture.spanID(1))
        var many = trace.spans
        for number in 0..<700 {
            var copy = trace.spans[0]
            copy.id = "\(hostile)\(number)"
            copy.parentID = number == 0 ? trace.spans[0].id : "\(hostile)\(number / 2)"
            many.append(copy)
        }
        let large = TraceDetail(id: hostile, spans: many, logs: trace.logs)
        var funnel = FunnelState(FormParameters(""), now: Fixture.now)
        funnel.steps = [hostile, hostile]
        var found = TraceFunnel()
        found.steps = [TraceFunnel.Step(), TraceFunnel.Step()]
        found.steps[1].lost = [hostile]
        return [
            TracesPage(
                state: state, services: names,
                list: try await queries.traces(TraceFilter(), state.range), failure: mistake
            ).html(frame),
            TracePage(trace: trace, usual: usual).html(frame),
            TracePage(trace: trace, state: flame, usual: usual).html(frame),
            TracePage(trace: large, usual: usual).html(frame),
            try #require(span).html(frame),
            TracesFunnelPage(state: funnel, funnel: found, failure: mistake).html(frame),
        ]
    }

    @Test("Hostile values in every field stay text on every page")
    func escaping() async throws {
        for page in try await Self.pages() {
            let html = page.html
            #expect(!html.contains("<script>"))
            #expect(!html.contains("<img"))
            #expect(html.firstMatch(of: /<[^>"]*\son[a-z]+\s*=/) == nil)
            #expect(html.firstMatch(of: /(?:src|href|action)="(?!\/|#)/) == nil)
            #expect(!html.unicodeScalars.contains("\u{0}"))
            #expect(!html.unicodeScalars.contains("\u{7}"))
            // What was hostile is there, as text.
            #expect(html.contains("&lt;script&gt;alert(1)"))
        }
    }

    @Test("Addresses keep every value through encoding and reading")
    func addresses() {
        for value in [hostile, "", "a b+c&d=e#f?g/h%41", "ü👩‍👩‍👧‍👦", "//evil.test"] {
            let link = Link("/logs", query: [("q", value)])
            let query = link.text.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            #expect(FormParameters(String(query))["q"] ?? "" == value)
            #expect(link.text.hasPrefix("/logs"))
        }
        #expect(Link("/trace", segment: "../../keys").text == "/trace/..%2F..%2Fkeys")
    }

    @Test(
        "After signing in one stays on this server",
        arguments: [
            ("/logs?q=a", true), ("/", true), ("//evil.test", false), ("/\\evil.test", false),
            ("https://evil.test", false), ("javascript:alert(1)", false), ("", false),
            ("/a\r\nSet-Cookie: x", false), ("/a b", false), ("/ä", false),
        ])
    func localPaths(_ text: String, _ isGood: Bool) {
        #expect((LocalPath(text) != nil) == isGood)
    }

    @Test(
        "Addresses of pages with nonsense are read as far as they make sense",
        arguments: [
            "from=9223372036854775807&to=9223372036854775807", "from=-9223372036854775808&to=0",
            "from=0&to=9223372036854", "from=abc&to=1", "range=9y", "before=9223372036854775807",
            "before=-9223372036854775808&skip=-5", "skip=99999999999999999999", "%", "%zz=%",
            "&&==",
            "from=2026-13-41T99:99&to=2026-01-01T00:00",
            "from=2026-11-21T05:00&to=2026-11-21T04:00",
            "from=9223372036854&to=-9223372036854", "before=5&skip=9223372036854775807",
        ])
    func nonsense(_ query: String) async throws {
        let page = try await Pages.logs(query)
        #expect(page.html(Fixture.frame).html.contains("</html>"))
        #expect(try await Pages.traces(query).html(Fixture.frame).html.contains("</html>"))
        #expect(
            try await Pages.metrics(query + "&metric=queue_length").html(Fixture.frame).html
                .contains("</html>"))
        let range = TimeRange(FormParameters(query), now: Fixture.now)
        #expect(range.nanos.lowerBound < range.nanos.upperBound)
        _ = try await Fixture.queries.overview(range, now: Fixture.now)
    }
}
