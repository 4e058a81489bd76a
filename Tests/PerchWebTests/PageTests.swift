import Foundation
import PerchLogQL
import PerchModel
import PerchWeb
import Testing

/// Every page with fixed values, by name; what golden, hostile and policy tests look at.
enum Pages {
    static let names = [
        "services", "services-empty", "service", "service-unknown", "map", "logs", "logs-older",
        "logs-mistake", "logs-none", "logs-empty", "logs-columns", "logs-patterns", "logs-live",
        "logs-top", "logs-timechart", "logs-context", "logs-saved",
        "traces", "traces-none", "traces-slowest", "trace", "trace-flame", "trace-part", "span",
        "funnel", "funnel-new", "metrics", "metrics-empty", "metric", "metric-two",
        "metric-table", "metric-mistake", "cardinality",
        "login", "first-run", "first-run-used", "keys", "keys-created", "about", "licences",
        "not-found", "forbidden", "failed",
    ]

    static func page(_ name: String) async throws -> Markup {
        let frame = Fixture.frame
        switch name {
        case "services":
            return HomePage(range: Fixture.range, overview: try await overview()).html(frame)
        case "services-empty":
            return HomePage(range: Fixture.range, overview: ServiceOverview()).html(frame)
        case "service", "service-unknown":
            let detail = try await Fixture.queries.service(
                name == "service" ? "shop-api" : "nobody", Fixture.range,
                overview: try await overview())
            return ServicePage(range: Fixture.range, detail: detail).html(frame)
        case "map":
            let calls = try await Fixture.queries.calls(Fixture.now, 3_600)
            return MapPage(
                range: Fixture.range, calls: calls, overview: try await overview()
            ).html(frame)
        case "logs": return try await logs("").html(frame)
        case "logs-older":
            return try await logs("before=\(Fixture.now - 1_800_000_000_000)").html(frame)
        case "logs-mistake": return try await logs("q=level%3Aerror+AND+(timeout").html(frame)
        case "logs-none": return try await logs("q=nowhere&level=error").html(frame)
        case "logs-empty": return try await logs("", of: MemoryEvents()).html(frame)
        case "logs-columns":
            return try await logs("q=attempt%3A3&col=attempt&col=host.name").html(frame)
        case "logs-patterns": return try await logs("view=patterns").html(frame)
        case "logs-live": return try await logs("view=live&q=a+OR+b&level=warn").html(frame)
        case "logs-top": return try await logs("q=%7C+top+5+service").html(frame)
        case "logs-timechart":
            return try await logs("q=%7C+timechart+span%3D10m+count+by+level").html(frame)
        case "logs-context":
            let found = try await Fixture.queries.context(
                of: "payments", at: Fixture.now - 25 * Fixture.minute, count: 3)
            return LogsContextPage(context: found).html(frame)
        case "logs-saved":
            let address = SavedSearchesPage.address("/logs?q=level%3Aerror")
            return SavedSearchesPage(saved: saved, address: address).html(frame)
        case "traces": return try await traces("").html(frame)
        case "traces-none": return try await traces("min=3h").html(frame)
        case "traces-slowest":
            return try await traces("order=slowest&roots=1&max=800ms&operation=POST+%2Forders")
                .html(frame)
        case "trace": return try await trace("").html(frame)
        case "trace-flame": return try await trace("view=flame").html(frame)
        case "trace-part":
            return try await trace("span=" + Hex.encode(Fixture.spanID(76 * 4 + 2))).html(frame)
        case "span":
            let page = try await Fixture.queries.span(
                Hex.encode(Fixture.spanID(76 * 4 + 2)), ofTrace: Hex.encode(Fixture.traceID(76)))
            return try #require(page).html(frame)
        case "funnel":
            return try await funnel("step=name:%22POST+/orders%22&step=name:%22POST+/charge%22")
                .html(frame)
        case "funnel-new": return try await funnel("").html(frame)
        case "metrics": return try await metrics("").html(frame)
        case "metrics-empty":
            let state = MetricsState(range: Fixture.range)
            return MetricsPage(state: state, list: MetricList(), exploration: nil).html(frame)
        case "metric": return try await metrics("expr=queue_length").html(frame)
        case "metric-two":
            return try await metrics(
                "expr=rate(shop_orders_total%5B5m%5D)&expr=queue_length&unit=plain"
            ).html(frame)
        case "metric-table": return try await metrics("expr=queue_length&view=table").html(frame)
        case "metric-mistake": return try await metrics("expr=sum(rate(x%5B5m%5D)").html(frame)
        case "cardinality": return CardinalityPage(cardinality: Fixture.cardinality).html(frame)
        default: return still(name, frame)
        }
    }

    static func overview() async throws -> ServiceOverview {
        try await Fixture.queries.overview(Fixture.range, now: Fixture.now)
    }

    static func still(_ name: String, _ frame: Frame) -> Markup {
        var stranger = frame
        stranger.user = nil
        stranger.isAdmin = false
        stranger.hasVendorAssets = false
        switch name {
        case "login":
            return LoginPage(message: "Name or password is wrong.", name: "ada", next: "/logs")
                .html(stranger)
        case "first-run": return FirstRunPage(token: "once-only").html(stranger)
        case "first-run-used": return FirstRunPage(token: nil).html(stranger)
        case "keys": return KeysPage(keys: keys).html(frame)
        case "keys-created": return KeysPage(keys: keys, secret: "perch_ingest_abc").html(frame)
        case "about": return AboutPage(version: "0.1.0").html(frame)
        case "licences":
            return LicencesPage(licences: [.init(name: "LICENSE.x", text: "MIT <c> 2026")]).html(
                frame)
        case "not-found": return ErrorPage(.notFound).html(stranger)
        case "forbidden": return ErrorPage(.forbidden).html(stranger)
        default: return ErrorPage(.failed, detail: "no such page: \(name)").html(frame)
        }
    }

