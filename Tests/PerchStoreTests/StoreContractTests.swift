import Logging
import PerchEvents
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@Suite("Every store keeps the promises of its seam")
struct StoreContractTests {
    @Test("events in memory")
    func eventsInMemory() async throws {
        try await EventStoreContract.verify { InMemoryEventStore() }
    }

    @Test("events in the store")
    func eventsInStore() async throws {
        try await EventStoreContract.verify { try await TestStores.events() }
    }

    @Test("events read back from the disk")
    func eventsFromDisk() async throws {
        try await EventStoreContract.verify {
            try await TestStores.events { options in
                options.headByteCountMax = 1
                options.fileByteCountMax = 20_000
            }
        }
    }

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
