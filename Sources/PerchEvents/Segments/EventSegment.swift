import PerchBytes
import PerchFiles
import PerchModel
import Synchronization

/// A segment on the disk: blocks of rows as columns, which nothing changes any more.
///
/// It is shared by the head and the snapshots that have it. After `discard` the file goes when the
/// last of them lets go.
final class EventSegment: Sendable {
    let sequence: UInt64
    let byteCount: Int
    let blocks: [SegmentBlock]
    private let files: any FileStore
    private let path: FilePath
    private let isDiscarded = Atomic<Bool>(false)

    /// Opens a segment; throws `FileFailure`, or `SegmentFormat.Failure` for what is none.
    init(files: any FileStore, path: FilePath, sequence: UInt64) throws {
        self.files = files
        self.path = path
        self.sequence = sequence
        let file = try files.openForReading(path)
        defer { file.close() }
        byteCount = try file.byteCount()
        let trailerByteCount = SegmentFormat.trailerByteCount
        guard byteCount >= SegmentFormat.headerByteCount + trailerByteCount else {
            throw SegmentFormat.Failure.damaged("it is too short")
        }
        let header = try file.read(at: 0, byteCount: SegmentFormat.headerByteCount)
        try SegmentFormat.checkHeader(header, sequence: sequence)
        let trailer = try file.read(
            at: byteCount - trailerByteCount, byteCount: trailerByteCount)
        let footer = try SegmentFormat.footer(trailer)
        blocks = try SegmentBlock.readAll(Self.read(footer, file))
    }

    deinit {
        guard isDiscarded.load(ordering: .acquiring) else { return }
        // What is not removed now is found again at the next start, and is too old then too.
        try? files.remove(path)
        try? files.syncDirectory(path.folder)
    }

    /// Lets the file go once nobody reads it any more.
    func discard() {
        isDiscarded.store(true, ordering: .releasing)
    }

    var rowCount: Int { blocks.reduce(0) { $0 + $1.rowCount } }

    /// The range of times of each dataset.
    var times: [Dataset: EventTimes] {
        blocks.reduce(into: [:]) { $0.widen($1.times, for: $1.dataset) }
    }

    // MARK: Reading

    /// The bytes of a chunk, if they are what was written.
    private static func read(_ chunk: SegmentChunk, _ file: any ReadableFile) throws -> [UInt8] {
        guard chunk.byteCount <= Limits.segmentChunkByteCountMax else {
            throw SegmentFormat.Failure.damaged("a part of \(chunk.byteCount) bytes")
        }
        let bytes = try file.read(at: chunk.offset, byteCount: chunk.byteCount)
        guard bytes.count == chunk.byteCount, CRC32C.checksum(bytes) == chunk.checksum else {
            throw SegmentFormat.Failure.damaged("the part at byte \(chunk.offset)")
        }
        return bytes
    }

    /// The rows of a block that satisfy a query, with the columns that it asks for; nil for none.
    ///
    /// Only the columns that the predicate looks at are read first, and none if what is known of
    /// them shows that no row can satisfy it.
    func rows(of block: SegmentBlock, _ query: EventQuery) throws -> EventBatch? {
        let file = try files.openForReading(path)
        defer { file.close() }
        let directory = try SegmentDirectory(Self.read(block.directory, file))
        guard query.predicate.mayHold(in: directory) else { return nil }
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        batch.times = try Self.integers(directory.times, block.rowCount, file)
        let indexes = try Self.integers(directory.resourceIndexes, block.rowCount, file)
        batch.resourceIndexes = try indexes.map { index in
            guard index >= 0, index < directory.resources.count else {
                throw SegmentFormat.Failure.damaged("a resource that is not there")
            }
            return UInt32(truncatingIfNeeded: index)
        }
        var byteCountLeft = Limits.decodedByteCountMax
        var unread: [SegmentDirectory.Entry] = []
        for entry in directory.columns {
            if query.predicate.looks(at: entry) {
                try read(entry, block.rowCount, file, into: &batch, &byteCountLeft)
            } else {
                unread.append(entry)
            }
        }
        let rows = batch.matchingRows(of: query.predicate, times: query.times)
        guard !rows.isEmpty else { return nil }
        for entry in unread where query.projection.includes(Column(entry)) {
            try read(entry, block.rowCount, file, into: &batch, &byteCountLeft)
        }
        let isWhole = rows.count == batch.rowCount && query.projection == .all
        return isWhole ? batch : batch.selecting(rows: rows, projection: query.projection)
    }

    /// Notes the fields of a block.
    func addFields(of block: SegmentBlock, to list: inout EventFieldList) throws {
        let file = try files.openForReading(path)
        defer { file.close() }
        let directory = try SegmentDirectory(Self.read(block.directory, file))
        for entry in directory.columns { list.add(entry.name, entry.space, entry.kind) }
        list.add(directory.resources)
    }

    private static func integers(
        _ chunk: SegmentChunk, _ count: Int, _ file: any ReadableFile
    ) throws -> [Int64] {
        var reader = ByteReader(try read(chunk, file))
        return try IntegerCodec.read(count: count, &reader)
    }

    private func read(
        _ entry: SegmentDirectory.Entry, _ rowCount: Int, _ file: any ReadableFile,
        into batch: inout EventBatch, _ byteCountLeft: inout Int
    ) throws {
        let bytes = try Self.read(entry.chunk, file)
        guard bytes.first == 0 else { throw SegmentFormat.Failure.damaged("a packing unknown") }
        var column = Column(entry)
        try ColumnCodec.read(
            into: &column, rowCount: rowCount, byteCountMax: byteCountLeft, bytes.dropFirst())
        byteCountLeft = max(0, byteCountLeft - column.byteCount)
        batch.columns.append(column)
    }
}

extension Column {
    /// An empty column of this name and kind.
    fileprivate init(_ entry: SegmentDirectory.Entry) {
        self.init(name: entry.name, space: entry.space, kind: entry.kind)
    }
}
