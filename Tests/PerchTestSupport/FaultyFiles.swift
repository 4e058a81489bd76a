package import PerchFiles
import Synchronization

/// What is asked of a file system, for faults that hit only some of it.
package enum FileOperation: Sendable, Equatable {
    case list, makeDirectory, open, size, read, write, preallocate, sync, truncate
    case rename, link, remove, syncDirectory, space, lock
}

/// What goes wrong.
package enum FileFault: Sendable {
    /// The call does nothing and fails.
    case fail(FileFailure.Code)
    /// A write gets this far and then fails; any other call just fails.
    case tear(byteCount: Int, FileFailure.Code)
    /// The machine stops before the call: it and all later ones fail.
    case stop
    /// The machine stops in the middle of a write, which got this far.
    case stopTearing(byteCount: Int)
}

/// Files that fail, tear or stop where a test says.
///
/// `crashed` of the files behind it gives what a restart finds.
package final class FaultyFiles: FileStore {
    package typealias Decision = @Sendable (_ index: Int, _ operation: FileOperation) -> FileFault?

    private struct State {
        var operationCount = 0
        var isStopped = false
        var decide: Decision
    }

    private let base: any FileStore
    private let state: Mutex<State>

    /// `decide` is asked once for every call, with how many were made before it.
    package init(_ base: any FileStore, decide: @escaping Decision = { _, _ in nil }) {
        self.base = base
        self.state = Mutex(State(decide: decide))
    }

    /// How many calls were made.
    package var operationCount: Int { state.withLock { $0.operationCount } }

    /// Whether a fault stopped the machine.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Takes other faults from here on.
    package func setDecision(_ decide: @escaping Decision) {
        state.withLock { $0.decide = decide }
    }

    /// Throws the fault that is due, or returns how much of a write is to happen before it.
    func step(_ operation: FileOperation) throws(FileFailure) -> (Int, FileFailure)? {
        let fault: FileFault? = state.withLock { state in
            let index = state.operationCount
            state.operationCount += 1
            if state.isStopped { return .stop }
            let fault = state.decide(index, operation)
            switch fault {
            case .stop, .stopTearing: state.isStopped = true
            default: break
            }
            return fault
        }
        switch fault {
        case nil: return nil
        case .fail(let code):
            throw FileFailure(code: code, message: "a fault in \(operation)")
        case .stop:
            throw FileFailure(code: .other, message: "the machine has stopped")
        case .tear(let byteCount, let code):
            let failure = FileFailure(code: code, message: "a fault in \(operation)")
            guard operation == .write else { throw failure }
            return (byteCount, failure)
        case .stopTearing(let byteCount):
            let failure = FileFailure(code: .other, message: "the machine has stopped")
            guard operation == .write else { throw failure }
            return (byteCount, failure)
        }
    }

    package func list(_ directory: FilePath) throws(FileFailure) -> [String] {
        _ = try step(.list)
        return try base.list(directory)
    }

    package func makeDirectory(_ path: FilePath) throws(FileFailure) -> Bool {
        _ = try step(.makeDirectory)
        return try base.makeDirectory(path)
    }

    package func openForWriting(
        _ path: FilePath, _ opening: FileOpening
    ) throws(FileFailure) -> any WritableFile {
        _ = try step(.open)
        return FaultyWritableFile(self, try base.openForWriting(path, opening))
    }

    package func openForReading(_ path: FilePath) throws(FileFailure) -> any ReadableFile {
        _ = try step(.open)
        return FaultyReadableFile(self, try base.openForReading(path))
    }

    package func byteCount(of path: FilePath) throws(FileFailure) -> Int {
        _ = try step(.size)
        return try base.byteCount(of: path)
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        _ = try step(.rename)
        try base.rename(path, to: target)
    }

    package func link(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        _ = try step(.link)
        try base.link(path, to: target)
    }

    package func remove(_ path: FilePath) throws(FileFailure) {
        _ = try step(.remove)
        try base.remove(path)
    }

    package func syncDirectory(_ path: FilePath) throws(FileFailure) {
        _ = try step(.syncDirectory)
        try base.syncDirectory(path)
    }

    package func space(at path: FilePath) throws(FileFailure) -> FileSpace {
        _ = try step(.space)
        return try base.space(at: path)
    }

    package func lock(_ path: FilePath) throws(FileFailure) -> any FileLock {
        _ = try step(.lock)
        return try base.lock(path)
    }
}
