import SystemPackage

/// A removed file that is kept for its room.
///
/// Writing over it costs the kernel neither new pages nor new blocks, which is most of the price of
/// a write (as PostgreSQL does with its log). Its old records do not pass for records of the new
/// file, whose number is in their checksums.
struct WriteLogSpare: Sendable {
    let path: FilePath
    /// When it was removed, by the log's clock.
    let time: Int64
}

extension WriteLogWriter {
    /// Whether something removed still stands on the disk.
    var hasRemains: Bool { !spares.isEmpty || current?.hasRemains == true }

    /// Keeps a removed file for the next one, if that is needed soon: only a log that was given a
    /// file a short time ago will need another.
    ///
    /// Its name is gone then, as with a removal.
    mutating func keepAsSpare(_ sequence: UInt64) throws(FileFailure) -> Bool {
        let time = options.clock()
        let fitting = Limits.spareByteCountMax / max(1, options.fileByteCountMax)
        let countMax = max(1, min(Limits.spareCountMax, fitting))
        guard spares.count < countMax, let current,
            current.header.createdTime > time &- Limits.spareAgeMax,
            current.offset > WriteLogFraming.headerByteCount
        else { return false }
        let spare = WriteLogSpare(
            path: directory.child(FileNames.writeLogSpare(sequence: sequence)), time: time)
        try files.rename(path(sequence), to: spare.path)
        spares.append(spare)
        return true
    }

    /// Removes what was removed before `edge` and still stands on the disk: spares, and what is
    /// behind the records of the current file.
    mutating func removeRemains(before edge: Int64) {
        removeSpares(before: edge)
        guard let file = current, file.hasRemains, file.header.createdTime < edge else { return }
        do throws(FileFailure) {
            try file.file.truncate(to: file.offset)
        } catch {
            // It is tried again with what is written next; nothing depends on it.
            return
        }
        current?.hasRemains = false
        // Without the room, it only takes longer.
        try? file.file.preallocate(byteCount: options.fileByteCountMax)
    }

    /// Removes the spares that were kept before `edge`.
    ///
    /// One that cannot be removed goes with the next start.
    mutating func removeSpares(before edge: Int64) {
        for spare in spares where spare.time < edge { try? files.remove(spare.path) }
        spares.removeAll { $0.time < edge }
    }
}
