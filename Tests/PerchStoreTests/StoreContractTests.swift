import Logging
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Synchronization
import Testing

@Suite("Every sample store keeps the promises of its seam")
struct StoreContractTests {
    @Test("samples in memory")
    func samplesInMemory() async throws {
        try await SampleStoreContract.verify { InMemorySampleStore() }
    }

    @Test("samples in the store")
    func samplesInStore() async throws {
        try await SampleStoreContract.verify { try await TestStores.samples() }
    }

    @Test("samples read back from segments, as many as there are batches")
    func samplesFromDisk() async throws {
        try await SampleStoreContract.verify { CuttingStore(try await TestStores.samples(), 1) }
    }

    @Test("samples in the head, in segments and in merged ones")
    func samplesEverywhere() async throws {
        try await SampleStoreContract.verify { CuttingStore(try await TestStores.samples(), 4) }
    }
}

/// A store that makes segments while it is written to, and merges them now and then.
private final class CuttingStore: SampleSink, SampleSource {
    private let store: SeriesStore
    private let period: Int
    private let count = Atomic<Int>(0)

    init(_ store: SeriesStore, _ period: Int) {
        self.store = store
        self.period = period
    }

    func append(_ batch: SampleBatch) async throws(StoreFailure) {
        try await store.append(batch)
        let number = count.add(1, ordering: .relaxed).newValue
        if number.isMultiple(of: period) { try await store.flush() }
        if number.isMultiple(of: 3 * period) { await store.maintain() }
        if number.isMultiple(of: 13 * period) { try await store.compact() }
    }

    func read(_ query: SampleQuery) -> any SampleCursor { store.read(query) }

    func metadata() async throws(StoreFailure) -> [MetricMetadata] { try await store.metadata() }
}
