import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

/// Requirement: acknowledged is durable, and nothing is there twice or in part.
@Suite("Samples after a loss of power")
struct StoreCrashTests {
    private static let rowCount = 5

    private static func samples(mark: Int) -> SampleBatch {
        var batch = SampleBatch()
        for index in 0..<rowCount {
            // Old and new series in each batch.
            let name = index == 0 ? "new_\(mark)" : "old_\(index)"
            let series = batch.addSeries(Labels([("__name__", name), ("batch", "\(mark % 3)")]))
            batch.addSample(series: series, timeMillis: Int64(mark), value: Double(index))
        }
        return batch
    }

    @Test("every acknowledged sample is there", arguments: 0..<60)
    func samplesSurvive(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let disk = InMemoryFiles()
        let stopAt = Int.random(in: 5..<120, using: &random)
        let files = FaultyFiles(disk) { index, operation in
            guard index >= stopAt else { return nil }
            return operation == .write ? .stopTearing(byteCount: seed * 7) : .stop
        }
        let acknowledged = InMemorySampleStore()
        var marks: [Int] = []
        if let store = try? await TestStores.samples(files, { $0.fileByteCountMax = 1000 }) {
            for mark in 1..<40 {
                do {
                    try await store.append(Self.samples(mark: mark))
                    try await acknowledged.append(Self.samples(mark: mark))
                    marks.append(mark)
                } catch { break }
            }
            await store.close()
        }
        let store = try await TestStores.samples(disk.crashed(tornBySeed: UInt64(seed)))
        let query = SampleQuery(matchers: [], times: 0...(marks.last.map { Int64($0) } ?? 0))
        let got = try await store.all(query)
        #expect(got == (try await acknowledged.all(query)), "seed \(seed)")
        try await store.append(Self.samples(mark: 99))
        let after = try await store.all(SampleQuery(matchers: [], times: 99...99))
        #expect(after.count == Self.rowCount)
        await store.close()
    }

    /// A write that failed may have taken label definitions with it: they must be said again.
    @Test("samples after a failed write are readable after a restart", arguments: 0..<30)
    func definitionsAreRepeated(failAt: Int) async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk)
        let oracle = InMemorySampleStore()
        let store = try await TestStores.samples(files)
        let start = files.operationCount
        files.setDecision { index, operation in
            index == start + failAt && operation == .write ? .fail(.noSpace) : nil
        }
        for mark in 1..<30 {
            do {
                try await store.append(Self.samples(mark: mark))
                try await oracle.append(Self.samples(mark: mark))
            } catch {}
        }
        let query = SampleQuery(matchers: [], times: 0...1000)
        let expected = try await oracle.all(query)
        #expect(try await store.all(query) == expected)
        await store.close()
        let reopened = try await TestStores.samples(disk)
        #expect(try await reopened.all(query) == expected)
        await reopened.close()
    }
}
