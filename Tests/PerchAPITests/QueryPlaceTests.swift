import PerchFiles
import Synchronization
import Testing

@testable import PerchAPI

/// Where small and large queries run.
@Suite struct QueryPlaceTests {
    /// Counts its jobs and runs them on the shared pool.
    private final class Counting: TaskExecutor {
        let count = Atomic(0)

        func enqueue(_ job: consuming ExecutorJob) {
            count.add(1, ordering: .relaxed)
            let job = UnownedJob(job)
            // Safe: the job was handed to this executor, is run once, and this object is kept.
            Task.detached { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    @Test func aQueryStaysUntilItLeaves() async throws {
        let (first, threads) = (Counting(), Counting())
        let place = QueryPlace(first: first, threads: threads)
        try await Task(executorPreference: place) {
            try await Task.sleep(for: .milliseconds(1))
            #expect(threads.count.load(ordering: .relaxed) == 0)
            await place.leave()
            let before = first.count.load(ordering: .relaxed)
            #expect(before > 0)
            for _ in 0..<3 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(first.count.load(ordering: .relaxed) == before)
            #expect(threads.count.load(ordering: .relaxed) > 3)
        }.value
    }
}
