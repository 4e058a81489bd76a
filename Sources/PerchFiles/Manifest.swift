import SystemPackage

import PerchBytes

/// A durable list of the complete files in a folder: which are live, and what is in them.
///
/// It is a log of fixed records, each with its checksum. It can be lost: then the folder is listed,
/// and only the summaries are unknown. So a change that fails may be tried again: the list is then
/// written anew, never behind bytes of which nobody knows whether they are durable. Not safe for two threads: its owner's thread has it.
package struct Manifest: Sendable {
    /// A complete file.
    package struct Entry: Sendable, Equatable {
        package var sequence: UInt64
        package var byteCount: Int
        package var summary: WriteLogSummary

        package init(sequence: UInt64, byteCount: Int, summary: WriteLogSummary) {
            self.sequence = sequence
            self.byteCount = byteCount
            self.summary = summary
        }
    }

    /// The live files that were added.
    package private(set) var entries: [UInt64: Entry] = [:]
    /// Files that are to be removed and may still be in the folder.
    package private(set) var removed: Set<UInt64> = []
    /// Larger than the number of any file that was ever in the list.
    package private(set) var sequenceFloor: UInt64 = 0
    /// What was wrong with the list when it was opened; nil if nothing.
    package private(set) var message: String?
    /// Whether there was no list.
    package private(set) var wasMissing = false

    private let files: any FileStore
    private let path: FilePath
    private let kind: UInt32
    private var file: (any WritableFile)?
    /// Set while what is in the file is not known to be what is in memory.
    private var mustRewrite = false
    private var isClosed = false
    private var endOffset = 0
    private var recordCount = 0

    /// Reads the list in `directory`, and writes it anew where it is missing or not whole.
    ///
    /// Throws `.newerFormat` or `.foreign` for a list that is intact but not for this code; it is
    /// then left as it is.
    package init(
        files: any FileStore, directory: FilePath, kind: UInt32
    ) throws(FileFailure) {
        self.files = files
        self.path = directory.child(FileNames.manifest)
        self.kind = kind
        var isWhole = false
        do {
            let bytes = try files.readAll(path, byteCountMax: Limits.manifestByteCountMax)
            isWhole = try read(bytes)
        } catch  where error.code == .notFound {
            wasMissing = true
        }
        if isWhole {
            file = try files.openForWriting(path, .existing)
        } else {
            try rewrite()
        }
    }

    /// Adds a complete file; durable on return.
    package mutating func add(_ entry: Entry) throws(FileFailure) {
        try append(.add(entry))
    }

    /// Says that a file is gone, before it is; durable on return.
    package mutating func remove(_ sequence: UInt64) throws(FileFailure) {
        try append(.remove(sequence))
    }

    /// Forgets files that are durably gone from the folder, so that the list stays short.
    package mutating func forget(_ sequences: Set<UInt64>) throws(FileFailure) {
        removed.subtract(sequences)
        if recordCount > entries.count + removed.count + Limits.manifestSpareRecordCountMax {
            try rewrite()
        }
    }

    /// Closes the list's file.
    package mutating func close() {
        file?.close()
        file = nil
        isClosed = true
    }

    private mutating func append(_ record: ManifestRecord) throws(FileFailure) {
        guard !isClosed else {
            throw FileFailure(code: .other, message: "\(path) is closed")
        }
        guard let file, !mustRewrite else {
            var changed = self
            changed.apply(record)
            defer {
                self.file = changed.file
                mustRewrite = changed.mustRewrite
            }
            try changed.rewrite()
            self = changed
            return
        }
        let bytes = record.encoded()
        do {
            try file.write(bytes.span, at: endOffset)
            try file.sync()
        } catch {
            mustRewrite = true
            throw error
        }
        endOffset += bytes.count
        recordCount += 1
        apply(record)
    }

    private mutating func apply(_ record: ManifestRecord) {
        switch record {
        case .add(let entry):
            entries[entry.sequence] = entry
            raiseFloor(above: entry.sequence)
        case .remove(let sequence):
            entries[sequence] = nil
            removed.insert(sequence)
            raiseFloor(above: sequence)
        case .floor(let floor):
            sequenceFloor = max(sequenceFloor, floor)
        }
    }

    private mutating func raiseFloor(above sequence: UInt64) {
        sequenceFloor = max(sequenceFloor, sequence == .max ? sequence : sequence + 1)
    }

    /// Takes in what is intact; whether that is everything.
    private mutating func read(_ bytes: [UInt8]) throws(FileFailure) -> Bool {
        switch ManifestRecord.readHeader(bytes, kind: kind) {
        case .ours: break
        case .damaged:
            message = "\(path) is damaged: it is made anew from the folder"
            return false
        case .newerVersion(let version):
            throw newer("version \(version) of its format")
        case .ofKind(let other):
            throw FileFailure(
                code: .foreign, message: "\(path) is of a store of kind \(other), not \(kind)")
        }
        var offset = ManifestRecord.headerByteCount
        var damagedCount = 0
        while offset < bytes.count {
            let end = min(offset + ManifestRecord.byteCount, bytes.count)
            switch ManifestRecord.read(bytes[offset..<end]) {
            case .record(let record):
                apply(record)
                recordCount += 1
            case .damaged: damagedCount += 1
            case .unknownType(let type): throw newer("a record of type \(type)")
            }
            offset = end
        }
        endOffset = offset
        if damagedCount > 0 {
            message = "\(path) had \(damagedCount) damaged or unfinished records"
        }
        return damagedCount == 0
    }

    private func newer(_ what: String) -> FileFailure {
        FileFailure(
            code: .newerFormat,
            message: "\(path) has \(what): a newer version of Perch wrote it; it is left as it is")
    }

    private mutating func rewrite() throws(FileFailure) {
        var bytes = ManifestRecord.header(kind: kind)
        bytes.append(contentsOf: ManifestRecord.floor(sequenceFloor).encoded())
        for entry in entries.values.sorted(by: { $0.sequence < $1.sequence }) {
            bytes.append(contentsOf: ManifestRecord.add(entry).encoded())
        }
        for sequence in removed.sorted() {
            bytes.append(contentsOf: ManifestRecord.remove(sequence).encoded())
        }
        mustRewrite = true
        try files.replace(path, with: bytes)
        file?.close()
        file = nil
        file = try files.openForWriting(path, .existing)
        endOffset = bytes.count
        recordCount = 1 + entries.count + removed.count
        mustRewrite = false
    }
}
