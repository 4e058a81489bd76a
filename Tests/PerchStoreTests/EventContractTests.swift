import PerchEvents
import PerchTestSupport
import Testing

@Suite("Every event store keeps the promises of its seam")
struct EventContractTests {
    @Test("events in memory")
    func eventsInMemory() async throws {
        try await EventStoreContract.verify { InMemoryEventStore() }
    }

    @Test("events in the store")
    func eventsInStore() async throws {
        try await EventStoreContract.verify { try await TestEvents.open() }
    }

    @Test("events read back from the disk")
    func eventsFromDisk() async throws {
        try await EventStoreContract.verify {
            try await TestEvents.open { options in
                options.headByteCountMax = 1
                options.fileByteCountMax = 20_000
            }
        }
    }
}
