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
        let store = try await TestStores.samples { $0.bounds.totalMax = 2 }
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
        #expect(refusals.culprit?.metric == "c")
        #expect(refusals.culprit?.limit == .total)
        #expect(refusals.message.contains("the limit of 2 series: the metric c has 0"))
        #expect(store.stats.seriesCount == 2)
        #expect(store.stats.sampleCount == 4)
        #expect(store.stats.refusals.overSeriesLimit == 2)
        await store.close()
    }

    /// CAR-1, CAR-3: a label with ever new values makes neither the memory nor other metrics suffer,
    /// and is named.
    @Test("a metric whose label grows and grows is stopped and named; others go on")
    func hostileLabel() async throws {
        let store = try await TestStores.samples { $0.bounds.metricMax = 1000 }
        func batch(_ values: Range<Int>, _ time: Int64) -> SampleBatch {
            var batch = SampleBatch()
            for value in values {
                let series = batch.addSeries(
                    Labels([
                        ("__name__", "hits"), ("instance", "i"), ("route", "/\(value % 3)"),
                        ("user", "u\(value)"),
                    ]))
                batch.addSample(series: series, timeMillis: time, value: 1)
            }
            return batch
        }
        // Values of the same label in another metric are not this one's.
        var others = SampleBatch()
        for value in 0..<900 {
            let series = others.addSeries(Labels([("__name__", "logins"), ("user", "v\(value)")]))
            others.addSample(series: series, timeMillis: 1, value: 1)
        }
        try await store.append(others)
        var refused = 0
        for round in 0..<20 {
            let refusals = try await store.write(
                batch(round * 1000..<(round + 1) * 1000, Int64(round + 1)), isBackfill: false)
            refused += refusals.overMetricLimit
            guard round > 0 else { continue }
            #expect(refusals.culprit?.limit == .metric)
            #expect(
                refusals.message == "1000 of new series over the limit of 1000 series of one "
                    + "metric: the metric hits has 1000, and its label user has 1000 values")
        }
        #expect(refused == 19_000)
        #expect(store.stats.refusals.overMetricLimit == 19_000)
        #expect(store.stats.seriesCount == 1900)
        // Known series and other metrics are taken.
        var next = batch(0..<1000, 30)
        let other = next.addSeries(Labels([("__name__", "other"), ("instance", "i")]))
        next.addSample(series: other, timeMillis: 30, value: 1)
        #expect(try await store.write(next, isBackfill: false).count == 0)
        // The limit of a target counts all its metrics.
        var bounds = SeriesBounds()
        bounds.targetMax = 1001
        store.setBounds(bounds)
        let refusals = try await store.write(batch(5000..<5001, 31), isBackfill: false)
        #expect(refusals.overTargetLimit == 1)
        #expect(refusals.message.contains("the limit of 1001 series of the target i"))
        let count = await store.cardinality(limit: 2)
        #expect(count.seriesByMetric.first == Cardinality.Row(name: "hits", count: 1000))
        #expect(count.valuesByLabel.first == Cardinality.Row(name: "user", count: 1900))
        await store.close()
    }

    @Test("a start keeps the series that are over a lower limit")
    func startKeepsSeries() async throws {
        let files = InMemoryFiles()
        var batch = SampleBatch()
        for name in ["a", "b", "c"] {
            let series = batch.addSeries(Labels([("__name__", name)]))
            batch.addSample(series: series, timeMillis: 1, value: 1)
        }
        let before = try await TestStores.samples(files)
        try await before.append(batch)
        await before.close()
        let after = try await TestStores.samples(files) { $0.bounds.totalMax = 1 }
        #expect(after.stats.seriesCount == 3)
        #expect(after.stats.sampleCount == 3)
        await after.close()
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
