import PerchModel
import PerchTestSupport
import Synchronization
import Testing

@testable import PerchPromQL

/// What a query may use, and what clients read when it is too much.
@Suite struct LimitTests {
    private static func store(series: Int, samples: Int) async throws -> InMemorySampleStore {
        let store = InMemorySampleStore()
        var batch = SampleBatch()
        for index in 0..<series {
            let number = batch.addSeries(
                Labels([("__name__", "a_total"), ("n", "\(index)"), ("parity", "\(index % 2)")]))
            for step in 0..<samples {
                batch.addSample(
                    series: number, timeMillis: Int64(step) * 1_000, value: Double(step))
            }
        }
        try await store.append(batch)
        return store
    }

    private static func failure(
        _ query: String, _ times: QueryTimes = .instant(100_000),
        _ change: (inout QueryOptions) -> Void = { _ in }
    ) async throws -> QueryFailure? {
        var options = QueryOptions()
        change(&options)
        let engine = QueryEngine(
            source: try await store(series: 20, samples: 100), options: options)
        do {
            _ = try await engine.evaluate(query, times)
            return nil
        } catch {
            return error
        }
    }

    @Test func samplesAreLimited() async throws {
        let tooMany = QueryFailure.execution(
            "query processing would load too many samples into memory in query execution")
        #expect(try await Self.failure("a_total[1h]") { $0.samplesMax = 500 } == tooMany)
        #expect(try await Self.failure("rate(a_total[1h])") { $0.samplesMax = 99 } == tooMany)
        #expect(try await Self.failure("a_total + a_total") { $0.samplesMax = 30 } == tooMany)
        // Series that are added up one by one are not held.
        #expect(try await Self.failure("sum(rate(a_total[1h]))") { $0.samplesMax = 110 } == nil)
        #expect(
            try await Self.failure("max_over_time(vector(1)[1000d:1ms])")?.message
                == tooMany.message)
    }

    @Test func bytesAndSeriesAreLimited() async throws {
        #expect(
            try await Self.failure("a_total") { $0.byteCountMax = 1_000 }?.message
                == "query processing would use more than 1000 bytes of memory")
        #expect(
            try await Self.failure("sum(a_total)") { $0.seriesMax = 19 }?.message
                == "the query hit the max number of series limit (limit: 19 series)")
    }

    /// What was held is given back, or long queries would fail for nothing.
    @Test func whatWasHeldIsGivenBack() async throws {
        let terms = [
            "sum by (parity) (a_total)", "topk(3, a_total)", "quantile(0.5, a_total)",
            "count_values(\"v\", a_total)", "sort(a_total)",
            "label_replace(a_total, \"x\", \"y\", \"\", \"\")",
            "a_total and a_total", "absent(a_total)", "sum_over_time(a_total[1m:1s])",
            "histogram_quantile(0.5, a_total)", "info(a_total)", "a_total * on(n) a_total",
        ]
        for term in terms {
            let evaluator = Evaluator(
                source: try await Self.store(series: 20, samples: 100), options: QueryOptions())
            let grid = StepGrid(start: 50_000, step: 1_000, count: 20)
            let query = try Preparation(times: .range(50_000, 69_000, step: 1_000))
                .prepare(try Parser.parse(term))
            try await evaluator.evaluate(query, grid) { (_) throws(QueryFailure) in }
            #expect(evaluator.heldSamples == 0, "\(term)")
            #expect(evaluator.heldBytes == 0, "\(term)")
        }
    }

    @Test func queriesThatRunTooLongAreStopped() async throws {
        let ticks = TickingClock()
        let failure = try await Self.failure("sum(a_total)") {
            $0.timeoutNanos = 5_000_000_000
            $0.clock = { ticks.next() }
        }
        #expect(failure == .timeout("query timed out in expression evaluation"))
        #expect(failure?.kind == "timeout")
    }

    /// A clock that moves on by a second each time it is looked at.
    private final class TickingClock: Sendable {
        private let nanos = Mutex<Int64>(0)

        func next() -> Int64 {
            nanos.withLock {
                $0 += 1_000_000_000
                return $0
            }
        }
    }

    @Test func cancelledQueriesStop() async throws {
        let engine = QueryEngine(source: try await Self.store(series: 20, samples: 100))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            do {
                _ = try await engine.evaluate("sum(a_total)", .instant(100_000))
                return ""
            } catch {
                return (error as? QueryFailure)?.message ?? ""
            }
        }
        task.cancel()
        #expect(await task.value == "query was canceled in expression evaluation")
    }

    /// Times and durations at the ends of what a number can say must not trap.
    @Test(arguments: [
        "a_total @ 9.1e15", "a_total @ -9.1e15", "rate(a_total[292y] @ -9.1e15 offset 292y)",
        "a_total offset 9e9", "a_total offset -9e9", "sum_over_time(a_total[292y:10y] offset 292y)",
        "sum_over_time(a_total[1d:1h] @ 9.1e15)", "predict_linear(a_total[292y], 1e300)",
        "day_of_year(vector(1e300))", "year(vector(-1e17))", "a_total[1h] offset -292y",
        "topk(9.2e18, a_total)", "bottomk(-9.2e18, a_total)", "a_total[2^63]",
        "quantile(-Inf, a_total)", "timestamp(a_total @ 9.1e15)", "limitk(1e18, a_total)",
    ])
    func farTimesAreAnswered(_ query: String) async throws {
        for time in [-(1 << 53), -1, 0, 1_700_000_000_000, 1 << 53] as [Int64] {
            _ = try await Self.failure(query, .instant(time))
            _ = try await Self.failure(query, .range(time / 2, time / 2 + 10_000, step: 5_000))
        }
    }

    @Test func badTimesAreRefused() async throws {
        #expect(
            try await Self.failure("a_total", .range(0, 10, step: 0))?.message
                == "zero or negative query resolution step widths are not accepted. Try a positive "
                + "integer")
        #expect(
            try await Self.failure("a_total", .range(10, 0, step: 1))?.message
                == "end timestamp must not be before start time")
        #expect(try await Self.failure("a_total", .instant(.max))?.kind == "bad_data")
        #expect(try await Self.failure("a_total", .range(.min, .max, step: 1))?.kind == "bad_data")
        #expect(
            try await Self.failure("a_total", .range(0, 1 << 53, step: 1))?.kind == "execution")
    }

    /// A long row of operators makes a deep tree, which must not exhaust the stack.
    @Test func longRowsAreAnswered() async throws {
        for (part, end) in [("1 + ", "1"), ("a_total or ", "a_total"), ("vector(1) + ", "1")] {
            let query = String(repeating: part, count: 498) + end
            #expect(try await Self.failure(query, .range(0, 10_000, step: 5_000)) == nil)
            #expect(try Parser.parse(query).text.isEmpty == false)
            #expect(try Parser.parse(query).prettyText.isEmpty == false)
            #expect(throws: ParseFailure.self) {
                try Parser.parse(part + part + "(\(query))")
            }
        }
    }

    /// Histograms as a damaged store may give them: buckets out of reach, counts that do not fit.
    @Test func oddHistogramsDoNotTrap() {
        var odd: [NativeHistogram] = []
        for (schema, offset, length, counts) in [
            (0, Int32.max, 3, [1.0, 2, 3]), (8, .min, 1, [1, 2, 3]), (-4, 5, 9, [1.0]),
            (-53, -7, 3, [1.0, 2, 3]), (-53, 2, 3, [1.0, 2, 3]), (.min, 1, 2, [1.0, 2]),
            (.max, 1, 2, [1.0, 2]),
        ] as [(Int32, Int32, UInt32, [Double])] {
            var histogram = NativeHistogram()
            histogram.schema = schema
            histogram.count = 6
            histogram.sum = 1
            histogram.zeroThreshold = Double(odd.count) / 4
            histogram.positiveSpans = [NativeHistogram.Span(offset: offset, length: length)]
            histogram.positiveCounts = counts
            histogram.negativeSpans = histogram.positiveSpans
            histogram.negativeCounts = counts
            if histogram.usesCustomBounds { histogram.customBounds = [1, 2] }
            odd.append(histogram)
        }
        for left in odd {
            for right in odd {
                var sum = left
                _ = sum.add(right)
                _ = sum.subtract(left)
                _ = left.isReset(after: right)
                var mean = HistogramMean(left)
                _ = mean.add(right)
                _ = mean.value.quantile(0.5)
            }
            _ = left.fraction(from: 0, to: 1)
            _ = left.trimmed(at: 0.5, keepsLower: true)
            _ = left.variance
            _ = left.text
            _ = left.scriptText
            _ = left.compacted()
        }
    }
}
