import PerchModel
import Synchronization
import Testing

@testable import PerchWeb

@Suite("Answers that readers share")
struct AnswerCacheTests {
    private final class Clock: Sendable {
        private let nanos = Atomic<Int64>(1_000)
        var now: Int64 { nanos.load(ordering: .relaxed) }
        func advance(_ by: Int64) { nanos.add(by, ordering: .relaxed) }
    }

    private static let second: Int64 = 1_000_000_000

    @Test("Fifty readers at once cost one computation; later ones none until it is old")
    func sharing() async throws {
        let clock = Clock()
        let count = Atomic<Int>(0)
        let cache = AnswerCache<String, Int>(now: { clock.now })
        let ask: @Sendable () async throws -> Int = {
            try await cache.answer("a") { () async throws(StoreFailure) in
                try? await Task.sleep(for: .milliseconds(50))
                return count.add(1, ordering: .relaxed).newValue
            }
        }
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await ask() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers == [1])
        clock.advance(4 * Self.second)
        #expect(try await ask() == 1)
        clock.advance(2 * Self.second)
        #expect(try await ask() == 2)
    }

    @Test("An answer that took long is kept longer, up to a minute")
    func cost() async throws {
        let clock = Clock()
        let cache = AnswerCache<String, Int64>(now: { clock.now })
        @Sendable func ask(_ key: String, _ seconds: Int64) async throws -> Int64 {
            try await cache.answer(key) { () async throws(StoreFailure) in
                clock.advance(seconds * Self.second)
                return clock.now
            }
        }
        for (took, kept) in [(5, 20), (100, 60)] as [(Int64, Int64)] {
            let first = try await ask("\(took)", took)
            clock.advance((kept - 1) * Self.second)
            #expect(try await ask("\(took)", 0) == first)
            clock.advance(2 * Self.second)
            #expect(try await ask("\(took)", 0) != first)
        }
    }

    @Test("Failures and answers of no worth are told and forgotten; entries are bounded")
    func forgetting() async throws {
        let clock = Clock()
        let count = Atomic<Int>(0)
        let cache = AnswerCache<Int, Int>(entryCountMax: 2, now: { clock.now })
        for _ in 0..<2 {
            await #expect(throws: StoreFailure.closed) {
                try await cache.answer(1) { () async throws(StoreFailure) in
                    count.add(1, ordering: .relaxed)
                    throw .closed
                }
            }
            _ = try await cache.answer(2, isWorthKeeping: { _ in false }) {
                () async throws(StoreFailure) in count.add(1, ordering: .relaxed).newValue
            }
        }
        #expect(count.load(ordering: .relaxed) == 4)
        for key in 10..<20 {
            _ = try await cache.answer(key) { () async throws(StoreFailure) in key }
        }
        #expect(try await cache.answer(10) { () async throws(StoreFailure) in -1 } == 10)
        #expect(try await cache.answer(19) { () async throws(StoreFailure) in -1 } == -1)
    }

    @Test("Services that spoke early, or by metrics alone, are seen beside a loud one")
    func services() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let quiet = builder.intern(Fixture.resource("quiet"))
        builder.beginRow(timeNanos: Fixture.now - 50 * 60 * Self.second, resource: quiet)
        builder.set(.record, "body", .string("once"))
        let loud = builder.intern(Fixture.resource("loud"))
        for number in 0..<120_000 {
            builder.beginRow(timeNanos: Fixture.now - Int64(number) * 1_000, resource: loud)
        }
        var chunk = SeriesChunk(
            labels: Labels([("__name__", "birds_seen"), ("service_name", "counter")]))
        chunk.times = [Fixture.now / 1_000_000 - 60_000]
        chunk.values = [3]
        let queries = PageQueries(
            events: MemoryEvents(batches: [builder.batch]), samples: MemorySamples(series: [chunk]))
        #expect(try await queries.serviceNames(Fixture.range) == ["loud", "quiet"])
        let overview = try await queries.overview(Fixture.range, now: Fixture.now)
        #expect(overview.services.map(\.name) == ["counter", "loud", "quiet"])
        #expect(overview.services[0].lastSeenNanos == Fixture.now - 60 * Self.second)
        #expect(overview.services[0].requestRate == nil)
    }
}
