import PerchModel
import Synchronization

/// Keeps answers for a while, and computes each once for all who ask at the same time.
///
/// An answer that took long is kept for longer, so that pages which refresh by themselves take a
/// bounded share of a processor, however many readers there are.
final class AnswerCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var answer: Task<Result<Value, StoreFailure>, Never>
        /// Nil while the answer is being computed.
        var freshUntilNanos: Int64?
    }

    private let entryCountMax: Int
    private let now: @Sendable () -> Int64
    private let entries = Mutex<[Key: Entry]>([:])

    /// `now` answers nanoseconds since 1970.
    init(entryCountMax: Int = Limits.cachedAnswersMax, now: @escaping @Sendable () -> Int64) {
        self.entryCountMax = entryCountMax
        self.now = now
    }

    /// The answer for `key`: a fresh one that is there, the one that somebody waits for already, or
    /// a new one.
    ///
    /// What `isWorthKeeping` denies is told to who waits for it and then forgotten, and so is a
    /// failure.
    func answer(
        _ key: Key, isWorthKeeping: @escaping @Sendable (Value) -> Bool = { _ in true },
        compute: @escaping @Sendable () async throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let start = now()
        let answer = entries.withLock { entries in
            if let entry = entries[key], entry.freshUntilNanos.map({ $0 > start }) ?? true {
                return entry.answer
            }
            if entries.count >= entryCountMax {
                entries = entries.filter { $0.value.freshUntilNanos.map { $0 > start } ?? true }
            }
            // A task of its own: a reader who goes away must not take the answer from the others.
            let task = Task {
                let result: Result<Value, StoreFailure>
                do throws(StoreFailure) {
                    result = .success(try await compute())
                } catch {
                    result = .failure(error)
                }
                settle(key, startNanos: start, keeps: (try? result.get()).map(isWorthKeeping))
                return result
            }
            if entries.count < entryCountMax { entries[key] = Entry(answer: task) }
            return task
        }
        return try await answer.value.get()
    }

    private func settle(_ key: Key, startNanos: Int64, keeps: Bool?) {
        let end = now()
        let cost = max(0, end &- startNanos)
        let kept = min(
            max(Limits.answerKeptNanosMin, cost.multipliedClamped(by: Limits.answerKeptPerCost)),
            Limits.answerKeptNanosMax)
        entries.withLock { entries in
            if keeps == true {
                entries[key]?.freshUntilNanos = end &+ kept
            } else {
                entries[key] = nil
            }
        }
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
