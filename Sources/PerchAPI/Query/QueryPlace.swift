import Synchronization

/// Where one query runs: at first where it came in, and on threads of queries once it takes long.
///
/// To wake another thread, and to come back from it, costs more than most small queries.
final class QueryPlace: TaskExecutor {
    /// That of the query that runs; nil for one that began among the threads of queries.
    @TaskLocal static var current: QueryPlace?

    private let first: any TaskExecutor
    private let threads: any TaskExecutor
    private let isLong = Atomic(false)

    init(first: any TaskExecutor, threads: any TaskExecutor) {
        self.first = first
        self.threads = threads
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let place = isLong.load(ordering: .acquiring) ? threads : first
        place.enqueue(job)
    }

    /// Moves the query to the threads of queries, for the rest of it.
    @concurrent
    func leave() async {
        isLong.store(true, ordering: .releasing)
        // Goes there; what comes back comes through `enqueue`, which leads there from now on.
        await withTaskExecutorPreference(threads) {}
    }
}
