import SystemPackage

/// Files of the log: opening, sealing, removing.
///
/// Nothing here ends the log. What is in a sealed file is durable already, and a new file has
/// nothing in it yet: whatever fails is told, and tried again with the next record.
extension WriteLogWriter {
    mutating func checkSpace() throws(WriteLogFailure) {
        let free: Int
        do {
            free = try files.space(at: directory).availableByteCount
        } catch {
            // Not knowing is no reason to refuse: a full disk still fails the write.
            return
        }
        guard free >= options.freeByteCountMin else {
            // The room that they keep is not for this log alone.
            removeSpares(before: .max)
            throw .noSpace(
                "\(free) bytes are free for \(directory), below the reserve of "
                    + "\(options.freeByteCountMin)")
        }
    }

    mutating func openFile() throws(WriteLogFailure) -> Current {
        unlinkDoomed()
        listSealed()
        let spare = spares.isEmpty ? nil : spares.removeFirst()
        let header = WriteLogFileHeader(
            kind: options.kind, sequence: nextSequence, createdTime: options.clock(),
            salt: options.salt(), isReused: spare != nil)
        nextSequence += 1
        epoch += 1
        do throws(FileFailure) {
            let file: any WritableFile
            do throws(FileFailure) {
                file = try newFile(header, spare)
            } catch {
                if let spare { try? files.remove(spare.path) }
                doomed.insert(header.sequence)
                unlinkDoomed()
                throw error
            }
            let opened = Current(
                file: file, header: header, offset: WriteLogFraming.headerByteCount,
                summary: .none, hasRemains: header.isReused)
            current = opened
            queue.add(
                WriteLogFile(
                    sequence: header.sequence, byteCount: opened.offset, isSealed: false,
                    summary: opened.summary))
            return opened
        } catch {
            throw passing(error)
        }
    }

    /// A file with its header: one that was not there, or a spare under the new name.
    private func newFile(
        _ header: WriteLogFileHeader, _ spare: WriteLogSpare?
    ) throws(FileFailure) -> any WritableFile {
        let path = path(header.sequence)
        let file =
            if let spare { try files.openForWriting(spare.path, .existing) } else {
                try files.openForWriting(path, .new)
            }
        do throws(FileFailure) {
            try prepare(file, header)
            // Last, so that under its new name it is never seen with the header of the old one.
            if let spare { try files.rename(spare.path, to: path) }
            try files.syncDirectory(directory)
        } catch {
            file.close()
            throw error
        }
        return file
    }

    private func prepare(
        _ file: any WritableFile, _ header: WriteLogFileHeader
    ) throws(FileFailure) {
        let mark = [UInt8](repeating: 0, count: WriteLogFraming.endMarkByteCount)
        try file.write((header.encoded() + (header.isReused ? mark : [])).span, at: 0)
        do throws(FileFailure) {
            try file.preallocate(byteCount: options.fileByteCountMax)
        } catch {
            // Without, it only takes longer.
            guard error.code == .unsupported else { throw error }
        }
        try file.sync()
    }

    /// Ends the current file.
    ///
    /// One without records is removed: it has nothing to keep.
    mutating func seal() {
        guard let sealed = current else { return }
        current = nil
        queue.sealed()
        defer { sealed.file.close() }
        let sequence = sealed.header.sequence
        guard sealed.offset > WriteLogFraming.headerByteCount else {
            _ = queue.drop(sequence)
            doomed.insert(sequence)
            unlinkDoomed()
            return
        }
        do {
            try sealed.file.truncate(to: sealed.offset)
            try sealed.file.sync()
        } catch {
            // Its records were synced before. Only the room behind them stays, which reads as zeros.
        }
        queue.change(sequence) { $0.isSealed = true }
        unlisted.append(
            Manifest.Entry(sequence: sequence, byteCount: sealed.offset, summary: sealed.summary))
        listSealed()
    }

    /// Adds sealed files to the manifest.
    ///
    /// What fails waits for the next time: the list can do without, as a start finds the files in
    /// the folder.
    private mutating func listSealed() {
        while let entry = unlisted.first {
            do {
                try manifest.add(entry)
            } catch {
                return
            }
            unlisted.removeFirst()
        }
    }

    /// It is gone for good once the manifest says so, or once its name is durably gone.
    mutating func remove(_ sequence: UInt64) throws(WriteLogFailure) {
        if current?.header.sequence == sequence { seal() }
        guard doomed.contains(sequence) || queue.files.contains(where: { $0.sequence == sequence })
        else { return }
        unlisted.removeAll { $0.sequence == sequence }
        var failure: FileFailure?
        do throws(FileFailure) {
            try manifest.remove(sequence)
        } catch {
            // Removing is what makes space: it goes on, and the folder tells the next start.
            failure = error
        }
        if queue.drop(sequence) {
            doomed.insert(sequence)
            if unlinkDoomed() { return }
        }
        if let failure { throw passing(failure) }
    }

    /// Unlinks what is to go; whether all of it is durably gone.
    @discardableResult
    mutating func unlinkDoomed() -> Bool {
        guard !doomed.isEmpty else { return true }
        var gone: Set<UInt64> = []
        for sequence in doomed.sorted() {
            do throws(FileFailure) {
                if (try? keepAsSpare(sequence)) != true { try files.remove(path(sequence)) }
                gone.insert(sequence)
            } catch {
                if error.code == .notFound { gone.insert(sequence) }
            }
        }
        do throws(FileFailure) {
            try files.syncDirectory(directory)
            doomed.subtract(gone)
            try manifest.forget(gone)
        } catch {
            // A name may come back after a loss of power; what the manifest says then removes it.
        }
        return doomed.isEmpty
    }

    func path(_ sequence: UInt64) -> FilePath {
        directory.child(FileNames.writeLog(sequence: sequence))
    }

    /// A failure that costs nothing but the record at hand.
    private func passing(_ error: FileFailure) -> WriteLogFailure {
        error.code == .noSpace
            ? .noSpace(error.message)
            : .overloaded("\(error.message); it is tried again with the next record")
    }
}
