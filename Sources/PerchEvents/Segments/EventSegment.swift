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
    /// Filters whose checksum agreed once; by their offset.
    private let checkedFilters = Mutex<Set<Int>>([])
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
        blocks = try SegmentBlock.readAll(file.read(footer))
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

    /// The rows of a block that satisfy a query, with the columns that it asks for; nil for none.
    func rows(of block: SegmentBlock, _ query: EventQuery) throws -> EventBatch? {
        let file = try files.openForReading(path)
        defer { file.close() }
        guard try mayHold(query.predicate, block, file) else { return nil }
        var reader = try BlockReader(file, block)
        return try reader.rows(of: query)
    }

    /// Whether the tokens of a block leave it open that a row satisfies a predicate.
    private func mayHold(
        _ predicate: EventPredicate, _ block: SegmentBlock, _ file: any ReadableFile
    ) throws -> Bool {
        let plan = TokenPlan(predicate)
        guard plan.isUseful, block.filter.byteCount > 0 else { return true }
        let isChecked = checkedFilters.withLock { $0.contains(block.filter.offset) }
        if !isChecked {
            _ = try file.read(block.filter)
            checkedFilters.withLock { _ = $0.insert(block.filter.offset) }
        }
        let bucketCount = block.filter.byteCount / TokenFilter.bucketByteCount
        return try plan.mayHold { hash in
            let bucket = TokenFilter.bucket(of: hash, bucketCount)
            let bytes = try file.read(
                at: block.filter.offset + bucket * TokenFilter.bucketByteCount,
                byteCount: TokenFilter.bucketByteCount)
            return TokenFilter.mayHold(hash, bucket: bytes.span)
        }
    }

    /// Notes the fields of a block.
    func addFields(of block: SegmentBlock, to list: inout EventFieldList) throws {
        let file = try files.openForReading(path)
        defer { file.close() }
        let directory = try SegmentDirectory(file.read(block.directory), rowCount: block.rowCount)
        for entry in directory.columns { list.add(entry.name, entry.space, entry.kind) }
        list.add(directory.resources)
    }
}
