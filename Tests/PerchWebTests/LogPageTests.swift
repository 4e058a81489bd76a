import PerchLogQL
import PerchModel
import PerchWeb
import Testing

@Suite("What the logs page asks")
struct LogPageTests {
    private static func state(_ query: String) -> LogsState {
        LogsState(FormParameters(query), now: Fixture.now)
    }

    private static func answer(_ query: String) async throws -> LogsPage.Answer {
        let state = state(query)
        return try await Fixture.queries.page(try state.question(now: Fixture.now), state)
    }

    @Test(
        "A term is added before the first bar, and binds as a reader expects",
        arguments: [
            ("", "a:1", "a:1"), ("x y", "a:1", "x y a:1"), ("x | count", "a:1", "x a:1 | count"),
            ("| top 3 s", "-a:1", "-a:1 | top 3 s"), ("x OR y", "a:1", "(x OR y) a:1"),
            ("(x OR y) z", "a:1", "(x OR y) z a:1"), ("\"x OR y\"", "a:1", "\"x OR y\" a:1"),
            (#""a | b" c"#, "d:1", #""a | b" c d:1"#),
            (#"m:"\"|" | count"#, "d:1", #"m:"\"|" d:1 | count"#),
            ("time:today x", "a:1", "time:today x a:1"), ("x |", "a:1", "x a:1 |"),
        ])
    func adding(_ search: String, _ term: String, _ expected: String) {
        #expect(LogSearchText(search).adding(term).text == expected)
    }

    @Test("A choice beside the search holds in the text for other doors")
    func wholeSearch() throws {
        let state = Self.state("q=a+OR+b&service=shop-api&level=warn")
        #expect(state.wholeSearch.text == "(a OR b) service:shop-api level>=warn")
        _ = try SearchParser.parse(state.wholeSearch.text)
    }

    @Test("Fields are counted with their most frequent values, level and service first")
    func fields() async throws {
        let fields = try await Self.answer("").page.fields
        #expect(fields.rowCount == 420)
        #expect(fields.fields.map(\.name).prefix(2) == ["level", "service"])
        let services = try #require(fields.fields.first { $0.name == "service" })
        #expect(services.values.map(\.text) == ["payments", "shop-api", "worker"])
        #expect(services.values.map(\.count) == [180, 120, 120])
        let levels = try #require(fields.fields.first)
        #expect(levels.values.first?.text == "info")
        #expect(levels.values.map(\.count).reduce(0, +) == 375)
        let attempt = try #require(fields.fields.first { $0.name == "attempt" })
        #expect(attempt.count == 360)
        #expect(attempt.values.map(\.text) == ["0", "1", "2", "3"])
        #expect(attempt.values.allSatisfy { $0.count == 90 })
        #expect(!fields.fields.contains { ["body", "trace_id"].contains($0.name) })
    }

    @Test("A field with another value in nearly every record lists none")
    func uniqueFields() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Fixture.resource("api"))
        for number in 0..<100 {
            builder.beginRow(timeNanos: Fixture.now - Int64(number), resource: resource)
            builder.set(.attribute, "id", .string("id-\(number)"))
            builder.set(.attribute, "kind", .string("k\(number % 7)"))
            builder.set(.attribute, "long", .string(String(repeating: "x", count: 300)))
        }
        let queries = PageQueries(
            events: MemoryEvents(batches: [builder.batch]), samples: MemorySamples())
        let fields = try await queries.logs(LogFilter(), Fixture.range).fields.fields
        let id = try #require(fields.first { $0.name == "id" })
        #expect(id.isUnique && id.values.isEmpty)
        let kind = try #require(fields.first { $0.name == "kind" })
        #expect(!kind.isUnique && kind.values.count == 5 && kind.hasMore)
        let long = try #require(fields.first { $0.name == "long" })
        #expect(long.count == 100 && long.values.isEmpty)
    }

