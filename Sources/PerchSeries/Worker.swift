import Foundation
import Synchronization

/// A thread for work that takes seconds: tasks share few threads, and requests need those.
final class Worker: Sendable {
    /// Runs `work` on a thread of its own, of the lowest priority that still gets on.
    func run<Answer: Sendable>(
        _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try work() })
            }
            thread.name = "perch.series"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }
}
