import Logging
import PerchFiles
import PerchModel
import Synchronization

/// The folder of a store's segments: what a start finds, and the changes that survive a crash.
///
/// Only one change at a time: the store sees to that.
final class SegmentFolder: Sendable {
    /// What is in order after a start.
    struct Found: Sendable {
        /// Oldest first.
        var segments: [Segment] = []
        var deletions: [Deletion] = []
        /// By family; the newest of each.
        var metadata: [String: MetricMetadata] = [:]
        /// Files that could not be read and were set aside.
        var damagedCount = 0
    }

    private struct State {
        var manifest: Manifest
        var nextSequence: UInt64
    }

    let files: any FileStore
    let path: FilePath
    private let seed: UInt64
    private let logger: Logger
    private let state: Mutex<State>

    private init(
        _ files: any FileStore, _ path: FilePath, _ seed: UInt64, _ logger: Logger, _ state: State
    ) {
        self.files = files
        self.path = path
        self.seed = seed
        self.logger = logger
        self.state = Mutex(state)
    }

    // MARK: Start

    /// Opens the folder, which is made where there is none, and puts it in order.
    static func open(
        files: any FileStore, path: FilePath, seed: UInt64, logger: Logger
    ) throws -> (SegmentFolder, Found) {
        try files.createDirectory(path)
        try files.syncDirectory(path.folder)
        var manifest = try Manifest(files: files, directory: path, kind: Limits.segmentKind)
        if let message = manifest.message {
            logger.warning("the list of segments was damaged", metadata: ["detail": "\(message)"])
        }
        let names = try files.list(path)
        for name in names where name.hasSuffix(SegmentNames.suffix + FileNames.temporarySuffix) {
            try files.remove(path.child(name))
        }
        let sequences = names.compactMap(SegmentNames.sequence)
        let newest = sequences.max() ?? 0
        let next = max(1, manifest.sequenceFloor, newest == .max ? newest : newest + 1)
        try finishRemovals(sequences, &manifest, files, path)
        let folder = SegmentFolder(
            files, path, seed, logger, State(manifest: manifest, nextSequence: next))
        var found = Found()
        let gone = folder.state.withLock { $0.manifest.removed }
        for sequence in sequences where !gone.contains(sequence) {
            try folder.open(sequence, &found)
        }
        found.segments.sort { $0.header.firstLog < $1.header.firstLog }
        try folder.removeSuperseded(&found)
        for segment in found.segments { folder.readMetadata(segment, &found) }
        found.deletions = try folder.readDeletions()
        return (folder, found)
    }

    /// Removes files whose removal was begun, and forgets entries whose file is gone.
    private static func finishRemovals(
        _ sequences: [UInt64], _ manifest: inout Manifest, _ files: any FileStore, _ path: FilePath
    ) throws {
        for sequence in sequences where manifest.removed.contains(sequence) {
            try files.remove(path.child(SegmentNames.name(sequence)))
        }
        for sequence in Set(manifest.entries.keys).subtracting(sequences).sorted() {
            try manifest.remove(sequence)
        }
        if !manifest.removed.isEmpty { try files.syncDirectory(path) }
    }

    private func open(_ sequence: UInt64, _ found: inout Found) throws {
        let file = path.child(SegmentNames.name(sequence))
        do {
            let segment = try Segment(files: files, path: file, sequence: sequence, seed: seed)
            // A file gets its name when it is whole: one that is not listed yet was just finished.
            try state.withLock { state in
                guard state.manifest.entries[sequence] == nil else { return }
                try state.manifest.add(Self.entry(segment))
            }
            found.segments.append(segment)
        } catch SegmentHeader.Failure.newerVersion(let version) {
            throw StoreFailure.failed(
                "\(file.text) has version \(version) of the format, not \(SegmentHeader.version)")
        } catch let failure as FileFailure {
            throw failure
        } catch {
            found.damagedCount += 1
            logger.error(
                "a segment is damaged; it is set aside, and its samples are missing",
                metadata: ["file": "\(file.text)", "reason": "\(error)"])
            try files.rename(file, to: FilePath.from(file.text + SegmentNames.damagedSuffix))
            try files.syncDirectory(path)
            try state.withLock { state in
                if state.manifest.entries[sequence] != nil { try state.manifest.remove(sequence) }
            }
        }
    }

