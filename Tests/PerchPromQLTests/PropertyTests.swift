import PerchModel
import PerchTestSupport
import Testing

@testable import PerchPromQL

/// What holds for all queries, tried on many.
@Suite struct PropertyTests {
    /// A sample, so that two can be compared.
    private struct Sample: Equatable, CustomStringConvertible {
        var value: Double
        var histogram: NativeHistogram?

        static func == (left: Sample, right: Sample) -> Bool {
            guard let a = left.histogram, let b = right.histogram else {
                return left.histogram == nil && right.histogram == nil
                    && AlmostEqual.check(left.value, right.value, tolerance: 1e-9)
            }
            return a.schema == b.schema && a.positive.indexes == b.positive.indexes
                && AlmostEqual.check(a.count, b.count, tolerance: 1e-9)
                && AlmostEqual.check(a.sum, b.sum, tolerance: 1e-9)
        }

        var description: String { histogram?.scriptText ?? NumberText.general(value) }
    }

    /// The middle of a range query is what an instant query gives at that time: each is computed in
    /// another way where times are fixed, windows move, and values are put together.
    @Test(arguments: 1...40)
    func aRangeIsManyInstants(_ seed: Int) async throws {
        var random = RandomQueries(seed: UInt64(seed))
        let store = InMemorySampleStore()
        try await store.append(random.batch())
        let engine = QueryEngine(source: store)
        for _ in 0..<25 {
            let query = random.vector(3)
            let times = QueryTimes.range(200_000, 1_100_000, step: 100_000)
            guard case .matrix(let matrix) = try? await engine.evaluate(query, times).value else {
                continue
            }
            for time in stride(from: times.start, through: times.end, by: 100_000) {
                var expected: [Labels: Sample] = [:]
                for series in matrix {
                    if let index = series.times.firstIndex(of: time) {
                        expected[series.labels] = Sample(value: series.values[index])
                    } else if let index = series.histogramTimes.firstIndex(of: time) {
                        expected[series.labels] = Sample(
                            value: 0, histogram: series.histograms[index])
                    }
                }
                let value = try await engine.evaluate(query, .instant(time)).value
                guard case .vector(let vector) = value else {
                    Issue.record("no vector: \(query)")
                    return
                }
                var found: [Labels: Sample] = [:]
                for sample in vector {
                    found[sample.labels] = Sample(
                        value: sample.value, histogram: sample.histogram)
                }
                #expect(found == expected, "seed \(seed) at \(time): \(query)")
            }
        }
    }

    /// The text of a tree is read back as the same tree.
    @Test(arguments: 1...20)
    func textIsReadBack(_ seed: Int) throws {
        var random = RandomQueries(seed: UInt64(seed))
        for _ in 0..<200 {
            let query = random.vector(4)
            let text = try Parser.parse(query).text
            #expect(try Parser.parse(text).text == text, "\(query)")
            let pretty = try Parser.parse(query).prettyText
            #expect(try Parser.parse(pretty).text == text, "\(query)")
        }
    }

    /// Most random queries are answered; else the other tests would say little.
    @Test func mostQueriesAreAnswered() async throws {
        var random = RandomQueries(seed: 1)
        let store = InMemorySampleStore()
        try await store.append(random.batch())
        let engine = QueryEngine(source: store)
        var answered = 0
        for _ in 0..<200 {
            let result = try? await engine.evaluate(random.vector(3), .instant(600_000))
            if case .vector(let samples) = result?.value, !samples.isEmpty { answered += 1 }
        }
        #expect(answered > 60)
    }
}
