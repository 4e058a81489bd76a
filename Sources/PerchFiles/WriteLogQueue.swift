import Dispatch
import Synchronization

/// Told once how something ended.
typealias WriteLogDone = CheckedContinuation<Result<Void, WriteLogFailure>, Never>

/// A record on its way to the disk.
struct WriteLogAppend: Sendable {
    let byteCountEstimate: Int
    let summary: WriteLogSummary
    let encode: @Sendable (inout [UInt8], UInt64) -> Void
    let commit: @Sendable (UInt64) -> Void
    let done: WriteLogDone
}

/// What the log's thread is asked to do, in this order.
enum WriteLogJob: Sendable {
    case append(WriteLogAppend)
    case rotate(WriteLogDone)
    case remove(UInt64, WriteLogDone)
    /// The last reader of a removed file is done.
    case unlink(UInt64)
}

/// What waits for the log's thread, and what the thread tells everybody else.
///
/// A continuation is resumed exactly once: by `run` when the queue refuses the job, else by the
/// thread, which takes each job once and ends each.
final class WriteLogQueue: Sendable {
    private struct State {
        var jobs: [WriteLogJob] = []
        var pendingByteCount = 0
        var isClosing = false
        /// Set when the thread has done its last.
        var isEnded = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var files: [WriteLogFile]
        /// How many holds each file has.
        var holdCounts: [UInt64: Int] = [:]
        /// Files that are removed and still held: their names stay until the last hold ends.
        var retired: [UInt64: WriteLogFile] = [:]
    }

    private let options: WriteLog.Options
    private let state: Mutex<State>
    /// Signalled when there is something to do; one signal may stand for many jobs.
    private let wakeUp = DispatchSemaphore(value: 0)
    /// Set to end the current file before the next record.
    private let isSealWanted = Atomic<Bool>(false)

    init(options: WriteLog.Options, files: [WriteLogFile]) {
        self.options = options
        self.state = Mutex(State(files: files))
    }

    // MARK: For callers

    var files: [WriteLogFile] { state.withLock { $0.files } }

    /// Waits until the thread has done a job, or throws at once if the queue does not take it.
    func run(
        _ job: (WriteLogDone) -> WriteLogJob
    ) async throws(WriteLogFailure) {
        let result = await withCheckedContinuation { (done: WriteLogDone) in
            let refusal = enqueue(job(done))
            if let refusal { done.resume(returning: .failure(refusal)) }
        }
        try result.get()
    }

    private func enqueue(_ job: WriteLogJob) -> WriteLogFailure? {
        let refusal: WriteLogFailure? = state.withLock { state in
            guard !state.isClosing else { return .closed }
            if case .append(let append) = job {
                // One record is always taken by an empty queue, so that a small queue cannot
                // refuse a large record for ever.
                let sum = state.pendingByteCount + append.byteCountEstimate
                guard state.pendingByteCount == 0 || sum <= options.pendingByteCountMax else {
                    return .overloaded(
                        "\(state.pendingByteCount) bytes wait to be written, the limit is "
                            + "\(options.pendingByteCountMax)")
                }
                state.pendingByteCount = sum
            }
            state.jobs.append(job)
            return nil
        }
        if refusal == nil { wakeUp.signal() }
        return refusal
    }

    /// Takes no more, and returns when the thread has ended.
    func close() async {
        await withCheckedContinuation { (closer: CheckedContinuation<Void, Never>) in
            let isEnded = state.withLock { state in
                state.isClosing = true
                if !state.isEnded { state.closers.append(closer) }
                return state.isEnded
            }
            if isEnded { closer.resume() }
            wakeUp.signal()
        }
    }

    /// Takes no more, and does not wait.
    func stop() {
        state.withLock { $0.isClosing = true }
        wakeUp.signal()
    }

    /// Notes what a replay found in a file of which nothing was known.
    func learn(_ summary: WriteLogSummary, of sequence: UInt64) {
        change(sequence) { file in
            if file.isSealed, file.summary == nil { file.summary = summary }
        }
    }

    /// Keeps files from being unlinked until `release`, and says what they are; a file that is not
    /// live is left out.
    func hold(_ sequences: [UInt64]) -> [WriteLogFile] {
        guard !sequences.isEmpty else { return [] }
        let wanted = Set(sequences)
        return state.withLock { state in
            let held = state.files.filter { wanted.contains($0.sequence) }
            for file in held { state.holdCounts[file.sequence, default: 0] += 1 }
            return held
        }
    }

    /// Ends a hold; what was removed meanwhile and nobody else holds is unlinked.
    func release(_ held: [WriteLogFile]) {
        guard !held.isEmpty else { return }
        let isWork = state.withLock { state in
            let before = state.jobs.count
            for file in held {
                let count = state.holdCounts[file.sequence, default: 0] - 1
                state.holdCounts[file.sequence] = count > 0 ? count : nil
                if count <= 0, state.retired.removeValue(forKey: file.sequence) != nil {
                    state.jobs.append(.unlink(file.sequence))
                }
            }
            return state.jobs.count > before
        }
        if isWork { wakeUp.signal() }
    }

    /// Ends the current file before the next record; does not wait.
    func sealSoon() {
        isSealWanted.store(true, ordering: .releasing)
    }

    // MARK: For the log's thread

    /// Whether the current file is to be ended.
    var wantsSeal: Bool { isSealWanted.load(ordering: .acquiring) }

    /// The current file has ended.
    func sealed() {
        isSealWanted.store(false, ordering: .releasing)
    }

    /// Everything that waits, or nil when the queue is closed and empty; nothing if that many
    /// nanoseconds go by without a job.
    func take(within nanos: Int64?) -> [WriteLogJob]? {
        while true {
            let (jobs, isClosing) = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.isClosing)
            }
            if !jobs.isEmpty { return jobs }
            if isClosing { return nil }
            guard let nanos else {
                wakeUp.wait()
                continue
            }
            if wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanos))) == .timedOut { return [] }
        }
    }

    /// The bytes of an append do not wait any more.
    func settled(_ byteCount: Int) {
        state.withLock { $0.pendingByteCount -= byteCount }
    }

    func add(_ file: WriteLogFile) {
        state.withLock { $0.files.append(file) }
    }

    func change(_ sequence: UInt64, _ body: (inout WriteLogFile) -> Void) {
        state.withLock { state in
            guard let index = state.files.lastIndex(where: { $0.sequence == sequence }) else {
                return
            }
            body(&state.files[index])
        }
    }

    /// Forgets a file; whether it may be unlinked now, which it may not while it is held.
    func drop(_ sequence: UInt64) -> Bool {
        state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.sequence == sequence }) else {
                return true
            }
            let file = state.files.remove(at: index)
            guard state.holdCounts[sequence] != nil else { return true }
            state.retired[sequence] = file
            return false
        }
    }

    func ended() {
        let closers = state.withLock { state in
            state.isEnded = true
            let closers = state.closers
            state.closers = []
            return closers
        }
        for closer in closers { closer.resume() }
    }
}
