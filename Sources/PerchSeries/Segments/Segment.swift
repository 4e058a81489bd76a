import PerchBytes
import PerchCodec
import PerchFiles
import PerchModel
import Synchronization

/// A segment that is in use: an open file that never changes, and its index once it was needed.
///
/// It stays readable after its file was removed, for as long as somebody has it.
final class Segment: Sendable {
    private struct Loaded {
        var index: SegmentIndex?
        /// When it was last asked for, counted by all segments together.
        var lastUse: UInt64 = 0
        var hasToldDamage = false
    }

    let header: SegmentHeader
    let path: FilePath
    let byteCount: Int
    private let file: any ReadableFile
    private let seed: UInt64
    private let loaded = Mutex(Loaded())

    /// Opens a segment and checks everything but its chunks, which are checked when they are read.
    init(files: any FileStore, path: FilePath, sequence: UInt64, seed: UInt64) throws {
        self.path = path
        self.seed = seed
        file = try files.openForReading(path)
        byteCount = try file.byteCount()
        header = try SegmentHeader(
            try file.read(at: 0, byteCount: SegmentHeader.byteCount), fileByteCount: byteCount)
        guard header.sequence == sequence else { throw SegmentHeader.Failure.damaged }
        for section in [header.index, header.metadata] {
            let bytes = try file.read(at: section.offset, byteCount: section.byteCount)
            guard bytes.count == section.byteCount, CRC32C.checksum(bytes) == section.checksum
            else { throw SegmentHeader.Failure.damaged }
        }
    }

    /// The index for a merge: read from the disk, and not kept.
    func indexForMerge() throws(StoreFailure) -> SegmentIndex {
        if let known = loaded.withLock({ $0.index }) { return known }
        return try readIndex(isForMerge: true)
    }

    private func readIndex(isForMerge: Bool) throws(StoreFailure) -> SegmentIndex {
        do {
            return try SegmentIndex(
                try section(header.index), baseTime: header.baseTime, seed: seed,
                isForMerge: isForMerge)
        } catch {
            throw .failed("the index of \(path.text) cannot be read: \(error)")
        }
    }

    /// The index, read from the disk when it is not in memory.
    func index() throws(StoreFailure) -> SegmentIndex {
        let known = loaded.withLock { loaded in
            loaded.lastUse = Self.uses.add(1, ordering: .relaxed).newValue
            return loaded.index
        }
        if let known { return known }
        let index = try readIndex(isForMerge: false)
        loaded.withLock { $0.index = index }
        return index
    }

    private static let uses = Atomic<UInt64>(0)

    /// What the index takes in memory and when it was last used; nil when it is not loaded.
    var indexUse: (byteCount: Int, lastUse: UInt64)? {
        loaded.withLock { loaded in loaded.index.map { ($0.byteCount, loaded.lastUse) } }
    }

    /// Gives the memory of the index back; it is read again when it is needed.
    func dropIndex() { loaded.withLock { $0.index = nil } }

    /// True once: so that damage is told once a segment.
    func takeFirstDamage() -> Bool {
        loaded.withLock { loaded in
            defer { loaded.hasToldDamage = true }
            return !loaded.hasToldDamage
        }
    }

    func metadata() throws -> [MetricMetadata] {
        try SegmentMetadata.decode(try section(header.metadata))
    }

    private func section(_ section: SegmentHeader.Section) throws -> [UInt8] {
        let bytes = try file.read(at: section.offset, byteCount: section.byteCount)
        guard CRC32C.checksum(bytes) == section.checksum else {
            throw SegmentHeader.Failure.damaged
        }
        let plain = try Decompressor.decompress(
            bytes, encoding: .zstd, limit: section.plainByteCount)
        guard plain.count == section.plainByteCount else { throw SegmentHeader.Failure.damaged }
        return plain
    }

    /// Bytes of the chunk section; fewer only at the end of the file.
    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8] {
        try file.read(at: header.chunks.offset + offset, byteCount: byteCount)
    }
}
