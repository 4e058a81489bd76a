import PerchFiles
import PerchModel
import Synchronization

/// A segment on the disk: blocks of rows as columns, which nothing changes any more.
///
/// It is shared by the head and the snapshots that have it, and stays readable for them after
/// `discard`.
final class EventSegment: Sendable {
    let origin: SegmentOrigin
    let byteCount: Int
    let blocks: [SegmentBlock]
    let rowCount: Int
    /// The range of times of each dataset.
    let times: [Dataset: EventTimes]
    private let files: any FileStore
    private let path: FilePath
    /// Filters whose checksum agreed once; by their offset.
    private let checkedFilters = Mutex<Set<Int>>([])
    /// The file, once its name is to be something else's or nothing's.
    private let pinned = Mutex<(any ReadableFile)?>(nil)
    private let directories = DirectoryCache()
    /// The fields of each dataset, once somebody asked.
    private let fields = Mutex<[Dataset: [EventField]]>([:])

    /// Opens a segment; throws `FileFailure`, or `SegmentFormat.Failure` for what is none.
    init(files: any FileStore, path: FilePath, sequence: UInt64) throws {
        self.files = files
        self.path = path
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
        (blocks, origin) = try SegmentFooter.decode(file.read(footer), last: sequence)
        rowCount = blocks.reduce(0) { $0 + $1.rowCount }
        times = blocks.reduce(into: [:]) { $0.widen($1.times, for: $1.dataset) }
    }

    deinit { pinned.withLock { $0?.close() } }

    /// The number of the newest file of the log in it.
    var sequence: UInt64 { origin.last }

    /// Keeps the file readable whatever becomes of its name.
    func pin() throws(FileFailure) {
        try pinned.withLock { file throws(FileFailure) in
            if file == nil { file = try files.openForReading(path) }
        }
    }

    /// Removes the file, durably; whoever has the segment still reads it.
    func discard() throws(FileFailure) {
        do {
            try pin()
            try files.remove(path)
        } catch  where error.code == .notFound {
            return
        }
        try files.syncDirectory(path.folder)
    }

    /// Lends the file.
    func withFile<Answer>(_ body: (any ReadableFile) throws -> Answer) throws -> Answer {
        let (file, isPinned) = try pinned.withLock { pinned throws(FileFailure) in
            if let pinned { return (pinned, true) }
            return (try files.openForReading(path), false)
        }
        defer { if !isPinned { file.close() } }
        return try body(file)
    }

    // MARK: Reading

    /// The file, for as long as the caller has this segment; closed when it is let go.
    func open() throws(FileFailure) -> any ReadableFile {
        try pinned.withLock { pinned throws(FileFailure) in
            if let pinned { return pinned }
            return try files.openForReading(path)
        }
    }

    /// The rows of a block that satisfy a query, with the columns that it asks for; nil for none.
    ///
    /// `predicate` is the query's, where other blocks are asked for it too. Rows that are counted in
    /// `tally` are not in the answer.
    func rows(
        of block: SegmentBlock, _ query: EventQuery, _ file: any ReadableFile,
        _ counts: BlockReadCounts, _ predicate: SenderPredicate?, _ tally: inout TextTally?
    ) throws -> EventBatch? {
        let known = try known(block, file)
        var query = query
        let senders = known.directory.senders
        query.predicate = predicate?.folded(for: senders) ?? query.predicate.folded(for: senders)
        var reader = BlockReader(file, block, known)
        // Nobody else holds it while it changes.
        swap(&reader.tally, &tally)
        defer { swap(&reader.tally, &tally) }
        let rows = try reader.rows(of: query)
        if reader.isTallied {
            counts.joined.add(1, ordering: .relaxed)
        } else if rows == nil {
            counts.empty.add(1, ordering: .relaxed)
        } else if reader.isJoined {
            counts.joined.add(1, ordering: .relaxed)
        } else {
            counts.rows.add(1, ordering: .relaxed)
        }
        return rows
    }

    /// The same for one block alone.
    func rows(of block: SegmentBlock, _ query: EventQuery) throws -> EventBatch? {
        try withFile { file in
            guard try mayHold(TokenPlan(query.predicate), block, file) else { return nil }
            var tally: TextTally?
            return try rows(of: block, query, file, BlockReadCounts(), nil, &tally)
        }
    }

    private func known(
        _ block: SegmentBlock, _ file: any ReadableFile
    ) throws -> KnownBlock {
        try directories.known(block) {
            try SegmentDirectory(file.read(block.directory), rowCount: block.rowCount)
        }
    }

    /// Whether the tokens of a block leave it open that a row satisfies a predicate.
    func mayHold(
        _ plan: TokenPlan, _ block: SegmentBlock, _ file: any ReadableFile
    ) throws -> Bool {
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

    /// Reads everything; throws at the first part that is not as it was written.
    func check() throws {
        try withFile { file in
            for block in blocks {
                var directory = try SegmentDirectory(
                    file.read(block.directory), rowCount: block.rowCount)
                try directory.forEachChunk { _ = try file.read($0) }
                _ = try file.read(block.filter)
            }
        }
    }

    /// Notes the fields of a dataset; a block that cannot be read is told and left out.
    func addFields(
        of dataset: Dataset, to list: inout EventFieldList, onDamage: (any Error) -> Void
    ) {
        if let known = fields.withLock({ $0[dataset] }) {
            list.add(known)
            return
        }
        var own = EventFieldList()
        var isWhole = true
        for block in blocks where block.dataset == dataset {
            do {
                let directory = try withFile { file in try known(block, file).directory }
                for entry in directory.columns { own.add(entry.name, entry.space, entry.kind) }
                own.add(directory.resources)
            } catch {
                isWhole = false
                onDamage(error)
            }
        }
        let found = own.fields
        if isWhole { fields.withLock { $0[dataset] = found } }
        list.add(found)
    }
}
