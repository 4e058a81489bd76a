import PerchLogQL
import PerchModel
import PerchWeb
import Testing

@Suite("What the pages of traces ask and compute")
struct TracePageTests {
    /// Spans as (id, parent, start, end).
    private static func trace(_ rows: [(String, String?, Int64, Int64)]) -> TraceDetail {
        let spans = rows.map { id, parent, start, end in
            var span = SpanRow(id: id, name: id, service: "s", startNanos: start)
            span.parentID = parent
            span.durationNanos = end - start
            return span
        }
        return TraceDetail(id: "t", spans: spans, logs: [])
    }

    private static func path(
        _ rows: [(String, String?, Int64, Int64)]
    ) -> [String: [Range<Int64>]] {
        let trace = trace(rows)
        let path = TraceCriticalPath(trace.spans, TraceShape(trace.spans))
        return Dictionary(
            uniqueKeysWithValues: path.stretches.map { (trace.spans[$0.key].id, $0.value) })
    }

    @Test("The critical path belongs to the child that ended last, and else to the span itself")
    func criticalPath() {
        // b and c run beside each other; c ends later. d runs after both, e outlives its parent.
        let path = Self.path([
            ("a", nil, 0, 100), ("b", "a", 10, 40), ("c", "a", 20, 60), ("d", "a", 70, 90),
            ("e", "d", 80, 300),
        ])
        #expect(path["a"] == [0..<10, 60..<70, 90..<100])
        #expect(path["c"] == [20..<60])
        #expect(path["b"] == [10..<20])
        #expect(path["d"] == [70..<80])
        #expect(path["e"] == [80..<90])
    }

