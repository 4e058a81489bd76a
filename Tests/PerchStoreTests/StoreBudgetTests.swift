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
        let writer = try await TestStores.samples(files) { $0.fileByteCountMax = 8_000 }
        for _ in 0..<40 {
            let batch = random.batch()
            try await writer.append(batch)
            try await oracle.append(batch)
        }
        // Descriptions are read with the files in memory only, so the newest file repeats them.
        var last = SampleBatch()
        last.metadata = try await oracle.metadata()
        try await writer.flush()
        try await writer.append(last)
        await writer.close()
        let store = try await TestStores.samples(files) { options in
            options.headByteCountMax = headByteCountMax
            options.fileByteCountMax = 8_000
        }
        try await SampleStoreContract.compare(store, oracle, &random, questionCount: 40)
        if headByteCountMax == 1 { #expect(store.stats.fileCountOnDiskOnly > 0) }
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

    @Test("new series over the limit are refused, known ones taken")
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
        await #expect(throws: StoreFailure.self) { try await store.append(batch(["c"], 2)) }
        try await store.append(batch(["b", "a"], 3))
        #expect(store.stats.seriesCount == 2)
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
