import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@Suite("Budgets of memory and disk of samples")
struct StoreBudgetTests {
    @Test("a reopened series store answers alike with any budget", arguments: [1, 60_000, 1 << 28])
    func samplesWithBudget(headByteCountMax: Int) async throws {
        let files = InMemoryFiles()
        let oracle = InMemorySampleStore()
        var random = RandomSamples(seed: 5)
        func open() async throws -> SeriesStore {
            try await TestStores.samples(files) { options in
                options.fileByteCountMax = 8_000
                options.headByteCountMax = headByteCountMax
            }
        }
        let writer = try await open()
        for _ in 0..<40 {
            let batch = random.batch()
            try await writer.append(batch)
            try await oracle.append(batch)
            await writer.maintain()
        }
        let sampleCount = writer.stats.sampleCount
        if headByteCountMax == 1 { #expect(writer.stats.mergeCount > 5) }
        await writer.close()
        let store = try await open()
        try await SampleStoreContract.compare(store, oracle, &random, questionCount: 40)
        #expect(store.stats.sampleCount == sampleCount)
        if headByteCountMax == 1 { #expect(store.stats.segmentCount > 3) }
        if headByteCountMax == 1 << 28 { #expect(store.stats.segmentCount == 0) }
        await store.close()
    }

    @Test("samples older than the retention go with their file")
    func samplesOverRetention() async throws {
        let clock = ManualClock()
        let now = clock.now() / 1_000_000
        let store = try await TestStores.samples(clock: clock) { $0.retentionMillis = 60_000 }
        var batch = SampleBatch()
        let series = batch.addSeries(Labels([("__name__", "a")]))
        batch.addSample(series: series, timeMillis: now, value: 1)
        try await store.append(batch)
        try await store.flush()
        await store.maintain()
        #expect(store.stats.sampleCount == 1)
        clock.advance(nanos: 61_000_000_000)
        await store.maintain()
        #expect(store.stats.sampleCount == 0)
        #expect(store.stats.removedSampleCount == 1)
        #expect(try await store.all(SampleQuery(matchers: [], times: 0...(2 * now))).isEmpty)
        await store.close()
    }

    @Test("of a batch only the new series over the limit are refused, and one is named")
    func seriesLimit() async throws {
        let store = try await TestStores.samples { $0.seriesCountMax = 2 }
        func batch(_ names: [String], _ time: Int64) -> SampleBatch {
            var batch = SampleBatch()
            for name in names {
                let series = batch.addSeries(Labels([("__name__", name)]))
                batch.addSample(series: series, timeMillis: time, value: 1)
            }
            return batch
        }
        try await store.append(batch(["a", "b"], 1))
        let refusals = try await store.write(batch(["a", "c", "d", "b"], 2), isBackfill: false)
        #expect(refusals.overSeriesLimit == 2)
        #expect(refusals.overSeriesLimitMetric == "c")
        #expect(refusals.message.contains("as of c"))
        #expect(store.stats.seriesCount == 2)
        #expect(store.stats.sampleCount == 4)
        #expect(store.stats.refusals.overSeriesLimit == 2)
        await store.close()
    }

    @Test("a conflicting sample at one time is counted, a repeated one is not")
    func conflictsAreCounted() async throws {
        let store = try await TestStores.samples()
        for value in [1.0, 1, 2] {
            var batch = SampleBatch()
            let series = batch.addSeries(Labels([("__name__", "a")]))
            batch.addSample(series: series, timeMillis: 1, value: value)
            try await store.append(batch)
        }
        #expect(store.stats.conflictCount == 1)
        await store.close()
    }
}
