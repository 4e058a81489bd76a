import PerchBytes
import PerchFiles
import PerchModel

/// Writes a segment: rows go in batch by batch, and out block by block.
///
/// It writes under a temporary name; `finish` syncs and renames, so that a file with its own name
/// is whole. Whoever throws the writer away calls `discard`.
struct SegmentWriter {
    private let files: any FileStore
    private let path: FilePath
    private let temporary: FilePath
    private let file: any WritableFile
    private let origin: SegmentOrigin
    private let packer = ChunkPacker()
    private var offset: Int
    private var blocks: [SegmentBlock] = []
    private var open: [Dataset: Open] = [:]
    private(set) var rowCount = 0

    /// The rows of the next block of a dataset.
    private struct Open {
        var batch: EventBatch
        var index = EventBatchIndex()
        var byteCount = 0
    }

    init(files: any FileStore, path: FilePath, origin: SegmentOrigin) throws(FileFailure) {
        self.files = files
        self.origin = origin
        self.path = path
        temporary = FilePath.from(path.text + FileNames.temporarySuffix)
        file = try files.openForWriting(temporary, .existingOrNew)
        try file.truncate(to: 0)
        let header = SegmentFormat.header(sequence: origin.last)
        try file.write(header.span, at: 0)
        offset = header.count
    }

    mutating func add(_ batch: EventBatch) throws(FileFailure) {
        guard batch.rowCount > 0 else { return }
        rowCount += batch.rowCount
        var start = 0
        while start < batch.rowCount {
            // Out of the table while it grows, so that nothing of it is copied.
            var block =
                open.removeValue(forKey: batch.dataset)
                ?? Open(batch: EventBatch(dataset: batch.dataset))
            let room = Limits.segmentBlockRowCountMax - block.batch.rowCount
            let end = min(batch.rowCount, start + room)
            let part =
                start == 0 && end == batch.rowCount ? batch : batch.slicing(start..<end)
            block.batch.append(contentsOf: part, &block.index)
            block.byteCount += part.byteCount
            start = end
            open[batch.dataset] = block
            if block.batch.rowCount >= Limits.segmentBlockRowCountMax
                || block.byteCount >= Limits.segmentBlockByteCountMax
                || block.batch.columns.count >= Limits.blockColumnCountMax
            {
                try endBlock(batch.dataset)
            }
        }
    }

    private mutating func endBlock(_ dataset: Dataset) throws(FileFailure) {
        guard let block = open.removeValue(forKey: dataset), block.batch.rowCount > 0 else {
            return
        }
        try write(Self.sorted(block.batch))
    }

    /// By time, so that a read stops early and times take few bits; rows of one time keep their
    /// order.
    static func sorted(_ batch: EventBatch) -> EventBatch {
        TimeOrder.rows(by: batch.times).map { batch.selecting(rows: $0) } ?? batch
    }

    private mutating func write(_ batch: EventBatch) throws(FileFailure) {
        let (bytes, block) = BlockEncoder.encode(batch, at: offset, packer)
        try file.write(bytes.span, at: offset)
        offset += bytes.count
        blocks.append(block)
    }

    /// Takes a block of another segment as it is; only the places of its parts change.
    mutating func copy(_ block: SegmentBlock, from source: any ReadableFile) throws {
        var directory = try SegmentDirectory(
            source.read(block.directory), rowCount: block.rowCount)
        var bytes: [UInt8] = []
        let start = offset
        func move(_ chunk: inout SegmentChunk) throws {
            let content = try source.read(chunk)
            chunk.offset = start + bytes.count
            bytes += content
        }
        var copy = block
        try directory.forEachChunk(move)
        try move(&copy.filter)
        let encoded = directory.encoded(block.dataset)
        copy.directory = SegmentChunk(
            offset: start + bytes.count, byteCount: encoded.count,
            checksum: CRC32C.checksum(encoded))
        bytes += encoded
        try file.write(bytes.span, at: offset)
        offset += bytes.count
        blocks.append(copy)
        rowCount += block.rowCount
    }

    /// Makes the segment durable and gives it its name.
    mutating func finish() throws(FileFailure) {
        for dataset in Dataset.allCases { try endBlock(dataset) }
        let footer = SegmentFooter.encode(blocks, origin)
        let trailer = SegmentFormat.trailer(
            footer: SegmentChunk(
                offset: offset, byteCount: footer.count, checksum: CRC32C.checksum(footer)))
        try file.write((footer + trailer).span, at: offset)
        try file.sync()
        file.close()
        try files.rename(temporary, to: path)
        try files.syncDirectory(path.folder)
    }

    /// Removes what was written so far.
    func discard() {
        file.close()
        // A file that is not finished may also be removed at any start.
        try? files.remove(temporary)
    }
}
