import Logging
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
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

    @Test("samples read back from the disk")
    func samplesFromDisk() async throws {
        try await SampleStoreContract.verify {
            try await TestStores.samples { options in
                options.headByteCountMax = 1
                options.fileByteCountMax = 10_000
            }
        }
    }
}