    @Test("The critical path covers the longest span at the top once, whatever the tree is like")
    func criticalPathCovers() {
        var seed: UInt64 = 7
        func random(_ bound: Int64) -> Int64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(seed >> 33) % bound
        }
        for _ in 0..<50 {
            var rows: [(String, String?, Int64, Int64)] = [("0", nil, 100, 1_100)]
            for index in 1..<60 {
                let start = random(1_300)
                let parent = String(random(Int64(index)))
                rows.append((String(index), parent, start, start + random(400)))
            }
            let stretches = Self.path(rows).values.flatMap(\.self)
                .sorted { $0.lowerBound < $1.lowerBound }
            #expect(stretches.first?.lowerBound == 100)
            #expect(stretches.last?.upperBound == 1_100)
            for (left, right) in zip(stretches, stretches.dropFirst()) {
                #expect(left.upperBound == right.lowerBound)
            }
        }
    }

    @Test("A trace without duration or with times at the ends of the range has a path")
    func criticalPathOfNothing() {
        #expect(Self.path([]).isEmpty)
        #expect(Self.path([("a", nil, 5, 5)]).isEmpty)
        #expect(Self.path([("a", nil, .max - 1, .max)]).count == 1)
    }

    @Test("No two spans lie upon each other in the flame view, and children lie below")
    func lanes() {
        var rows: [(String, String?, Int64, Int64)] = [("0", nil, 0, 1_000)]
        for index in 1..<200 {
            let start = Int64(index * 37 % 900)
            rows.append((String(index), String(index / 3), start, start + Int64(index % 50)))
        }
        let trace = Self.trace(rows)
        let shape = TraceShape(trace.spans)
        let lanes = shape.lanes(trace.spans, under: nil, lanesMax: 1_000)
        #expect(lanes.count == 200)
        for (left, lane) in lanes {
            if let parent = shape.parents[left], let above = lanes[parent],
                trace.spans[parent].startNanos <= trace.spans[left].startNanos
            {
                #expect(lane > above)
            }
            for (right, other) in lanes where left < right && lane == other {
                let (one, two) = (trace.spans[left], trace.spans[right])
                #expect(one.endNanos <= two.startNanos || two.endNanos <= one.startNanos)
            }
        }
        #expect(shape.lanes(trace.spans, under: nil, lanesMax: 2).values.allSatisfy { $0 < 2 })
    }

    @Test("Every span of a trace of 10,000 is reached from views of a bounded number of rows")
    func largeTrace() throws {
        var rows: [(String, String?, Int64, Int64)] = [("0", nil, 0, 100_000)]
        for index in 1..<10_000 {
            let parent = index % 5 == 0 ? 0 : index % 7 == 0 ? index - 1 : index / 100
            rows.append((String(index), String(parent), Int64(index), Int64(index) + 40))
        }
        var trace = Self.trace(rows)
        trace.spans[9_000].statusCode = 2
        let shape = TraceShape(trace.spans)
        var seen: Set<Int> = []
        var waiting: [(top: Int?, skip: Int)] = [(nil, 0)]
        var views = 0
        while let (top, skip) = waiting.popLast() {
            views += 1
            guard views < 3_000 else { break }
            let view = TraceSelection(
                trace.spans, shape, top: top, skip: skip, first: top == nil ? [9_000] : [],
                countMax: 400)
            if top == nil { #expect(view.shown.contains(9_000)) }
            #expect(view.shown.count <= 400)
            seen.formUnion(view.shown)
            for (index, count) in view.hidden {
                #expect(count > 0)
                if index != top { waiting.append((index, 0)) }
            }
            let starts = top.map { shape.children[$0] } ?? shape.tops
            if view.passed < starts.count, view.passed > skip { waiting.append((top, view.passed)) }
        }
        #expect(seen.count == 10_000)
        let html = TracePage(trace: trace).html(Fixture.frame).html
        #expect(html.contains("of 10,000 spans stand here"))
        #expect(html.utf8.count < 1_500_000)

        // One that these leave out is there when the address asks for it.
        let hidden = try #require((0..<10_000).last { !html.contains("id=\"s-\($0)\"") })
        let state = TraceState(FormParameters("near=\(hidden)"))
        let found = TracePage(trace: trace, state: state).html(Fixture.frame).html
        #expect(found.contains("class=\"span here\" id=\"s-\(hidden)\""))
        #expect(found.matches(of: /class="span(?: error)?(?: here)?" id/).count <= 400)
        let unknown = TraceState(FormParameters("near=nobody"))
        #expect(
            !TracePage(trace: trace, state: unknown).html(Fixture.frame).html
                .contains("span here"))
    }

    @Test("A span is beside its operation's usual duration, or alone where there are too few")
    func usual() async throws {
        let trace = try #require(try await Fixture.queries.trace(Hex.encode(Fixture.traceID(76))))
        let usual = try await Fixture.queries.usualDurations(trace.spans, upTo: trace.startNanos)
        let charge = try #require(usual[TraceOperation(service: "payments", name: "POST /charge")])
        let lengths = (0..<76).map { (number: Int) -> Int64 in
            let millis = Int64(18 + number * 7 % 90)
            return millis * 1_000_000 * (number % 9 == 4 ? 11 : 1) / 2
        }.sorted()
        #expect(charge.count == lengths.count)
        #expect(charge.p50Nanos == Double(lengths[(lengths.count - 1) / 2]))
        #expect(charge.p95Nanos == Double(lengths[Int(Double(lengths.count) * 0.95)]))
        #expect(charge.slowness(Int64(charge.p50Nanos)) == nil)
        let slow = Int64(charge.p95Nanos) * 4
        #expect(charge.slowness(slow) == Double(slow) / charge.p50Nanos)
        let early = try await Fixture.queries.usualDurations(
            trace.spans, upTo: Fixture.now - 53 * Fixture.minute)
        #expect(early.isEmpty)
    }

    @Test("A funnel counts traces that pass its steps in their order")
    func funnel() async throws {
        let steps = try [
            "name:\"POST /orders\"", "name:\"POST /charge\"", "name:\"POST /charge\" -status:error",
        ].map { try SearchParser.parse($0) }
        let funnel = try await Fixture.queries.funnel(steps, Fixture.range)
        let orders = (0..<80).filter { $0 % 3 == 1 }
        let good = orders.filter { $0 % 9 != 4 }
        #expect(funnel.steps.map(\.traceCount) == [orders.count, orders.count, good.count])
        #expect(funnel.steps[0].medianNanos == nil)
        #expect((funnel.steps[1].medianNanos ?? 0) > 0)
        #expect(funnel.steps[2].medianNanos == 0)
        #expect(funnel.steps[2].lost.first == Hex.encode(Fixture.traceID(76)))
        // The other way round the order does not hold.
        let back = try await Fixture.queries.funnel([steps[1], steps[0]], Fixture.range)
        #expect(back.steps.map(\.traceCount) == [80, 0])
        #expect(back.steps[1].lost.count == 5)
    }

    @Test("Slowest first, and points for the picture of durations")
    func slowest() async throws {
        var filter = TraceFilter()
        filter.rootsOnly = true
        let list = try await Fixture.queries.traces(filter, Fixture.range, slowestFirst: true)
        #expect(list.traces.count == 50)
        #expect(list.points.count == 80)
        let durations = list.traces.map(\.durationNanos)
        #expect(durations == durations.sorted(by: >))
        #expect(list.points.count(where: \.isError) == 9)
        #expect(list.operations == ["GET /orders/{id}", "GET /products", "POST /orders"])
        #expect(list.olderNanos == nil)
    }

    @Test(
        "What the address of the traces page says narrows its spans",
        arguments: [
            ("min=800", 3), ("min=800ms&max=1.01s", 2), ("operation=POST+/charge&errors=1", 9),
            ("roots=1&q=kind:client", 0), ("q=db.system.name:sqlite&operation=POST+/charge", 0),
        ])
    func filters(_ query: String, _ count: Int) async throws {
        let state = TracesState(FormParameters(query), now: Fixture.now)
        let list = try await Fixture.queries.traces(
            try state.filter(now: Fixture.now), state.range)
        #expect(list.points.count == count)
    }

    @Test("A span has a page of its own, with the logs that carry its id")
    func span() async throws {
        let page = try await Fixture.queries.span(
            Hex.encode(Fixture.spanID(16)).uppercased(), ofTrace: Hex.encode(Fixture.traceID(4)))
        let html = try #require(page).html(Fixture.frame).html
        #expect(html.contains("Logs of this span"))
        #expect(try await Fixture.queries.span("ff", ofTrace: "ff") == nil)
    }
}