    private static let keys = [
        KeyRow(
            id: "k1", name: "shop in production", kind: .ingest,
            createdNanos: Fixture.now - 86_400_000_000_000,
            lastUsedNanos: Fixture.now - 12_000_000_000),
        KeyRow(
            id: "k2", name: "old laptop", kind: .read, createdNanos: Fixture.now, isRevoked: true),
    ]

    static func logs(
        _ query: String, of events: MemoryEvents = Fixture.events
    ) async throws -> LogsPage {
        let state = LogsState(FormParameters(query), now: Fixture.now)
        let queries = PageQueries(events: events, samples: MemorySamples())
        let services = try await queries.serviceNames(state.range)
        let question: LogQuestion
        do throws(SearchFailure) {
            question = try state.question(now: state.range.nanos.upperBound)
        } catch {
            return LogsPage(state: state, services: services, answer: nil, failure: error)
        }
        var answer = try await queries.page(question, state)
        // Recorded pages stay short enough to be read.
        answer.page.rows = Array(answer.page.rows.prefix(40))
        return LogsPage(state: state, services: services, answer: answer, saved: saved)
    }

    static let saved = [
        SavedSearch(
            StoredDocument(
                kind: SavedSearch.kind, name: "slow <orders>",
                text: "/logs?q=status%3E%3D500&range=6h", author: "ada",
                updatedNanos: Fixture.now - 3_600_000_000_000))
    ]

    static func traces(_ query: String) async throws -> TracesPage {
        let state = TracesState(FormParameters(query), now: Fixture.now)
        let services = try await Fixture.queries.serviceNames(state.range)
        let list = try await Fixture.queries.traces(
            try state.filter(now: state.range.nanos.upperBound), state.range,
            slowestFirst: state.order == .slowest)
        return TracesPage(state: state, services: services, list: list)
    }

    static func trace(_ query: String) async throws -> TracePage {
        let found = try await Fixture.queries.trace(Hex.encode(Fixture.traceID(76)))
        let trace = try #require(found)
        let usual = try await Fixture.queries.usualDurations(trace.spans, upTo: trace.startNanos)
        return TracePage(trace: trace, state: TraceState(FormParameters(query)), usual: usual)
    }

    static func funnel(_ query: String) async throws -> TracesFunnelPage {
        let state = FunnelState(FormParameters(query), now: Fixture.now)
        let predicates = try state.predicates(now: Fixture.now)
        guard predicates.count > 1 else { return TracesFunnelPage(state: state, funnel: nil) }
        return TracesFunnelPage(
            state: state, funnel: try await Fixture.queries.funnel(predicates, state.range))
    }

    static func metrics(_ query: String) async throws -> MetricsPage {
        let state = MetricsState(FormParameters(query), now: Fixture.now)
        guard !state.queries.isEmpty else {
            return MetricsPage(
                state: state, list: try await Fixture.queries.metrics(state.range),
                exploration: nil)
        }
        let exploration = try await Fixture.queries.explore(state, clock: { Fixture.now })
        return MetricsPage(state: state, list: MetricList(), exploration: exploration)
    }
}

@Suite("Pages")
struct PageTests {
    @Test("Pages are as recorded", arguments: Pages.names)
    func golden(_ name: String) async throws {
        try Golden.check(try await Pages.page(name), name)
    }

    @Test("No page needs what the content security policy refuses", arguments: Pages.names)
    func policy(_ name: String) async throws {
        let html = try await Pages.page(name).html
        #expect(html.firstMatch(of: /<[^>]*\sstyle\s*=/) == nil)
        #expect(html.firstMatch(of: /<[^>"]*\son[a-z]+\s*=/) == nil)
        #expect(!html.contains("<style"))
        #expect(html.firstMatch(of: /<script(?![^>]*\ssrc="\/assets\/)[^>]*>/) == nil)
        #expect(html.firstMatch(of: /<script[^>]*>[^<]/) == nil)
        // Nothing is loaded from, or leads to, another host.
        #expect(html.firstMatch(of: /(?:src|href|action)="(?!\/|#)/) == nil)
        #expect(html.firstMatch(of: /(?:src|href|action)="\/\//) == nil)
    }

    @Test("Every form that changes something carries the token", arguments: Pages.names)
    func tokens(_ name: String) async throws {
        let html = try await Pages.page(name).html
        for form in html.matches(of: /<form[^>]*method="post"[\s\S]*?<\/form>/) {
            #expect(form.output.contains(#"name="csrf" value="token-of-this-form""#))
        }
    }

    @Test("Elements are closed in order", arguments: Pages.names)
    func nesting(_ name: String) async throws {
        let html = try await Pages.page(name).html
        var open: [Substring] = []
        let void: Set<Substring> = ["meta", "link", "input", "hr", "br", "wbr"]
        for match in html.matches(of: /<(\/?)([a-z0-9]+)/) where !void.contains(match.2) {
            if match.1.isEmpty {
                open.append(match.2)
            } else {
                #expect(open.popLast() == match.2)
            }
        }
        #expect(open.isEmpty)
    }
}
