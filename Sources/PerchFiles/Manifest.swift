import SystemPackage

import PerchBytes

/// A durable list of the complete files in a folder: which are live, and what is in them.
///
/// It is a log of fixed records, each with its checksum. It can be lost: then the folder is listed,
/// and only the summaries are unknown. Not safe for two threads: its owner's thread has it.
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

    private let files: any FileStore
    private let path: FilePath
    private let kind: UInt32
    private var file: (any WritableFile)?
    private var endOffset = 0
    private var recordCount = 0

    /// Reads the list in `directory`, and writes it anew where it is missing or not whole.
    package init(
        files: any FileStore, directory: FilePath, kind: UInt32
    ) throws(FileFailure) {
        self.files = files
        self.path = directory.child(FileNames.manifest)
        self.kind = kind
        var isWhole = false
        do {
            let bytes = try files.readAll(path, byteCountMax: Limits.manifestByteCountMax)
            isWhole = read(bytes)
        } catch  where error.code == .notFound {
            message = nil
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
        apply(.add(entry))
    }

    /// Says that a file is gone, before it is; durable on return.
    package mutating func remove(_ sequence: UInt64) throws(FileFailure) {
        try append(.remove(sequence))
        apply(.remove(sequence))
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
    }

    private mutating func append(_ record: ManifestRecord) throws(FileFailure) {
        guard let file else {
            throw FileFailure(code: .other, message: "\(path) is closed")
        }
        let bytes = record.encoded()
        // A record that failed half-way is overwritten by the next: the end moves only here.
        try file.write(bytes.span, at: endOffset)
        try file.sync()
        endOffset += bytes.count
        recordCount += 1
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
    private mutating func read(_ bytes: [UInt8]) -> Bool {
        guard ManifestRecord.isHeader(bytes, kind: kind) else {
            message = "\(path) is damaged or of another store: it is made anew from the folder"
            return false
        }
        var offset = ManifestRecord.headerByteCount
        var damagedCount = 0
        while offset < bytes.count {
            let end = min(offset + ManifestRecord.byteCount, bytes.count)
            if let record = ManifestRecord.decode(bytes[offset..<end]) {
                apply(record)
                recordCount += 1
            } else {
                damagedCount += 1
            }
            offset = end
        }
        endOffset = offset
        if damagedCount > 0 {
            message = "\(path) had \(damagedCount) damaged or unfinished records"
        }
        return damagedCount == 0
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
        try files.replace(path, with: bytes)
        file?.close()
        file = try files.openForWriting(path, .existing)
        endOffset = bytes.count
        recordCount = 1 + entries.count + removed.count
    }
}
