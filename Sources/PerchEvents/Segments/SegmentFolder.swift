import Logging
import PerchFiles
import PerchModel

/// The folder of a store's segments.
///
/// A segment has the number of the log file that it was made of, and its own name only when it is
/// whole: so the names are the list, and where both are there the log file is not needed any more.
struct SegmentFolder: Sendable {
    private static let suffix = ".seg"
    private static let damagedSuffix = FileNames.damagedSuffix

    let files: any FileStore
    let path: FilePath

    /// Oldest first.
    private(set) var found: [EventSegment] = []
    private(set) var damagedCount = 0
    /// Larger than the number of every segment, readable or not.
    private(set) var sequenceFloor: UInt64 = 1

    /// Opens the folder, which is made where there is none, and puts it in order.
    init(files: any FileStore, path: FilePath, logger: Logger) throws {
        self.files = files
        self.path = path
        try files.createDirectory(path)
        try files.syncDirectory(path.folder)
        for name in try files.list(path) {
            if name.hasSuffix(FileNames.temporarySuffix) {
                try files.remove(path.child(name))
            } else if let sequence = Self.sequence(of: name) {
                try open(sequence, logger)
            }
        }
    }

    func path(_ sequence: UInt64) -> FilePath {
        path.child(FileNames.writeLog(sequence: sequence) + Self.suffix)
    }

    private static func sequence(of name: String) -> UInt64? {
        guard name.hasSuffix(suffix) else { return nil }
        return FileNames.writeLogSequence(of: String(name.dropLast(suffix.count)))
    }

    private mutating func open(_ sequence: UInt64, _ logger: Logger) throws {
        let file = path(sequence)
        sequenceFloor = max(sequenceFloor, sequence == .max ? sequence : sequence + 1)
        do {
            found.append(try EventSegment(files: files, path: file, sequence: sequence))
        } catch SegmentFormat.Failure.newerVersion(let version) {
            throw StoreFailure.failed(
                "\(file.text) has version \(version) of the format: a newer version of Perch wrote "
                    + "it; it is left as it is")
        } catch let failure as FileFailure {
            throw failure
        } catch {
            damagedCount += 1
            logger.error(
                "a segment is damaged; it is set aside, and its rows are missing",
                metadata: ["file": "\(file.text)", "reason": "\(error)"])
            try files.rename(file, to: FilePath.from(file.text + Self.damagedSuffix))
            try files.syncDirectory(path)
        }
    }
}
