import PerchModel
import PerchTestSupport
import Testing

@testable import PerchPromQL

/// The quick way of `rate` against the plain one.
@Suite struct RateTests {
    private static func series(_ random: inout SeededGenerator) -> WindowSeries {
        var chunk = SeriesChunk(labels: Labels([("__name__", "a_total")]))
        var time: Int64 = 0
        var value = 0.0
        for _ in 0..<Int.random(in: 0..<80, using: &random) {
            time += Int64.random(in: 1..<40_000, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0: value = 0
            case 1: value = .nan
            case 2: value = StepSeries.absent
            default: value = value.isNaN ? 1 : value + Double.random(in: 0..<9, using: &random)
            }
            chunk.times.append(time)
            chunk.values.append(value)
        }
        return WindowSeries(chunk)
    }

    @Test(arguments: [Function.rate, .increase, .delta], 1...40)
    func bothWaysAgree(_ function: Function, _ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let series = Self.series(&random)
        let window = RangeWindow(start: 100_000, step: 17_000, millis: 120_000)
        let grid = StepGrid(start: 100_000, step: 17_000, count: 60)
        var kernel = RangeKernel(
            function: function, rangeSeconds: 120, scalars: [],
            place: SourceRange(start: 0, end: 0))
        let quick = kernel.evaluate(series, grid, window)
        // A histogram long after the last window sends all windows the plain way.
        var plain = series
        plain.histogramTimes = [.max]
        plain.histograms = [NativeHistogram()]
        let expected = kernel.evaluate(plain, grid, window)
        #expect(quick?.values.map(\.bitPattern) == expected?.values.map(\.bitPattern))
        #expect((quick == nil) == (expected == nil))
    }

    /// Sums whose windows slide, against windows that are each added up; among the numbers are large
    /// ones that hide small ones for a while.
    @Test(arguments: [Function.sumOverTime, .avgOverTime], 1...60)
    func slidingSumsAgree(_ function: Function, _ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var series = Self.series(&random)
        for index in series.values.indices where !StepSeries.isAbsent(series.values[index]) {
            let power = Double(Int.random(in: 0..<seed, using: &random)) * 4 - 30
            if Int.random(in: 0..<5, using: &random) == 0 {
                series.values[index] *= power.sign == .minus ? -1e-9 : Mathematics.power(10, power)
            }
        }
        let window = RangeWindow(start: 100_000, step: 17_000, millis: 120_000)
        let grid = StepGrid(start: 100_000, step: 17_000, count: 60)
        var kernel = RangeKernel(
            function: function, rangeSeconds: 120, scalars: [],
            place: SourceRange(start: 0, end: 0))
        let quick = kernel.evaluate(series, grid, window)
        var plain = series
        plain.histogramTimes = [.max]
        plain.histograms = [NativeHistogram()]
        let expected = kernel.evaluate(plain, grid, window)
        #expect((quick == nil) == (expected == nil))
        for (one, other) in zip(quick?.values ?? [], expected?.values ?? []) {
            let isSame = one.bitPattern == other.bitPattern || (one.isNaN && other.isNaN)
            #expect(isSame || abs(one - other) <= abs(other) * 1e-14, "\(one) \(other)")
        }
    }

    @Test func labelsAreTakenOver() {
        let many = Labels([("a", "1"), ("m", "2"), ("z", "3")])
        let one = Labels([("b", "4"), ("m", "5"), ("zz", "6")])
        func take(_ names: [String]) -> Labels {
            many.replacing(names.map { Array($0.utf8) }, from: one)
        }
        #expect(take(["b", "zz"]) == many.setting([("b", "4"), ("zz", "6")]))
        #expect(take(["m"]) == many.setting([("m", "5")]))
        #expect(take(["a"]) == many.setting([("a", "")]))
        #expect(take(["none"]) == many)
    }

    @Test func orderIsThatOfLabels() {
        let labels = [
            [("a", "1")], [("a", "1"), ("b", "2")], [("a", "10")], [("a", "2")], [("aa", "1")],
            [("b", "")], [("b", "1")], [("ab", "longer than eight bytes")],
            [("ab", "longer than eight bytes"), ("c", "1")],
        ].map { Labels($0) }
        let sorted = LabelOrder.sorted(labels.reversed(), { $0 })
        #expect(sorted == labels.sorted { Labels.isBefore($0, $1) })
    }

    /// Source: the test vectors of xxHash.
    @Test(
        arguments: [
            ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b),
            ("abc", 0x44bc_2cf5_ad77_0999),
            ("The quick brown fox jumps over the lazy dog", 0x0b24_2d36_1fda_71bc),
        ] as [(String, UInt64)])
    func hashIsThatOfPrometheus(_ text: String, _ hash: UInt64) {
        #expect(XXHash64.hash(Array(text.utf8)) == hash)
    }
}
