import NIOCore
import Synchronization

/// Cancels work whose time is over or whose connection is gone.
///
/// One task looks after all work of a kind, now and then: a timer for each request would cost
/// more than most requests.
final class Watchdog: Sendable {
    /// Why work was cancelled.
    enum Verdict: Error {
        case expired
        case abandoned
    }

    private struct Entry {
        let channel: any Channel
        let end: ContinuousClock.Instant
        let cancel: @Sendable () -> Void
        var verdict: Verdict?
    }

    private struct State {
        var nextID = 0
        var entries: [Int: Entry] = [:]
        var watch: Task<Void, Never>?
    }

    private let state = Mutex(State())

    deinit { state.withLock { $0.watch }?.cancel() }

    /// Runs work on an executor, nil for the shared pool; throws a ``Verdict`` when it was ended.
    ///
    /// Work that has an answer nevertheless is answered.
    func run<Answer: Sendable>(
        _ channel: any Channel, for time: Duration, on executor: (any TaskExecutor)?,
        _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        // A task of its own, since only those can be cancelled from elsewhere; it ends before this
        // returns.
        let task = Task(executorPreference: executor) { try await work() }
        let id = add(
            Entry(channel: channel, end: .now + time, cancel: { task.cancel() }, verdict: nil))
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        let verdict = remove(id)
        if case .failure = result, let verdict { throw verdict }
        return try result.get()
    }

    private func add(_ entry: Entry) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.entries[state.nextID] = entry
            if state.watch == nil {
                state.watch = Task { [weak self] in
                    repeat {
                        let pause = Duration.milliseconds(Limits.watchMilliseconds)
                        guard (try? await Task.sleep(for: pause)) != nil else { return }
                    } while self?.look() ?? false
                }
            }
            return state.nextID
        }
    }

    private func remove(_ id: Int) -> Verdict? {
        state.withLock { $0.entries.removeValue(forKey: id)?.verdict }
    }

    /// Cancels what has to end; false, and the watch is over, when there was nothing to watch.
    private func look() -> Bool {
        let now = ContinuousClock.now
        let (cancels, goesOn) = state.withLock { state in
            guard !state.entries.isEmpty else {
                state.watch = nil
                return ([@Sendable () -> Void](), false)
            }
            var cancels: [@Sendable () -> Void] = []
            for (id, entry) in state.entries where entry.verdict == nil {
                if now >= entry.end {
                    state.entries[id]?.verdict = .expired
                } else if !entry.channel.isActive {
                    state.entries[id]?.verdict = .abandoned
                } else {
                    continue
                }
                cancels.append(entry.cancel)
            }
            return (cancels, true)
        }
        for cancel in cancels { cancel() }
        return goesOn
    }
}
