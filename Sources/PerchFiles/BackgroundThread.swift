import Foundation

/// A thread for work that takes long: tasks share few threads, and requests need those.
package enum BackgroundThread {
    /// Runs `work` on a thread of its own, and waits for it without holding one.
    package static func run<Answer: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try work() })
            }
            thread.name = name
            thread.stackSize = 1 << 20
            thread.start()
        }
    }
}
