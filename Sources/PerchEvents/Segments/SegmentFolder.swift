import Logging
import PerchFiles
import PerchModel

/// The folder of a store's segments.
///
/// A segment has the numbers of the log files that it was made of in its name, and has its name only
/// when it is whole: so the names are the list. What is in a wider segment too is not needed any
/// more, nor is a log file that is in a segment.
struct SegmentFolder: Sendable {
    private static let suffix = ".seg"
    private static let damagedSuffix = suffix + FileNames.damagedSuffix

    let files: any FileStore
    let path: FilePath

    /// Oldest first.
    private(set) var found: [EventSegment] = []
    private(set) var damagedCount = 0
    /// Bytes of files that were set aside, now or before.
    private(set) var damagedByteCount = 0
    /// Larger than the number of every segment, readable or not.
    private(set) var sequenceFloor: UInt64 = 1

    /// Opens the folder, which is made where there is none, and puts it in order.
    init(
        files: any FileStore, path: FilePath, damagedByteCountMax: Int, logger: Logger
    ) throws {
        self.files = files
        self.path = path
        try files.createDirectory(path)
        try files.syncDirectory(path.folder)
        for name in try files.list(path) {
            if name.hasSuffix(FileNames.temporarySuffix) {
                try files.remove(path.child(name))
            } else if let numbers = Self.numbers(of: name) {
                try open(numbers, logger)
            }
        }
        try removeReplaced()
        try bound(damagedByteCountMax, logger)
    }

    /// Where a segment of some log files stands.
    func path(_ origin: SegmentOrigin) -> FilePath {
        let last = FileNames.writeLog(sequence: origin.last)
        guard origin.first < origin.last else { return path.child(last + Self.suffix) }
        let first = FileNames.writeLog(sequence: origin.first)
        return path.child(first.prefix(16) + "-" + last + Self.suffix)
    }

    private static func numbers(of name: String) -> SegmentOrigin? {
        guard name.hasSuffix(suffix) else { return nil }
        let parts = name.dropLast(suffix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, let end = parts.last,
            let last = FileNames.writeLogSequence(of: String(end))
        else { return nil }
        guard parts.count == 2 else { return SegmentOrigin(file: last) }
        guard
            let first = FileNames.writeLogSequence(
                of: parts[0] + FileNames.writeLogSuffix), first < last
        else { return nil }
        return SegmentOrigin(first: first, last: last)
    }

    private mutating func open(_ numbers: SegmentOrigin, _ logger: Logger) throws {
        let file = path(numbers)
        let last = numbers.last
        sequenceFloor = max(sequenceFloor, last == .max ? last : last + 1)
        do {
            let segment = try EventSegment(files: files, path: file, sequence: last)
            guard segment.origin.first == numbers.first else {
                throw SegmentFormat.Failure.damaged("it begins with file \(segment.origin.first)")
            }
            found.append(segment)
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
            try files.rename(file, to: FilePath.from(file.text + FileNames.damagedSuffix))
            try files.syncDirectory(path)
        }
    }

    /// Removes what a merge left behind when the power went.
    private mutating func removeReplaced() throws {
        found.sort { ($0.origin.first, $1.origin.last) < ($1.origin.first, $0.origin.last) }
        var kept: [EventSegment] = []
        for segment in found {
            if let before = kept.last, segment.origin.last <= before.origin.last {
                try segment.discard()
            } else {
                kept.append(segment)
            }
        }
        found = kept
    }

    /// Removes what was set aside longest ago, when it is too much.
    private mutating func bound(_ byteCountMax: Int, _ logger: Logger) throws {
        let names = try files.list(path).filter { $0.hasSuffix(Self.damagedSuffix) }
        let sizes = try names.map { try files.byteCount(of: path.child($0)) }
        damagedByteCount = sizes.reduce(0, +)
        for (name, byteCount) in zip(names, sizes) where damagedByteCount > byteCountMax {
            logger.warning(
                "a damaged segment is removed: too many bytes were set aside",
                metadata: ["file": "\(name)", "bytes": "\(byteCount)"])
            try files.remove(path.child(name))
            damagedByteCount -= byteCount
        }
        try files.syncDirectory(path)
    }
}
