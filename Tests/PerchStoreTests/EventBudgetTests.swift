import PerchEvents
import PerchModel
import PerchTestSupport
import Testing

@Suite("Budgets of memory and disk of events")
struct EventBudgetTests {
    @Test("a reopened event store answers alike with any budget", arguments: [1, 60_000, 1 << 28])
    func eventsWithBudget(headByteCountMax: Int) async throws {
        let files = InMemoryFiles()
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 5)
        let writer = try await TestEvents.open(files) { $0.fileByteCountMax = 20_000 }
        for _ in 0..<30 {
            let start = Int64(random.int(1_000_000..<1_900_000))
            let batch = random.batch(.logs, rowCountMax: 40, times: start..<start + 50_000)
            try await writer.append(batch)
            try await oracle.append(batch)
        }
        await writer.close()
        let store = try await TestEvents.open(files) { options in
            options.headByteCountMax = headByteCountMax
            options.fileByteCountMax = 20_000
        }
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 20)
        let rowCount = writer.stats.rowCount
        #expect(store.stats.rowCount == rowCount)
        if headByteCountMax == 1 { #expect(store.stats.rowCountInMemory < rowCount) }
        if headByteCountMax == 1 << 28 { #expect(store.stats.replayedRowCount == rowCount) }
        await store.close()
    }

    @Test("over the disk limit the oldest events go, and are counted")
    func eventsOverDiskLimit() async throws {
        let store = try await TestEvents.open { options in
            options.fileByteCountMax = 10_000
            options.diskByteCountMax = 50_000
        }
        var random = RandomEvents(seed: 6)
        var rowCount = 0
        for index in 0..<60 {
            let start = Int64(1_000_000 + index * 1000)
            let batch = random.batch(.logs, rowCountMax: 60, times: start..<start + 1000)
            rowCount += batch.rowCount
            try await store.append(batch)
        }
        let stats = store.stats
        #expect(stats.byteCountOnDisk < 70_000)
        #expect(stats.removedRowCount > 0)
        #expect(stats.removedFileCount > 0)
        #expect(stats.rowCount + stats.removedRowCount == rowCount)
        let left = try await store.all(EventQuery(dataset: .logs, times: 0..<2_000_000))
        #expect(left.reduce(0) { $0 + $1.rowCount } == stats.rowCount)
        #expect((left.last?.times.last ?? 0) > 1_000_000, "the oldest rows are still there")
        await store.close()
    }

    @Test("a closed store refuses")
    func closedRefuses() async throws {
        let store = try await TestEvents.open()
        var random = RandomEvents(seed: 1)
        let batch = random.batch(.logs, rowCountMax: 5, times: 0..<10)
        await store.close()
        await #expect(throws: StoreFailure.closed) { try await store.append(batch) }
    }
}
