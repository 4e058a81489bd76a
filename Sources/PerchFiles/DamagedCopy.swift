import SystemPackage

/// A copy of bytes that are cut off a write-log file because nothing intact follows them.
///
/// Mostly they are a write that was never acknowledged. But a disk that lost what it had promised
/// looks the same, so they are kept for somebody who wants to look. The copy has the file's header,
/// and its bytes stand at the offsets that they had: it reads as a log file with a gap.
enum DamagedCopy {
    /// Keeps bytes `start..<end` of the file at `path` beside it; durable on return.
    ///
    /// The oldest copies go when there would be too many.
    static func keep(
        _ range: Range<Int>, of file: any ReadableFile, at path: FilePath, _ files: any FileStore
    ) throws(FileFailure) -> FilePath {
        let name = (path.lastComponent?.string ?? "") + FileNames.damagedSuffix
        try makeRoom(in: path.folder, for: name, files)
        let target = path.folder.child(name)
        let copy = try files.openForWriting(target, .existingOrNew)
        defer { copy.close() }
        do {
            try copy.truncate(to: 0)
            let header = try file.read(
                at: 0, byteCount: min(WriteLogFraming.headerByteCount, range.lowerBound))
            try copy.write(header.span, at: 0)
            var offset = range.lowerBound
            while offset < range.upperBound {
                let byteCount = min(Limits.scanWindowByteCount, range.upperBound - offset)
                let bytes = try file.read(at: offset, byteCount: byteCount)
                // Room that was reserved and never written is left out.
                if let last = bytes.lastIndex(where: { $0 != 0 }) {
                    try copy.write(bytes.span.extracting(first: last + 1), at: offset)
                }
                offset += byteCount
            }
            try copy.sync()
            try files.syncDirectory(path.folder)
        } catch {
            try? files.remove(target)
            throw error
        }
        return target
    }

    private static func makeRoom(
        in folder: FilePath, for name: String, _ files: any FileStore
    ) throws(FileFailure) {
        let others = try files.list(folder).filter {
            $0.hasSuffix(FileNames.damagedSuffix) && $0 != name
        }
        for old in others.dropLast(Limits.damagedCopyCountMax - 1) {
            try files.remove(folder.child(old))
        }
    }
}
