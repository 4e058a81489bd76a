import PerchModel
import Testing

@testable import PerchIngest

@Suite struct DeltaToCumulativeTests {
    private static func batch(
        _ name: String, _ points: [(time: Int64, value: Double)]
    ) -> SampleBatch {
        var batch = SampleBatch()
        let series = batch.addSeries(Labels([("__name__", name)]))
        for point in points {
            batch.addSample(series: series, timeMillis: point.time, value: point.value)
        }
        return batch
    }

    private static func convert(
        _ delta: DeltaToCumulative, _ batch: SampleBatch, now: Int64 = 0
    ) -> (batch: SampleBatch, refused: DeltaToCumulative.Refused) {
        var batch = batch
        let refused = delta.convert(&batch, delta: [0: 0], nowMillis: now)
        return (batch, refused)
    }

    @Test func incrementsAddUpAcrossBatches() {
        let delta = DeltaToCumulative()
        #expect(Self.convert(delta, Self.batch("a", [(1, 2), (2, 3)])).batch.values == [2, 5])
        #expect(Self.convert(delta, Self.batch("a", [(3, 1)])).batch.values == [6])
        #expect(Self.convert(delta, Self.batch("b", [(3, 1)])).batch.values == [1])
    }

    @Test func pointsInAnyOrderOfOneBatchAddUpByTime() {
        let result = Self.convert(DeltaToCumulative(), Self.batch("a", [(2, 3), (1, 2)]))
        #expect(result.batch.values == [5, 2])
        #expect(result.refused.count == 0)
    }

    /// A batch that is sent again must not count twice.
    @Test func aPointThatIsNotNewerIsRefused() {
        let delta = DeltaToCumulative()
        _ = Self.convert(delta, Self.batch("a", [(1, 2), (2, 3)]))
        let again = Self.convert(delta, Self.batch("a", [(1, 2), (2, 3), (3, 4)]))
        #expect(again.batch.values == [9])
        #expect(again.refused == DeltaToCumulative.Refused(overLimit: 0, notNewer: 2))
    }

    @Test func aGaugeBesideStaysAsItIs() {
        var batch = Self.batch("counter", [(1, 2)])
        let gauge = batch.addSeries(Labels([("__name__", "gauge")]))
        batch.addSample(series: gauge, timeMillis: 1, value: 40)
        batch.addSample(series: gauge, timeMillis: 1, value: 40)
        let delta = DeltaToCumulative()
        _ = Self.convert(delta, batch)
        #expect(Self.convert(delta, batch).batch.values == [40, 40])
    }

    @Test func seriesOverTheLimitAreRefusedUntilSomeAreSilent() {
        let delta = DeltaToCumulative(seriesMax: 1)
        let hour: Int64 = 3_600_000
        #expect(Self.convert(delta, Self.batch("a", [(1, 2)]), now: 1).batch.values == [2])
        let over = Self.convert(delta, Self.batch("b", [(2, 2)]), now: 2)
        #expect(over.refused.overLimit == 1)
        #expect(over.batch.sampleCount == 0)
        let later = Self.convert(
            delta, Self.batch("b", [(hour + 3, 2)]), now: hour + 2 + 60_000)
        #expect(later.batch.values == [2])
    }

    private static func histogram(
        _ offset: Int32, _ counts: [Double], schema: Int32 = 3
    ) -> NativeHistogram {
        var histogram = NativeHistogram()
        histogram.schema = schema
        histogram.positiveSpans = NativeHistogram.spans(firstIndex: offset, count: counts.count)
        histogram.positiveCounts = counts
        histogram.count = counts.reduce(0, +)
        histogram.sum = 1.5
        return histogram
    }

    private static func add(
        _ delta: DeltaToCumulative, _ time: Int64,
        _ histogram: NativeHistogram, name: String = "h"
    ) -> NativeHistogram? {
        var batch = SampleBatch()
        _ = batch.addSeries(Labels([("__name__", name)]))
        batch.histograms = [HistogramSample(series: 0, timeMillis: time, histogram: histogram)]
        _ = delta.convert(&batch, delta: [0: 0], nowMillis: time)
        return batch.histograms.first?.histogram
    }

    @Test func histogramsAddUpBucketByBucket() throws {
        let delta = DeltaToCumulative()
        _ = Self.add(delta, 1, Self.histogram(0, [1, 2]))
        let sum = try #require(Self.add(delta, 2, Self.histogram(-1, [5, 7])))
        #expect(sum.positiveSpans == [NativeHistogram.Span(offset: -1, length: 3)])
        #expect(sum.positiveCounts == [5, 8, 2])
        #expect(sum.count == 15)
        #expect(sum.sum == 3)
        #expect(Self.add(delta, 2, Self.histogram(0, [1])) == nil)
    }

    @Test func anotherScaleBeginsAnew() throws {
        let delta = DeltaToCumulative()
        _ = Self.add(delta, 1, Self.histogram(0, [1, 2]))
        let sum = Self.add(delta, 2, Self.histogram(0, [4], schema: 2))
        #expect(sum?.positiveCounts == [4])
    }

    /// Offsets from outside must not allocate what lies between them, nor overflow.
    @Test func offsetsFarApartAllocateNothingBetween() throws {
        let delta = DeltaToCumulative()
        _ = Self.add(delta, 1, Self.histogram(.min, [1]))
        #expect(Self.add(delta, 2, Self.histogram(.max, [5]))?.positiveCounts == [1, 5])
        #expect(Self.add(delta, 3, Self.histogram(.max, [2]))?.positiveCounts.count ?? 9 <= 3)
    }

    /// A sender whose buckets move on and on begins anew before its sum is large.
    @Test func aSumOfManyBucketsBeginsAnew() throws {
        let delta = DeltaToCumulative()
        let counts = [Double](repeating: 1, count: 3_000)
        _ = Self.add(delta, 1, Self.histogram(0, counts))
        let sum = Self.add(delta, 2, Self.histogram(3_000, counts))
        #expect(sum?.positiveCounts.count == 3_000)
    }

    @Test func bucketsOfAllSumsAreBounded() throws {
        let delta = DeltaToCumulative(bucketsMax: 10)
        _ = Self.add(delta, 1, Self.histogram(0, [1, 1, 1, 1, 1, 1]), name: "a")
        _ = Self.add(delta, 1, Self.histogram(0, [1, 1, 1, 1, 1, 1]), name: "b")
        let anew = Self.add(delta, 2, Self.histogram(0, [3]), name: "a")
        #expect(anew?.positiveCounts == [3])
    }
}
