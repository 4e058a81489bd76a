import PerchModel
import Testing

@testable import PerchPromQL

@Suite struct ClassicHistogramTests {
    private static func histogram(
        schema: Int32, first: Int32, _ counts: [Double], zero: Double = 0, negative: [Double] = []
    ) -> NativeHistogram {
        var histogram = NativeHistogram()
        histogram.schema = schema
        histogram.positiveSpans = NativeHistogram.spans(firstIndex: first, count: counts.count)
        histogram.positiveCounts = counts
        histogram.negativeSpans = NativeHistogram.spans(firstIndex: 1, count: negative.count)
        histogram.negativeCounts = negative
        histogram.zeroCount = zero
        histogram.zeroThreshold = 0.001
        return histogram
    }

    /// MET-10: native histograms leave as buckets that every reader knows.
    @Test func bucketsAddUp() {
        let fine = Self.histogram(schema: 0, first: 1, [1, 2, 3], zero: 4, negative: [5])
        let coarse = Self.histogram(schema: -1, first: 1, [6])
        let classic = ClassicHistogram([fine, coarse])
        #expect(classic.bounds == [-1, 0.001, 2, 4, 8])
        #expect(classic.counts(fine) == [5, 9, 10, 12, 15])
        #expect(classic.counts(coarse) == [0, 0, 0, 6, 6])
    }

    @Test func listedBoundsStayThemselves() {
        var histogram = NativeHistogram()
        histogram.schema = NativeHistogram.customBoundsSchema
        histogram.customBounds = [0.1, 2.5]
        histogram.positiveSpans = NativeHistogram.spans(firstIndex: 0, count: 3)
        histogram.positiveCounts = [1, 2, 4]
        let classic = ClassicHistogram([histogram])
        #expect(classic.bounds == [0.1, 2.5])
        #expect(classic.counts(histogram) == [1, 3])
    }
}