    private static func entry(_ segment: Segment) -> Manifest.Entry {
        Manifest.Entry(
            sequence: segment.header.sequence, byteCount: segment.byteCount,
            summary: WriteLogSummary(
                rowCount: segment.header.sampleCount, minTime: segment.header.minTime,
                maxTime: segment.header.maxTime))
    }

    /// Removes segments that a newer one took the place of: the machine stopped in between.
    private func removeSuperseded(_ found: inout Found) throws {
        let all = found.segments
        let superseded = all.filter { old in
            all.contains { other in
                other.header.sequence > old.header.sequence
                    && other.header.firstLog <= old.header.firstLog
                    && other.header.lastLog >= old.header.lastLog
            }
        }
        for segment in superseded { try remove(segment) }
        found.segments.removeAll { segment in superseded.contains { $0 === segment } }
    }

    private func readMetadata(_ segment: Segment, _ found: inout Found) {
        do {
            for family in try segment.metadata() { found.metadata[family.family] = family }
        } catch {
            logger.error(
                "the descriptions in a segment cannot be read",
                metadata: ["file": "\(segment.path.text)", "reason": "\(error)"])
        }
    }

    // MARK: Changes

    /// The number for a new segment; never used twice.
    func takeSequence() -> UInt64 {
        state.withLock { state in
            defer { state.nextSequence += 1 }
            return state.nextSequence
        }
    }

    /// Opens a segment that was written, and lists it; durable on return.
    func add(_ header: SegmentHeader) throws -> Segment {
        let segment = try Segment(
            files: files, path: path.child(SegmentNames.name(header.sequence)),
            sequence: header.sequence, seed: seed)
        do {
            try state.withLock { try $0.manifest.add(Self.entry(segment)) }
        } catch let failure as FileFailure where failure.code == .noSpace {
            // The next start finds it in the folder.
        }
        return segment
    }

    /// Removes a segment for good; those who have it can still read it.
    func remove(_ segment: Segment) throws {
        let sequence = segment.header.sequence
        do {
            try state.withLock { try $0.manifest.remove(sequence) }
        } catch let failure as FileFailure where failure.code == .noSpace {
            // Removing is what makes space: the list notices the next time it is opened.
        }
        try files.remove(segment.path)
        try files.syncDirectory(path)
        do {
            try state.withLock { try $0.manifest.forget([sequence]) }
        } catch let failure as FileFailure where failure.code == .noSpace {
            // The list is made shorter another time.
        }
    }

    /// Makes another store's folder of segments and deletions; durable on return.
    ///
    /// It needs no list: a start finds what is there.
    func link(
        _ segments: [Segment], _ deletions: [Deletion], into directory: FilePath
    ) throws(FileFailure) {
        let target = directory.child(SegmentNames.folder)
        try files.createDirectory(target)
        for segment in segments {
            try files.link(
                segment.path, to: target.child(SegmentNames.name(segment.header.sequence)))
        }
        if !deletions.isEmpty {
            try files.replace(
                target.child(SegmentNames.deletions), with: DeletionList.encode(deletions))
        }
        try files.syncDirectory(target)
    }

    func close() { state.withLock { $0.manifest.close() } }

    // MARK: Deletions

    /// Replaces the list of deletions; durable on return.
    func write(_ deletions: [Deletion]) throws(FileFailure) {
        try files.replace(
            path.child(SegmentNames.deletions), with: DeletionList.encode(deletions))
    }

    private func readDeletions() throws -> [Deletion] {
        let file = path.child(SegmentNames.deletions)
        guard try files.list(path).contains(SegmentNames.deletions) else { return [] }
        let bytes = try files.readAll(file, byteCountMax: Limits.deletionListByteCountMax)
        do {
            return try DeletionList.decode(bytes)
        } catch {
            logger.error(
                "the list of deletions is damaged and set aside; deleted samples may be back",
                metadata: ["file": "\(file.text)", "reason": "\(error)"])
        }
        try files.rename(file, to: FilePath.from(file.text + SegmentNames.damagedSuffix))
        try files.syncDirectory(path)
        return []
    }
}
