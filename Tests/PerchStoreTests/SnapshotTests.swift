import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchSeries

@Suite("Snapshots: a store of its own by second names of files")
struct SnapshotTests {
    private static let everything = SampleQuery(matchers: [], times: 0...(1 << 50))
    private static let copy = FilePath.from("/data/snapshots/one/series")

    private static func batch(_ time: Int64) -> SampleBatch {
        var batch = SampleBatch()
        for name in ["a", "b"] {
            let series = batch.addSeries(Labels([("__name__", name)]))
            batch.addSample(series: series, timeMillis: time, value: Double(time))
        }
        return batch
    }

    private static func open(_ files: any FileStore) async throws -> SeriesStore {
        var options = SeriesStore.Options()
        options.worksByItself = false
        options.fileByteCountMax = 1 << 17
        return try await SeriesStore.open(
            files: files, directory: copy, options: options, clock: ManualClock().now,
            logger: TestStores.logger)
    }

    @Test("a copy has what was there, with deletions, and keeps it", arguments: [true, false])
    func restored(skipsHead: Bool) async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        for time in Int64(1)...6 { try await store.append(Self.batch(time * 1000)) }
        try await store.delete([[LabelMatcher("__name__", .equal, "a")]], times: 2000...3000)
        try await store.append(Self.batch(9000))
        var expected = try await store.all(Self.everything)
        if skipsHead {
            expected = try await store.all(SampleQuery(matchers: [], times: 0...8000))
        }
        try await store.snapshot(to: Self.copy, skipsHead: skipsHead)
        // What happens to the store does not concern the copy, nor does a loss of power.
        try await store.append(Self.batch(20_000))
        try await store.delete([[LabelMatcher("__name__", .equal, "b")]], times: 0...30_000)
        try await store.compact()
        await store.close()
        let restored = try await Self.open(files.crashed())
        #expect(try await restored.all(Self.everything) == expected)
        #expect(restored.stats.damagedSegmentCount == 0)
        try await restored.append(Self.batch(30_000))
        try await restored.compact()
        let later = try await restored.all(SampleQuery(matchers: [], times: 30_000...30_000))
        #expect(later.count == 2)
        await restored.close()
    }

    /// Each call of the file system fails once: the copy is refused, and the store is as it was.
    @Test("a fault refuses the copy and harms nothing", arguments: 0..<16)
    func faults(failAt: Int) async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk)
        let store = try await TestStores.samples(files)
        try await store.append(Self.batch(1000))
        try await store.flush()
        try await store.append(Self.batch(2000))
        let before = try await store.all(Self.everything)
        let base = files.operationCount
        files.setDecision { index, _ in index == base + failAt ? .fail(.noSpace) : nil }
        var isRefused = false
        do throws(StoreFailure) {
            try await store.snapshot(to: Self.copy, skipsHead: true)
        } catch {
            isRefused = true
            guard case .noSpace = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(isRefused == (files.operationCount > base + failAt))
        files.setDecision { _, _ in nil }
        #expect(try await store.all(Self.everything) == before)
        try await store.snapshot(
            to: FilePath.from("/data/snapshots/two/series"), skipsHead: false)
        await store.close()
    }
}
