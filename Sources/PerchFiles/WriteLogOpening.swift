import SystemPackage

/// Puts a log's folder in order after whatever happened before, and says what is there.
struct WriteLogOpening: Sendable {
    var manifest: Manifest
    /// The live files, oldest first; all are sealed.
    var files: [WriteLogFile] = []
    var nextSequence: UInt64 = 1
    var notes: [String] = []
    /// Ends of files that were cut off and kept beside.
    var damagedCopyCount = 0

    /// Why a folder is not this log's.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    static func open(
        files: any FileStore, directory: FilePath, options: WriteLog.Options
    ) throws -> WriteLogOpening {
        try files.createDirectory(directory)
        try files.syncDirectory(directory.folder)
        let names = try files.list(directory)
        for name in names where name.hasSuffix(FileNames.spareSuffix) {
            try files.remove(directory.child(name))
        }
        var sequences = names.compactMap(FileNames.writeLogSequence)
        var opening = WriteLogOpening(
            manifest: try Manifest(files: files, directory: directory, kind: options.kind))
        if let message = opening.manifest.message { opening.notes.append(message) }
        let newest = sequences.last ?? 0
        opening.nextSequence = max(
            1, options.sequenceFloor, opening.manifest.sequenceFloor,
            newest == .max ? newest : newest + 1)
        try opening.finishRemovals(&sequences, files, directory)
        // What a list that was lost does not name is not read now: that could be everything.
        let isListWhole = opening.manifest.message == nil && !opening.manifest.wasMissing
        for sequence in sequences {
            let path = directory.child(FileNames.writeLog(sequence: sequence))
            if let entry = opening.manifest.entries[sequence] {
                // It may be longer, where it could not be cut when it was sealed.
                opening.files.append(
                    WriteLogFile(
                        sequence: sequence,
                        byteCount: min(entry.byteCount, try files.byteCount(of: path)),
                        isSealed: true, summary: entry.summary))
            } else if sequence == newest || isListWhole {
                try opening.recover(sequence, path, files, options, isNewest: sequence == newest)
            } else {
                opening.notes.append("\(path) is not in the manifest: its summary is unknown")
                opening.files.append(
                    WriteLogFile(
                        sequence: sequence, byteCount: try files.byteCount(of: path),
                        isSealed: true, summary: nil))
            }
        }
        return opening
    }

    /// Removes files whose removal was begun, and forgets entries whose file is gone.
    private mutating func finishRemovals(
        _ sequences: inout [UInt64], _ files: any FileStore, _ directory: FilePath
    ) throws {
        for sequence in sequences where manifest.removed.contains(sequence) {
            try files.remove(directory.child(FileNames.writeLog(sequence: sequence)))
        }
        sequences.removeAll { manifest.removed.contains($0) }
        let missing = Set(manifest.entries.keys).subtracting(sequences)
        for sequence in missing.sorted() {
            notes.append("\(FileNames.writeLog(sequence: sequence)) in \(directory) is gone")
            try manifest.remove(sequence)
        }
        if !manifest.removed.isEmpty {
            try files.syncDirectory(directory)
            try manifest.forget(manifest.removed)
        }
    }

    /// Lists a file that was being written, or that a full disk kept out of the list.
    ///
    /// Of the newest, what follows its last intact record is cut.
    private mutating func recover(
        _ sequence: UInt64, _ path: FilePath, _ files: any FileStore, _ options: WriteLog.Options,
        isNewest: Bool
    ) throws {
        let file = try files.openForReading(path)
        defer { file.close() }
        let byteCount = try file.byteCount()
        var scanner = WriteLogScanner(
            file: file, byteCount: byteCount, recordByteCountMax: options.recordByteCountMax)
        let header: WriteLogFileHeader
        do {
            header = try scanner.header()
        } catch WriteLogFileHeader.Failure.newerVersion(let version) {
            throw Refusal(description: "\(path) has version \(version) of the format, not 1")
        } catch is WriteLogFileHeader.Failure {
            try recoverHeaderless(sequence, path, files, &scanner)
            return
        }
        guard header.kind == options.kind, header.sequence == sequence else {
            throw Refusal(
                description: "\(path) is file \(header.sequence) of a store of kind \(header.kind)")
        }
        let report = try scanner.scan(header) { _, _ in }
        if let message = report.message { notes.append(message) }
        let hasTail = report.tornByteCount > 0 || report.tornRecordCount > 0
        var live = WriteLogFile(
            sequence: sequence, byteCount: byteCount, isSealed: true, summary: report.summary)
        if isNewest || report.recordCount == 0 {
            if hasTail {
                // What stands behind it in a reused file was removed, and is to be gone.
                let end =
                    header.isReused ? try scanner.endMark(from: report.endOffset) : byteCount
                try keepTail(report.endOffset..<end, file, path, files)
            }
            if report.recordCount == 0 {
                // Nothing in it was ever acknowledged and intact.
                try files.remove(path)
                try files.syncDirectory(path.folder)
                return
            }
            if report.endOffset < byteCount { try cut(path, to: report.endOffset, files) }
            live.byteCount = report.endOffset
        }
        self.files.append(live)
        try add(
            Manifest.Entry(sequence: sequence, byteCount: live.byteCount, summary: report.summary),
            path)
    }

    private mutating func add(_ entry: Manifest.Entry, _ path: FilePath) throws(FileFailure) {
        do throws(FileFailure) {
            try manifest.add(entry)
        } catch {
            guard error.code == .noSpace else { throw error }
            notes.append("\(path) is not in the manifest yet: \(error.message)")
        }
    }

    private func cut(_ path: FilePath, to byteCount: Int, _ files: any FileStore) throws {
        let writing = try files.openForWriting(path, .existing)
        defer { writing.close() }
        try writing.truncate(to: byteCount)
        try writing.sync()
    }

    /// Keeps what is about to be cut; a full disk must not keep the log from opening.
    private mutating func keepTail(
        _ range: Range<Int>, _ file: any ReadableFile, _ path: FilePath, _ files: any FileStore
    ) throws {
        do throws(FileFailure) {
            let copy = try DamagedCopy.keep(range, of: file, at: path, files)
            damagedCopyCount += 1
            notes.append("what is cut off \(path) from byte \(range.lowerBound) on is in \(copy)")
        } catch {
            guard error.code == .noSpace else { throw error }
            notes.append("what is cut off \(path) could not be kept: \(error.message)")
        }
    }

    /// A file is made header first: with nothing behind the header it never held a record.
    private mutating func recoverHeaderless(
        _ sequence: UInt64, _ path: FilePath, _ files: any FileStore,
        _ scanner: inout WriteLogScanner
    ) throws {
        if try scanner.isZero(from: WriteLogFraming.headerByteCount) {
            try files.remove(path)
            try files.syncDirectory(path.folder)
        } else {
            let file = WriteLogFile(
                sequence: sequence, byteCount: try files.byteCount(of: path), isSealed: true,
                summary: nil)
            notes.append(WriteLogReplayReport.unreadable(file).message ?? "")
            self.files.append(file)
        }
    }
}
