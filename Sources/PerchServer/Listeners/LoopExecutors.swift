import NIOCore
import PerchFiles
import Synchronization

/// Executors that run tasks on event loops, one for each loop of the process.
enum LoopExecutors {
    /// Kept for ever: there are as many as loops, and those last as long as the process.
    private static let all = Mutex<[ObjectIdentifier: ForwardingExecutor]>([:])

    /// That of a loop.
    static func of(_ loop: any EventLoop) -> ForwardingExecutor {
        all.withLock { all in
            if let known = all[ObjectIdentifier(loop)] { return known }
            let executor = ForwardingExecutor { loop.execute($0) }
            all[ObjectIdentifier(loop)] = executor
            return executor
        }
    }
}
