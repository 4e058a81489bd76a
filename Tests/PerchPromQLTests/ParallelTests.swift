import PerchModel
import Synchronization
import Testing

@testable import PerchPromQL

/// Queries that several tasks read for.
@Suite struct ParallelTests {
    /// A source whose cursor can go to any of its series.
    private struct Source: SampleSource {
        let series: [SeriesChunk]

        func read(_ query: SampleQuery) -> any SampleCursor {
            let wanted = series.filter { series in
                query.matchers.allSatisfy { $0.matches(series.labels) { _ in true } }
            }
            return Cursor(series: wanted, rows: wanted.indices)
        }

        func metadata() async throws(StoreFailure) -> [MetricMetadata] { [] }
    }

    private struct Cursor: SampleCursor {
        let series: [SeriesChunk]
        var rows: Range<Int>

        mutating func next() async throws(StoreFailure) -> SeriesChunk? {
            guard !Task.isCancelled else { throw .cancelled }
            guard let row = rows.first else { return nil }
            guard series[row].labels["bad"] == nil else { throw .failed("bad disk") }
            rows.removeFirst()
            return series[row]
        }

        mutating func rowCount() async throws(StoreFailure) -> Int? { series.count }

        mutating func restrict(to rows: Range<Int>) { self.rows = rows }
    }

    private static func source(_ count: Int, badAt: Int? = nil) -> Source {
        let series = (0..<count).map { number in
            var pairs = [
                (name: "__name__", value: number % 7 == 0 ? "some_gauge" : "requests_total"),
                (name: "instance", value: String(100_000 + number)),
                (name: "job", value: String(number % 5)),
            ]
            if number == badAt { pairs.append((name: "bad", value: "yes")) }
            var chunk = SeriesChunk(labels: Labels(pairs))
            chunk.times = (0..<100).map { Int64($0) * 15_000 }
            chunk.values = (0..<100).map { Double(($0 * (number % 11 + 1)) % 700) / 8 }
            return chunk
        }
        return Source(series: series)
    }

    private static func answer(
        _ query: String, _ source: Source, helpers: Int, _ change: (inout QueryOptions) -> Void
    ) async throws -> [UInt8] {
        var options = QueryOptions()
        options.helperCount = helpers
        change(&options)
        let engine = QueryEngine(source: source, options: options)
        let result = try await engine.evaluate(query, .range(0, 1_500_000, step: 30_000))
        return AnswerWriter.success(result, query: query)
    }

    @Test(arguments: [
        "sum by (job) (rate({__name__=~\".+\"}[5m]))", "requests_total",
        "rate({job=\"3\"}[2m])", "count(requests_total)", "absent_over_time(requests_total[1m])",
        "quantile_over_time(2, requests_total[3m])", "topk(3, avg_over_time(requests_total[5m]))",
        "sum(requests_total) / on () group_left count(some_gauge) or some_gauge",
    ]) func sameBytesWithAndWithoutHelpers(query: String) async throws {
        let source = Self.source(1_003)
        let alone = try await Self.answer(query, source, helpers: 0) { _ in }
        for helpers in [1, 3] {
            for _ in 0..<5 {
                let answer = try await Self.answer(query, source, helpers: helpers) { _ in }
                #expect(answer == alone)
            }
        }
    }

    @Test func failureOfAReadIsToldAndEndsAll() async {
        let source = Self.source(5_000, badAt: 2_500)
        await #expect(throws: QueryFailure.storage(.failed("bad disk"))) {
            () async throws in
            _ = try await Self.answer("sum({job=~\".+\"})", source, helpers: 2) { _ in }
        }
    }

    @Test func limitsHoldForHelpers() async {
        let source = Self.source(2_000)
        await #expect(throws: QueryFailure.self) { () async throws in
            _ = try await Self.answer("sum({job=~\".+\"})", source, helpers: 2) {
                $0.seriesMax = 1_000
            }
        }
        await #expect(throws: QueryFailure.tooManySamples) { () async throws in
            _ = try await Self.answer("sum({job=~\".+\"})", source, helpers: 2) {
                $0.samplesMax = 99
            }
        }
    }

    @Test func cancelledQueryEndsItsHelpers() async throws {
        let source = Self.source(20_000)
        let query = Task {
            try await Self.answer("rate({job=~\".+\"}[20m])", source, helpers: 2) { _ in }
        }
        query.cancel()
        await #expect(throws: QueryFailure.self) { () async throws in
            _ = try await query.value
        }
    }

    /// Only what takes long leaves the thread on which it began, and once.
    @Test(arguments: [
        ("sum(requests_total)", 6, 0), ("sum(requests_total) + sum(requests_total)", 90, 1),
        ("sum({__name__=~\"requests_.*\"})", 6, 1), ("sum({job!~\"1|2\",instance!=\"\"})", 6, 1),
        ("1 + 1", 90, 0),
    ])
    func longWorkLeaves(_ query: String, _ seriesCount: Int, _ times: Int) async throws {
        let count = Atomic(0)
        _ = try await Self.answer(query, Self.source(seriesCount), helpers: 1) { options in
            options.onLongWork = { count.add(1, ordering: .relaxed) }
        }
        #expect(count.load(ordering: .relaxed) == times)
    }
}
