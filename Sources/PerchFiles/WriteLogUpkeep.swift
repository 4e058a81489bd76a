import Synchronization

/// Removes the old files of a log, as retention and a limit of the disk ask, and counts them.
///
/// What is old and what a file's rows are is the store's business.
package final class WriteLogUpkeep: Sendable {
    /// What was removed since the start.
    package struct Removed: Sendable, Equatable {
        package var rowCount = 0
        package var byteCount = 0
        package var fileCount = 0

        package init() {}
    }

    /// What a run tells its store.
    package enum Event: Sendable {
        case removed(WriteLogFile, rowCount: Int)
        case failed(WriteLogFile, WriteLogFailure)
    }

    private struct State {
        var removed = Removed()
        var isAtWork = false
        var byteCountMax: Int
    }

    private let log: WriteLog
    private let state: Mutex<State>

    /// For a log whose files may take `byteCountMax` bytes; nil for any number.
    package init(_ log: WriteLog, byteCountMax: Int?) {
        self.log = log
        state = Mutex(State(byteCountMax: byteCountMax ?? .max))
    }

    /// From the next run on, files may take this many bytes; nil for any number.
    package func setByteCountMax(_ byteCountMax: Int?) {
        state.withLock { $0.byteCountMax = byteCountMax ?? .max }
    }

    /// What was removed since the start.
    package var removed: Removed { state.withLock { $0.removed } }

    /// Removes what may not stay; does nothing while another run is at work.
    ///
    /// `isExpired` is asked newest file first, and told what it answered of the file before, for
    /// files that do not know their own age. `forget` makes a file's rows invisible and answers how
    /// many they were; only then is the file removed. A file that is still written is ended when
    /// it is old, so that a quiet store ages too.
    ///
    /// `others` are files that took the place of the log's, as segments do; of one number in both
    /// the log's is passed over. They are removed by `forget` alone.
    package func run(
        others: () -> [WriteLogFile] = { [] },
        isExpired: (_ file: WriteLogFile, _ isNewerExpired: Bool) -> Bool,
        forget: (_ sequence: UInt64) -> Int, tell: (Event) -> Void
    ) async {
        let mayWork = state.withLock { state in
            defer { state.isAtWork = true }
            return !state.isAtWork
        }
        guard mayWork else { return }
        defer { state.withLock { $0.isAtWork = false } }
        if let current = log.files.last, !current.isSealed, isExpired(current, false) {
            // What comes later is in the next file, so removing this one takes nothing new along.
            do throws(WriteLogFailure) {
                try await log.rotate()
            } catch {
                tell(.failed(current, error))
                return
            }
        }
        for file in toRemove(others(), isExpired) {
            let rowCount = forget(file.sequence)
            state.withLock { state in
                state.removed.fileCount += 1
                state.removed.rowCount += rowCount
                state.removed.byteCount += file.byteCount
            }
            do throws(WriteLogFailure) {
                try await log.remove(sequence: file.sequence)
            } catch {
                tell(.failed(file, error))
                return
            }
            tell(.removed(file, rowCount: rowCount))
        }
    }

    private func toRemove(
        _ others: [WriteLogFile], _ isExpired: (WriteLogFile, Bool) -> Bool
    ) -> [WriteLogFile] {
        let known = Set(others.map(\.sequence))
        let files = (log.files.filter { !known.contains($0.sequence) } + others).sorted {
            $0.sequence < $1.sequence
        }
        var expired: Set<UInt64> = []
        var isNewerExpired = false
        for file in files.reversed() {
            isNewerExpired = isExpired(file, isNewerExpired)
            if isNewerExpired { expired.insert(file.sequence) }
        }
        let byteCountMax = state.withLock { $0.byteCountMax }
        var byteCount = files.reduce(0) { $0 + $1.byteCount }
        return files.filter { file in
            guard file.isSealed, expired.contains(file.sequence) || byteCount > byteCountMax else {
                return false
            }
            byteCount -= file.byteCount
            return true
        }
    }
}
