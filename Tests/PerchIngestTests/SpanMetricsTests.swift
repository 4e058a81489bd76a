import PerchModel
import PerchTestSupport
import Synchronization
import Testing

@testable import PerchIngest

/// Metrics from spans, beside the plainest way to count.
@Suite struct SpanMetricsTests {
    struct Made {
        var trace: UInt64
        var span: UInt64
        var parent: UInt64 = 0
        var service: String
        var name = "call"
        var kind: Int64 = 1
        var status: Int64 = 0
        var millis: Int64 = 3
        var attributes: [(String, String)] = []
    }

    static func batch(_ spans: [Made]) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .spans)
        func bytes(_ number: UInt64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        }
        for span in spans {
            let service = Resource.Attribute(key: "service.name", value: .string(span.service))
            builder.beginRow(timeNanos: 0, resource: builder.intern(Resource([service])))
            builder.set(.record, RecordField.traceID, .id(bytes(7) + bytes(span.trace)))
            builder.set(.record, RecordField.spanID, .id(bytes(span.span)))
            if span.parent != 0 {
                builder.set(.record, RecordField.parentSpanID, .id(bytes(span.parent)))
            }
            builder.set(.record, RecordField.name, .string(span.name))
            builder.set(.record, RecordField.kind, .int(span.kind))
            builder.set(.record, RecordField.statusCode, .int(span.status))
            builder.set(.record, RecordField.duration, .int(span.millis * 1_000_000))
            for (key, value) in span.attributes { builder.set(.attribute, key, .string(value)) }
        }
        return builder.batch
    }

    /// A server's metrics with their store and clock.
    final class Fixture: Sendable {
        let store: InMemorySampleStore
        let clock = Mutex<Int64>(1_000_000_000_000_000_000)
        let metrics: SpanMetrics
        private let count = Mutex<UInt64>(0)

        init(_ store: InMemorySampleStore = InMemorySampleStore(), startNanos: Int64 = 0)
            async throws
        {
            self.store = store
            let nanos = Mutex<Int64>(1_000_000_000_000_000_000 + startNanos)
            let catalogue = SpanCatalogue()
            metrics = SpanMetrics(
                catalogue: catalogue,
                now: {
                    nanos.withLock {
                        $0 += 15_000_000_000
                        return $0
                    }
                })
            try await metrics.restore(from: store)
        }

        /// Takes spans as a store does.
        func observe(_ spans: [Made]) {
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            metrics.observe(
                SpanMetricsTests.batch(spans),
                EventArrival(EventPosition(file: 1, record: number + 1), number: number))
        }

        /// The last value of a metric by its other labels as text.
        func values(_ name: String) async throws -> [String: Double] {
            let query = SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, name)], times: .min ... .max)
            var values: [String: Double] = [:]
            for series in try await store.all(query) {
                let labels = series.labels.pairs.filter { $0.name != "__name__" }
                values[labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")] =
                    series.values.last
            }
            return values
        }
    }

    @Test(arguments: 0..<20) func countsAndBucketsAreExact(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try await Fixture()
        var calls: [String: Double] = [:]
        var buckets: [String: Double] = [:]
        for _ in 0..<5 {
            var spans: [Made] = []
            for _ in 0..<Int.random(in: 1..<60, using: &generator) {
                let span = Made(
                    trace: UInt64.random(in: 1...9, using: &generator),
                    span: UInt64.random(in: 1 ... .max, using: &generator),
                    service: ["a", "b", ""].randomElement(using: &generator) ?? "",
                    name: ["x", "", "é/ü"].randomElement(using: &generator) ?? "",
                    kind: Int64.random(in: -1...7, using: &generator),
                    status: Int64.random(in: -1...3, using: &generator),
                    millis: [-5, 0, 2, 3, 10, 11, 15_000, 15_001].randomElement(using: &generator)
                        ?? 0)
                spans.append(span)
                let kind = (1...5).contains(span.kind) ? Int(span.kind) : 0
                let status = (1...2).contains(span.status) ? Int(span.status) : 0
                let service = span.service.isEmpty ? "unknown_service" : span.service
                let rest = [
                    ("service_name", service), ("span_kind", SpanCounts.kinds[kind]),
                    ("span_name", span.name), ("status_code", SpanCounts.statuses[status]),
                ].filter { !$0.1.isEmpty }.map { "\($0)=\($1)" }.joined(separator: ",")
                calls[rest, default: 0] += 1
                for bound in SpanSeries.boundsNanos.map({ $0 / 1_000_000 }) {
                    buckets["le=\(bound),\(rest)", default: 0] +=
                        max(0, span.millis) <= bound ? 1 : 0
                }
                buckets["le=+Inf,\(rest)", default: 0] += 1
            }
            fixture.observe(spans)
            try await fixture.metrics.write(to: fixture.store)
        }
        #expect(try await fixture.values("traces_span_metrics_calls_total") == calls)
        #expect(
            try await fixture.values("traces_span_metrics_duration_milliseconds_bucket") == buckets)
        let services = Set(
            calls.keys.map {
                $0.contains("unknown_service")
                    ? "unknown_service" : String($0.dropFirst(13).prefix(1))
            })
        #expect(fixture.metrics.catalogue.services == services.sorted())
    }

    /// Takes nothing for a while.
    private final class Refusing: SampleSink {
        let store: InMemorySampleStore
        let refusals: Mutex<Int>

        init(_ store: InMemorySampleStore, _ count: Int) {
            self.store = store
            refusals = Mutex(count)
        }

        func append(_ batch: SampleBatch) async throws(StoreFailure) {
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused { throw .overloaded("not now") }
            try await store.append(batch)
        }
    }

    @Test func whatASinkDidNotTakeIsThereBeforeAnythingNewer() async throws {
        let fixture = try await Fixture()
        let sink = Refusing(fixture.store, 2)
        func write() async { try? await fixture.metrics.write(to: sink) }
        fixture.observe([Made(trace: 1, span: 1, service: "a")])
        await write()
        // The first row does not change any more while others do.
        fixture.observe([Made(trace: 2, span: 2, service: "b")])
        await write()
        #expect(try await fixture.values("traces_span_metrics_calls_total").isEmpty)
        #expect(try await fixture.values("traces_span_metrics_log_position").isEmpty)
        await write()
        let calls = try await fixture.values("traces_span_metrics_calls_total")
        #expect(calls.count == 2 && calls.values.allSatisfy { $0 == 1 }, "\(calls)")
        let places = try await fixture.values("traces_span_metrics_log_position")
        #expect(places == ["part=file": 1, "part=record": 2])
    }

    @Test func manyRowsAreSeveralBatchesAndThePlaceIsInTheLast() async throws {
        let fixture = try await Fixture()
        let sizes = Mutex<[Int]>([])
        let long = String(repeating: "x", count: 900)
        fixture.observe(
            (1...700).map { number in
                Made(trace: number, span: number, service: "a", name: "\(number)\(long)")
            })
        struct Counting: SampleSink {
            let store: InMemorySampleStore
            let note: @Sendable (Int) -> Void
            func append(_ batch: SampleBatch) async throws(StoreFailure) {
                note(batch.seriesBytes.count)
                try await store.append(batch)
            }
        }
        try await fixture.metrics.write(
            to: Counting(store: fixture.store) { size in sizes.withLock { $0.append(size) } })
        let found = sizes.withLock { $0 }
        #expect(found.count > 1)
        #expect(found.allSatisfy { $0 < Limits.spanBatchByteCountMax + 100_000 })
        #expect(try await fixture.values("traces_span_metrics_calls_total").count == 700)
        #expect(try await fixture.values("traces_span_metrics_log_position").count == 2)
    }

    @Test func aSeriesBeginsWithZeroAndGoesOnAfterARestart() async throws {
        let first = try await Fixture()
        let span = Made(trace: 1, span: 2, service: "a", millis: 7)
        first.observe([span, span])
        try await first.metrics.write(to: first.store)
        let second = try await Fixture(first.store, startNanos: 600_000_000_000)
        second.observe([span])
        try await second.metrics.write(to: second.store)
        let query = SampleQuery(
            matchers: [LabelMatcher("__name__", .equal, "traces_span_metrics_calls_total")],
            times: .min ... .max)
        let series = try await second.store.all(query)
        #expect(series.map(\.values) == [[0, 2, 3]])
        let sums = try await second.values("traces_span_metrics_duration_milliseconds_sum")
        #expect(Array(sums.values) == [21])
        let le8 = try await second.values("traces_span_metrics_duration_milliseconds_bucket")
            .filter { $0.key.hasPrefix("le=8,") }
        #expect(Array(le8.values) == [3])
    }

    @Test func exemplarsNameTheirTrace() async throws {
        let fixture = try await Fixture()
        fixture.observe([Made(trace: 0xab, span: 0xcd, service: "a")])
        try await fixture.metrics.write(to: fixture.store)
        let name = "traces_span_metrics_duration_milliseconds_bucket"
        let series = try await fixture.store.all(
            SampleQuery(matchers: [LabelMatcher("__name__", .equal, name)], times: .min ... .max))
        let found = series.flatMap { chunk in chunk.exemplars.map { (chunk.labels["le"], $0) } }
        #expect(found.count == 1)
        #expect(found.first?.0 == "4")
        #expect(found.first?.1.value == 3)
        #expect(found.first?.1.labels["trace_id"] == "000000000000000700000000000000ab")
        #expect(found.first?.1.labels["span_id"] == "00000000000000cd")
    }

    @Test func namesOverTheLimitShareARow() async throws {
        let fixture = try await Fixture()
        let count = Limits.spanRowsMax + 500
        for part in stride(from: 0, to: count, by: 500) {
            let spans = (part..<part + 500).map {
                Made(trace: 1, span: UInt64($0 + 1), service: "a", name: "name \($0)")
            }
            fixture.observe(spans)
        }
        try await fixture.metrics.write(to: fixture.store)
        let calls = try await fixture.values("traces_span_metrics_calls_total")
        #expect(calls.count == Limits.spanRowsMax + 1)
        #expect(calls["otel_metric_overflow=true"] == 500)
        #expect(calls.values.reduce(0, +) == Double(count))
    }

    @Test func callsArePairedInEitherOrderAndAcrossBatches() async throws {
        let fixture = try await Fixture()
        let spans = [
            // The called end first; both in one batch.
            Made(trace: 1, span: 11, parent: 10, service: "b", kind: 2, millis: 40),
            Made(trace: 1, span: 10, service: "a", kind: 3, status: 2, millis: 60),
            // One message, two that take it.
            Made(trace: 2, span: 20, service: "a", kind: 4, millis: 1),
            Made(trace: 2, span: 21, parent: 20, service: "c", kind: 5),
            // A database, one that sends no spans, and a request from outside.
            Made(
                trace: 3, span: 30, service: "b", kind: 3,
                attributes: [("db.system", "postgresql"), ("db.name", "shop")]),
            Made(
                trace: 3, span: 31, service: "b", kind: 3,
                attributes: [("server.address", "bank.example")]),
            Made(trace: 3, span: 32, service: "a", kind: 2),
            // The same ids in another trace are another call.
            Made(trace: 4, span: 12, parent: 10, service: "d", kind: 2),
        ]
        fixture.observe(spans)
        fixture.observe([Made(trace: 2, span: 22, parent: 20, service: "d", kind: 5)])
        for _ in 0..<3 { try await fixture.metrics.write(to: fixture.store) }
        #expect(
            try await fixture.values("traces_service_graph_request_total") == [
                "client=a,server=b": 1,
                "client=a,connection_type=messaging_system,server=c": 1,
                "client=a,connection_type=messaging_system,server=d": 1,
                "client=b,connection_type=database,server=shop": 1,
                "client=b,connection_type=virtual_node,server=bank.example": 1,
                "client=user,connection_type=virtual_node,server=a": 1,
            ])
        let failed = try await fixture.values("traces_service_graph_request_failed_total")
        #expect(failed.filter { $0.value > 0 } == ["client=a,server=b": 1])
        let client = try await fixture.values("traces_service_graph_request_client_seconds_sum")
        #expect(client["client=a,server=b"] == 0.06)
        let server = try await fixture.values("traces_service_graph_request_server_seconds_bucket")
        #expect(server["client=a,le=0.05,server=b"] == 1)
        #expect(server["client=a,le=0.01,server=b"] == 0)
        #expect(try await fixture.values("traces_service_graph_unpaired_spans_total") == ["": 1])
        let calls = ServiceCalls(samples: fixture.store, metrics: fixture.metrics)
        let edges = try await calls.count(.min ... .max)
        #expect(
            edges == [
                ServiceCalls.Edge(client: "a", server: "b"): 1,
                ServiceCalls.Edge(client: "a", server: "c"): 1,
                ServiceCalls.Edge(client: "a", server: "d"): 1,
            ])
    }

    /// Against a dictionary without limits, with so few calls that nothing is given up.
    @Test(arguments: 0..<30) func pairsAgreeWithADictionary(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pairs = SpanPairs(slotCount: 1 << 10)
        var callers: Set<UInt64> = []
        var called: [UInt64: Int] = [:]
        var expected = 0
        var found = 0
        for _ in 0..<400 {
            let id = UInt64.random(in: 1...150, using: &generator)
            var end = SpanPairs.End()
            end.spanID = id
            if Bool.random(using: &generator) {
                end.flags = SpanPairs.End.caller
                expected += called.removeValue(forKey: id) ?? 0
                callers.insert(id)
            } else {
                end.flags = SpanPairs.End.called
                if callers.contains(id) { expected += 1 } else { called[id, default: 0] += 1 }
            }
            pairs.add(end, found: { _ in found += 1 }, expired: { _ in Issue.record("expired") })
        }
        #expect(found == expected)
        var left = 0
        pairs.turn { _ in left += 1 }
        pairs.turn { _ in left += 1 }
        #expect(left >= called.values.reduce(0, +))
    }

    /// Once and again: an end waits through one turn, whatever comes after it, and not through two.
    @Test func anEndWaitsThroughATurn() {
        var pairs = SpanPairs(slotCount: 1 << 8)
        var (found, expired) = (0, 0)
        func end(_ id: UInt64, _ flags: UInt32) -> SpanPairs.End {
            var end = SpanPairs.End()
            end.spanID = id
            end.flags = flags
            return end
        }
        for round in UInt64(0)..<3 {
            pairs.add(
                end(10 * round + 1, SpanPairs.End.caller), found: { _ in found += 1 },
                expired: { _ in expired += 1 })
            pairs.turn { _ in expired += 1 }
            for other in [2, 1] {
                pairs.add(
                    end(10 * round + UInt64(other), SpanPairs.End.called),
                    found: { _ in found += 1 }, expired: { _ in expired += 1 })
            }
            #expect(found == Int(round) + 1)
            #expect(expired == Int(round))
            for _ in 0..<2 { pairs.turn { _ in expired += 1 } }
            #expect(expired == Int(round) + 1)
        }
    }

    /// Many ends with one id, or more than there are slots, take bounded work and are counted.
    @Test func hostileIDsAreGivenUp() {
        var pairs = SpanPairs(slotCount: 1 << 8)
        var expired = 0
        for number in 0..<5_000 {
            var end = SpanPairs.End()
            end.spanID = number < 2_000 ? 1 : UInt64(number)
            end.flags = SpanPairs.End.called
            pairs.add(end, found: { _ in }, expired: { _ in expired += 1 })
        }
        for _ in 0..<2 { pairs.turn { _ in expired += 1 } }
        #expect(expired == 5_000)
    }
}