    @Test("Questions behind a bar are answered with what was chosen beside the search")
    func questions() async throws {
        let asked = try #require(
            try await Self.answer("q=%7C+count+by+service&level=error").asked)
        guard case .table(let table) = asked.content else {
            Issue.record("no table")
            return
        }
        #expect(table.columns == ["service", "count"])
        #expect(table.rows.first == [.text("payments"), .int(75)])
        #expect(asked.chart == nil)
        guard case .rows(let rows) = try await Self.answer("q=%7C+limit+7").asked?.content else {
            Issue.record("no rows")
            return
        }
        #expect(rows.count == 7)
    }

    @Test("An answer over time is a chart with a line a group, the largest first")
    func charts() async throws {
        let asked = try #require(
            try await Self.answer("q=%7C+timechart+span%3D10m+count+by+level").asked)
        let chart = try #require(asked.chart)
        #expect(chart.steps.size == 600 * Fixture.second)
        #expect(chart.lines.first?.name == "info")
        let sums = chart.lines.map { $0.values.compactMap(\.self).reduce(0, +) }
        #expect(sums == sums.sorted(by: >))
        #expect(sums.reduce(0, +) == 420)
    }

    @Test("Patterns have counts that add up, and their terms find their records again")
    func patterns() async throws {
        let patterns = try #require(try await Self.answer("view=patterns").patterns)
        #expect(patterns.table.rowCount == 420)
        #expect(patterns.table.patterns.reduce(0) { $0 + $1.total } == 420)
        for pattern in patterns.table.patterns {
            let term = try #require(LogSearchText.term(ofPattern: pattern.pattern))
            var filter = LogFilter()
            filter.predicate = try SearchParser.parse(term)
            let found = try await Fixture.queries.histogram(filter, Fixture.range)
            #expect(found.total.total >= Int(pattern.total), "\(term)")
        }
        #expect(LogSearchText.term(ofPattern: "<_> <_>") == nil)
    }

    @Test("Before and after: so many records of the service on each side, newest first")
    func context() async throws {
        let time = Fixture.now - 25 * Fixture.minute + 30 * Fixture.second
        let context = try await Fixture.queries.context(of: "payments", at: time, count: 4)
        #expect(context.newer.count == 4)
        #expect(context.older.count == 5)
        let times = (context.newer + context.older).map(\.timeNanos)
        #expect(times == times.sorted(by: >))
        #expect(context.older.first?.timeNanos == time)
        #expect((context.newer + context.older).allSatisfy { $0.service == "payments" })
        let far = try await Fixture.queries.context(of: "payments", at: .max, count: 4)
        #expect(far.newer.isEmpty && far.older.isEmpty)
    }

    @Test(
        "A search box offers what may stand next",
        arguments: [
            ("lev", 3, "level:"), ("level:w", 1, "warn "), ("-service:pay", 3, "payments "),
            ("x http.ro", 7, "http.route:"), ("(http.route:", 0, "/orders "),
            ("http.route:\"/o", 3, "/orders "), ("x | to", 2, "top "), ("x |", 0, "count "),
            ("| top 3 http.", 5, "http.route"), ("| count by attempt,ser", 3, "service"),
        ])
    func completion(_ before: String, _ replaced: Int, _ first: String) async throws {
        let found = try await Fixture.queries.completion(before, .logs, Fixture.range)
        #expect(found.replaced == replaced)
        #expect(found.options.first?.text == first)
    }

    @Test("Inside of quotes nothing is offered", arguments: ["\"timed o", "a \"x y"])
    func noCompletion(_ before: String) async throws {
        let found = try await Fixture.queries.completion(before, .logs, Fixture.range)
        #expect(found.options.isEmpty)
    }

    @Test("Only searches of this server's pages are kept")
    func savedAddresses() {
        #expect(SavedSearchesPage.address("/logs?q=a")?.text == "/logs?q=a")
        #expect(SavedSearchesPage.address("/traces") != nil)
        for address in ["", "/", "//evil.test/logs?", "/keys?x", "/logsx?q=1", "/logout", "?q=1"] {
            #expect(SavedSearchesPage.address(address) == nil, "\(address)")
        }
    }

    @Test(
        "A page has as many records as its address asks for, within bounds",
        arguments: [("", 200), ("rows=300", 300), ("rows=0", 1), ("rows=9999", 420)])
    func rowCounts(_ query: String, _ count: Int) async throws {
        #expect(try await Self.answer(query).page.rows.count == count)
        let link = "rows=\(Self.state(query).rowCount)"
        #expect(Self.state(link).rowCount == Self.state(query).rowCount)
    }

    @Test("Columns are kept once each, and no more than six")
    func columns() async throws {
        #expect(Self.state((0..<9).map { "col=c\($0)" }.joined(separator: "&")).columns.count == 6)
        let state = Self.state("col=attempt&col=attempt&col=&col=host.name")
        #expect(state.columns == ["attempt", "host.name"])
        let html = try await Pages.logs("col=attempt&col=host.name").html(Fixture.frame).html
        #expect(html.contains("cols-2"))
        #expect(html.contains("Remove the column host.name"))
    }
}
