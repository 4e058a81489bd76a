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

    /// Converts and commits, as a store that takes everything makes it.
    private static func convert(
        _ delta: DeltaToCumulative, _ batch: SampleBatch, now: Int64 = 0
    ) async -> (batch: SampleBatch, refused: DeltaToCumulative.Refused) {
        var batch = batch
        let conversion = await delta.convert(&batch, delta: [0: 0], nowMillis: now)
        let refused = conversion.refused
        delta.commit(conversion)
        return (batch, refused)
    }

    @Test func incrementsAddUpAcrossBatches() async {
        let delta = DeltaToCumulative()
        #expect(
            await Self.convert(delta, Self.batch("a", [(1, 2), (2, 3)])).batch.values == [2, 5])
        #expect(await Self.convert(delta, Self.batch("a", [(3, 1)])).batch.values == [6])
        #expect(await Self.convert(delta, Self.batch("b", [(3, 1)])).batch.values == [1])
    }

    @Test func pointsInAnyOrderOfOneBatchAddUpByTime() async {
        let result = await Self.convert(DeltaToCumulative(), Self.batch("a", [(2, 3), (1, 2)]))
        #expect(result.batch.values == [5, 2])
        #expect(result.refused.count == 0)
    }

    /// A batch that is sent again must not count twice.
    @Test func aPointThatIsNotNewerIsRefused() async {
        let delta = DeltaToCumulative()
        _ = await Self.convert(delta, Self.batch("a", [(1, 2), (2, 3)]))
        let again = await Self.convert(delta, Self.batch("a", [(1, 2), (2, 3), (3, 4)]))
        #expect(again.batch.values == [9])
        #expect(again.refused == DeltaToCumulative.Refused(overLimit: 0, notNewer: 2))
    }

    @Test func aGaugeBesideStaysAsItIs() async {
        var batch = Self.batch("counter", [(1, 2)])
        let gauge = batch.addSeries(Labels([("__name__", "gauge")]))
        batch.addSample(series: gauge, timeMillis: 1, value: 40)
        batch.addSample(series: gauge, timeMillis: 1, value: 40)
        let delta = DeltaToCumulative()
        _ = await Self.convert(delta, batch)
        #expect(await Self.convert(delta, batch).batch.values == [40, 40])
    }

    @Test func seriesOverTheLimitAreRefusedUntilSomeAreSilent() async {
        let delta = DeltaToCumulative(seriesMax: 1)
        let hour: Int64 = 3_600_000
        #expect(await Self.convert(delta, Self.batch("a", [(1, 2)]), now: 1).batch.values == [2])
        let over = await Self.convert(delta, Self.batch("b", [(2, 2)]), now: 2)
        #expect(over.refused.overLimit == 1)
        #expect(over.batch.sampleCount == 0)
        let later = await Self.convert(
            delta, Self.batch("b", [(hour + 3, 2)]), now: hour + 2 + 60_000)
        #expect(later.batch.values == [2])
    }

    /// What the store did not take must not be in the sum when the sender tries again.
    @Test func whatIsAbandonedCountsNotAtAll() async {
        let delta = DeltaToCumulative()
        #expect(await Self.convert(delta, Self.batch("a", [(1, 2)])).batch.values == [2])
        var failed = Self.batch("a", [(2, 3)])
        delta.abandon(await delta.convert(&failed, delta: [0: 0], nowMillis: 0))
        let again = await Self.convert(delta, Self.batch("a", [(2, 3)]))
        #expect(again.batch.values == [5])
        #expect(again.refused.count == 0)
    }

    /// Two batches of one series at once: the second is added to what became of the first.
    @Test(arguments: [true, false])
    func aSecondBatchOfASeriesWaitsForTheFirst(_ isTaken: Bool) async {
        let delta = DeltaToCumulative()
        var first = Self.batch("a", [(1, 2)])
        let conversion = await delta.convert(&first, delta: [0: 0], nowMillis: 0)
        async let second = Self.convert(delta, Self.batch("a", [(2, 3)]))
        // Another series does not wait.
        #expect(await Self.convert(delta, Self.batch("b", [(1, 7)])).batch.values == [7])
        try? await Task.sleep(for: .milliseconds(20))
        if isTaken { delta.commit(conversion) } else { delta.abandon(conversion) }
        #expect(await second.batch.values == [isTaken ? 5 : 3])
    }

    @Test func seriesThatAreKnownTakeNoRoomOfNewOnes() async {
        let delta = DeltaToCumulative(seriesMax: 3)
        var batch = Self.batch("a", [(1, 2)])
        _ = batch.addSeries(Labels([("__name__", "b")]))
        batch.addSample(series: 1, timeMillis: 1, value: 1)
        delta.commit(await delta.convert(&batch, delta: [0: 0, 1: 0], nowMillis: 1))
        var next = Self.batch("a", [(2, 2)])
        for name in ["b", "c", "d"] {
            let series = next.addSeries(Labels([("__name__", name)]))
            next.addSample(series: series, timeMillis: 2, value: 1)
        }
        let conversion = await delta.convert(
            &next, delta: [0: 0, 1: 0, 2: 0, 3: 0], nowMillis: 2)
        #expect(conversion.refused.overLimit == 1)
        #expect(next.values == [4, 2, 1])
        delta.commit(conversion)
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
    ) async -> NativeHistogram? {
        var batch = SampleBatch()
        _ = batch.addSeries(Labels([("__name__", name)]))
        batch.histograms = [HistogramSample(series: 0, timeMillis: time, histogram: histogram)]
        delta.commit(await delta.convert(&batch, delta: [0: 0], nowMillis: time))
        return batch.histograms.first?.histogram
    }

    @Test func histogramsAddUpBucketByBucket() async throws {
        let delta = DeltaToCumulative()
        _ = await Self.add(delta, 1, Self.histogram(0, [1, 2]))
        let sum = try #require(await Self.add(delta, 2, Self.histogram(-1, [5, 7])))
        #expect(sum.positiveSpans == [NativeHistogram.Span(offset: -1, length: 3)])
        #expect(sum.positiveCounts == [5, 8, 2])
        #expect(sum.count == 15)
        #expect(sum.sum == 3)
        #expect(await Self.add(delta, 2, Self.histogram(0, [1])) == nil)
    }

    @Test func anotherScaleBeginsAnew() async throws {
        let delta = DeltaToCumulative()
        _ = await Self.add(delta, 1, Self.histogram(0, [1, 2]))
        let sum = await Self.add(delta, 2, Self.histogram(0, [4], schema: 2))
        #expect(sum?.positiveCounts == [4])
    }

    /// Offsets from outside must not allocate what lies between them, nor overflow.
    @Test func offsetsFarApartAllocateNothingBetween() async throws {
        let delta = DeltaToCumulative()
        _ = await Self.add(delta, 1, Self.histogram(.min, [1]))
        #expect(await Self.add(delta, 2, Self.histogram(.max, [5]))?.positiveCounts == [1, 5])
        #expect(await Self.add(delta, 3, Self.histogram(.max, [2]))?.positiveCounts.count ?? 9 <= 3)
    }

    /// A sender whose buckets move on and on begins anew before its sum is large.
    @Test func aSumOfManyBucketsBeginsAnew() async throws {
        let delta = DeltaToCumulative()
        let counts = [Double](repeating: 1, count: 3_000)
        _ = await Self.add(delta, 1, Self.histogram(0, counts))
        let sum = await Self.add(delta, 2, Self.histogram(3_000, counts))
        #expect(sum?.positiveCounts.count == 3_000)
    }

    @Test func bucketsOfAllSumsAreBounded() async throws {
        let delta = DeltaToCumulative(bucketsMax: 10)
        _ = await Self.add(delta, 1, Self.histogram(0, [1, 1, 1, 1, 1, 1]), name: "a")
        _ = await Self.add(delta, 1, Self.histogram(0, [1, 1, 1, 1, 1, 1]), name: "b")
        let anew = await Self.add(delta, 2, Self.histogram(0, [3]), name: "a")
        #expect(anew?.positiveCounts == [3])
    }
}
