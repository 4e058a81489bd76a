import PerchModel
import PerchTestSupport
import Testing

@testable import PerchSeries

/// What matchers select, and the values of labels, beside the plainest look at all series.
@Suite("Matchers over head and segments")
struct SeriesMatcherTests {
    private static let times: ClosedRange<Int64> = 0...9000

    /// Of `a` few have a value and many have none, of `b` many share one, `c` tells all apart.
    private static func labels(_ number: Int) -> [(name: String, value: String)] {
        [
            ("__name__", number % 5 == 0 ? "rare" : "common"),
            ("a", number % 40 == 0 ? "x\(number % 3)" : ""),
            ("b", number % 7 == 0 ? "other" : "same"), ("c", "\(number)"),
        ]
    }

    private static let matchers: [LabelMatcher] = [
        LabelMatcher("__name__", .equal, "rare"), LabelMatcher("__name__", .notEqual, "rare"),
        LabelMatcher("__name__", .matches, "r.*"), LabelMatcher("a", .equal, "x1"),
        LabelMatcher("a", .equal, ""), LabelMatcher("a", .notEqual, ""),
        LabelMatcher("a", .matches, "x[01]"), LabelMatcher("a", .notMatches, "x.*"),
        LabelMatcher("a", .matches, "(x1)?"), LabelMatcher("b", .equal, "same"),
        LabelMatcher("b", .notEqual, "none"), LabelMatcher("b", .equal, "none"),
        LabelMatcher("c", .matches, "1.|2.."), LabelMatcher("c", .notMatches, ".*0"),
        LabelMatcher("d", .equal, ""), LabelMatcher("d", .matches, ".+"),
    ]

    private static func store() async throws -> SeriesStore {
        let store = try await TestStores.samples()
        for half in 0..<2 {
            var batch = SampleBatch()
            for number in half * 200..<half * 200 + 200 {
                let series = batch.addSeries(Labels(labels(number)))
                batch.addSample(series: series, timeMillis: 1000, value: 1)
            }
            try await store.append(batch)
            if half == 0 { try await store.flush() }
        }
        return store
    }

    private static func holds(_ matcher: LabelMatcher, _ value: String) throws -> Bool {
        switch matcher.operation {
        case .equal: value == matcher.value
        case .notEqual: value != matcher.value
        case .matches: try Regex("^(?:\(matcher.value))$").firstMatch(in: value) != nil
        case .notMatches: try Regex("^(?:\(matcher.value))$").firstMatch(in: value) == nil
        }
    }

    /// Of each matcher the series for which it holds.
    private static func held() throws -> [Set<Int>] {
        try matchers.map { matcher in
            var fits: [String: Bool] = [:]
            return Set(
                try (0..<400).filter { number in
                    let value = labels(number).first { $0.name == matcher.name }?.value ?? ""
                    if let known = fits[value] { return known }
                    let answer = try holds(matcher, value)
                    fits[value] = answer
                    return answer
                })
        }
    }

    @Test("every two and three matchers select what a plain look at all series does")
    func selections() async throws {
        let store = try await Self.store()
        let held = try Self.held()
        let all = (0..<400).map { Labels(Self.labels($0)) }
        for first in Self.matchers.indices {
            for second in Self.matchers.indices[first...] {
                let third = (first * 5 + second * 3) % Self.matchers.count
                for chosen in [[first, second], [first, second, third]] {
                    let matchers = chosen.map { Self.matchers[$0] }
                    var query = SampleQuery(matchers: matchers, times: Self.times)
                    query.labelsOnly = true
                    let chunks = try await store.all(query)
                    let numbers = chosen.dropFirst().reduce(held[first]) {
                        $0.intersection(held[$1])
                    }
                    #expect(
                        Set(chunks.map(\.labels)) == Set(numbers.map { all[$0] }), "\(matchers)")
                }
            }
        }
        await store.close()
    }

    @Test("the values of a label are those of the series that matchers select")
    func values() async throws {
        let store = try await Self.store()
        let held = try Self.held()
        for name in ["__name__", "a", "b"] {
            for (matcher, numbers) in zip(Self.matchers, held) {
                let found = try await store.labelValues(
                    name, [matcher], times: Self.times, limit: nil)
                let expected = Set(numbers.compactMap { Labels(Self.labels($0))[name] })
                #expect(found == expected.sorted(), "\(name), \(matcher)")
            }
        }
        await store.close()
    }
}
