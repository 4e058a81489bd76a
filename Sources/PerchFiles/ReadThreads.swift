import Dispatch
import Foundation
import Synchronization

/// Threads for work that reads files or computes long without a pause.
///
/// Tasks that prefer them leave the threads that serve connections free. There is one set for the
/// process, since it bounds what the machine has; it lasts as long as the process.
package final class ReadThreads: TaskExecutor {
    /// As many threads as the machine has cores, and four at least, since a thread may wait for the
    /// disk.
    package static let shared = ReadThreads(
        count: max(4, ProcessInfo.processInfo.activeProcessorCount))

    private let jobs = Mutex<[UnownedJob]>([])
    private let available = DispatchSemaphore(value: 0)

    private init(count: Int) {
        for number in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "perch-read-\(number)"
            thread.start()
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        available.signal()
    }

    private func work() {
        while true {
            available.wait()
            guard let job = next() else { continue }
            // Safe: the job was handed to this executor, is run once, and this object is never
            // freed.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// The job that waits longest.
    ///
    /// There are at most some hundreds, so that moving them costs nothing that counts.
    private func next() -> UnownedJob? {
        jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
