import PerchModel
import PerchTestSupport
import Testing

@testable import PerchAPI

/// Searches over spans at random, beside the plainest possible way to answer them.
@Suite struct TraceSearchTests {
    private struct Row {
        var trace: UInt64
        var service: String?
        var name: String
        var start: Int64
        var duration: Int64
        var status: Int64
        var hasParent: Bool
        var code: String?
    }

    private static func rows(_ generator: inout SeededGenerator) -> [Row] {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &generator)]
        }
        return (0..<Int.random(in: 1..<120, using: &generator)).map { number in
            Row(
                trace: UInt64.random(in: 1..<25, using: &generator),
                service: pick(["api", "web", "", nil, "unknown_service"]),
                name: pick(["GET /", "POST /", ""]), start: Int64(number) * 10,
                duration: pick([-1, 0, 1, 1_000_000, 2_000_000, 5_000_000_000]),
                status: pick([0, 1, 2]), hasParent: pick([true, false]),
                code: pick(["200", "504", nil]))
        }
    }

    private static func search(_ generator: inout SeededGenerator) -> TraceSearch {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &generator)]
        }
        let start = Int64.random(in: -20..<1_300, using: &generator)
        let times = pick([
            Int64.min ..< .max, start..<start + 400, start..<start, start..<Int64.max,
        ])
        var search = TraceSearch(times: times)
        search.service = pick([nil, "api", "web", "unknown_service", "nobody"])
        search.operation = pick([nil, nil, "GET /"])
        search.durationMin = pick([nil, nil, 0, 1_000_000])
        search.durationMax = pick([nil, nil, 0, 2_000_000])
        search.status = pick([nil, nil, 0, 2])
        search.isRootOnly = pick([false, false, true])
        if pick([false, false, true]) {
            search.conditions = [JaegerTagCondition.predicate("http.status_code", "504")]
        }
        search.order = pick(TraceSearch.Order.allCases)
        search.limit = pick([1, 2, 5, 100])
        return search
    }

    private static func holds(_ search: TraceSearch, _ row: Row) -> Bool {
        let service = row.service.map { $0.isEmpty ? "unknown_service" : $0 } ?? "unknown_service"
        return search.times.contains(row.start)
            && search.service.map { $0 == service } ?? true
            && search.operation.map { $0 == row.name } ?? true
            && search.durationMin.map { row.duration >= $0 } ?? true
            && search.durationMax.map { row.duration <= $0 } ?? true
            && search.status.map { $0 == row.status } ?? true
            && (!search.isRootOnly || !row.hasParent)
            && (search.conditions.isEmpty || row.code == "504")
    }

    @Test(arguments: 0..<150) func agreesWithBruteForce(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let rows = Self.rows(&generator)
        let store = InMemoryEventStore()
        for part in stride(from: 0, to: rows.count, by: 17) {
            var spans = SomeSpans()
            for (index, row) in rows.enumerated().dropFirst(part).prefix(17) {
                spans.add(
                    trace: row.trace, span: UInt64(index + 1), parent: row.hasParent ? 99 : 0,
                    service: row.service, name: row.name, start: row.start,
                    duration: row.duration, status: row.status,
                    fields: row.code.map { [(.attribute, "http.status_code", .string($0))] } ?? [])
            }
            try await store.append(spans.batch)
        }
        let reader = TraceReader(events: store)
        for _ in 0..<5 {
            let search = Self.search(&generator)
            let found = try await reader.find(search)
            let matching = rows.filter { Self.holds(search, $0) }
            func best(_ value: (Row) -> Int64) -> [(key: UInt64, value: Int64)] {
                Dictionary(matching.map { ($0.trace, value($0)) }, uniquingKeysWith: max)
                    .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            }
            let expected = best { search.order == .newest ? $0.start : $0.duration }
            #expect(found.map(\.low) == expected.prefix(search.limit).map(\.key), "\(search)")
            let traces = try await reader.traces(found)
            #expect(traces.map(\.id) == found)
            for trace in traces {
                let spans = rows.count { $0.trace == trace.id.low }
                #expect(trace.places.count == spans)
            }
        }
    }

    @Test(arguments: [
        ("1s", 1_000_000_000), ("1.5s", 1_500_000_000), ("1h15m", 4_500_000_000_000),
        ("250ms", 250_000_000), ("100us", 100_000), ("100µs", 100_000), ("7ns", 7), ("0", 0),
        ("-2m", -120_000_000_000), ("+.5s", 500_000_000), ("1m1m", 120_000_000_000),
    ])
    func goDurations(_ text: String, _ nanos: Int64) {
        #expect(GoDuration.nanos(text) == nanos)
    }

    @Test(arguments: [
        "", "5", "s", "1d", "1 s", "1..5s", "--1s", "1e3s", "9999999999h", "infs", "nans", "１s",
    ])
    func whatIsNoGoDuration(_ text: String) {
        #expect(GoDuration.nanos(text) == nil)
    }

    @Test func traceIDsMayBeShort() throws {
        #expect(TraceID("ab")?.text == "000000000000000000000000000000ab")
        #expect(TraceID("ab")?.shortText == "00000000000000ab")
        #expect(TraceID("1AB00000000000000000")?.text == "0000000000001ab00000000000000000")
        for bad in ["", "0", "00000000000000000000000000000000", "xyz", "a b"]
            + [String(repeating: "a", count: 33)]
        {
            #expect(TraceID(bad) == nil, "\(bad)")
        }
    }
}
