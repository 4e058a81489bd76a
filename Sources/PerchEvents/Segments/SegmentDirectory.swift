import PerchBytes
import PerchModel

/// What a block's list of columns says: where each is, and what its values lie between.
struct SegmentDirectory: Sendable {
    /// How the values of a column stand.
    enum Layout: UInt8 {
        /// Numbers: one chunk.
        case numbers = 0
        /// Each different text once, in one chunk; and codes, if there are two entries or more.
        case dictionary = 1
        /// Texts one after the other: one chunk.
        case plain = 2
        /// Patterns, the pattern of each text, and what stands for the marks: three chunks.
        case templates = 3

        var chunkCount: Int { self == .templates ? 3 : 1 }
    }

    struct Entry: Sendable {
        var name: String
        var space: FieldSpace
        var kind: ColumnKind
        /// Which rows have a value: 0 for all, else one more than an index into `presences`.
        var presence = 0
        var layout = Layout.numbers
        var chunks: [SegmentChunk] = []
        /// Of a dictionary.
        var entryCount = 0
        /// Of a dictionary: an index into `codeLists`.
        var codeList = 0
        /// For whole numbers and doubles: no value lies outside; nil where nothing is known.
        var least: Double?
        var greatest: Double?
        /// How often each value is there, where they are few.
        var counts: SegmentChunk?

        init(name: String, space: FieldSpace, kind: ColumnKind) {
            self.name = name
            self.space = space
            self.kind = kind
        }
    }

    /// The rows that have a value of some columns.
    struct Presence: Sendable {
        var count: Int
        var chunk: SegmentChunk
    }

    /// Who sent the rows, by the number that stands for each.
    var resources: [Resource] = []
    /// The same, of a directory that was read.
    private(set) var senders = Senders([])
    var times = SegmentChunk(offset: 0, byteCount: 0, checksum: 0)
    var resourceIndexes = SegmentChunk(offset: 0, byteCount: 0, checksum: 0)
    /// How many rows each sender has, where they are few.
    var resourceCounts: SegmentChunk?
    var presences: [Presence] = []
    var codeLists: [SegmentChunk] = []
    var columns: [Entry] = []
    /// Where the columns of each name are in `columns`; only of a directory that was read.
    private(set) var places: [String: [Int]] = [:]

    func encoded(_ dataset: Dataset) -> [UInt8] {
        // The resources stand as in a batch without rows.
        var empty = EventBatch(dataset: dataset)
        empty.resources = resources
        var payload: [UInt8] = []
        EventPayload.encode(empty, into: &payload)
        var bytes: [UInt8] = []
        ByteWriter.appendBlob(payload, to: &bytes)
        times.append(to: &bytes)
        resourceIndexes.append(to: &bytes)
        SegmentChunk.append(resourceCounts, to: &bytes)
        Varint.append(UInt64(presences.count), to: &bytes)
        for presence in presences {
            Varint.append(UInt64(presence.count), to: &bytes)
            presence.chunk.append(to: &bytes)
        }
        Varint.append(UInt64(codeLists.count), to: &bytes)
        for list in codeLists { list.append(to: &bytes) }
        Varint.append(UInt64(columns.count), to: &bytes)
        for column in columns { column.append(to: &bytes) }
        return bytes
    }

    init() {}

    init(_ bytes: [UInt8], rowCount: Int) throws {
        var reader = ByteReader(bytes)
        resources = try EventPayload.decode(try reader.readBlob()).resources
        senders = Senders(resources)
        times = try SegmentChunk.read(&reader)
        resourceIndexes = try SegmentChunk.read(&reader)
        resourceCounts = try SegmentChunk.readIfAny(&reader)
        for _ in 0..<(try reader.readCount(elementByteCountMin: 7)) {
            let count = try reader.readVarint()
            guard count <= UInt64(rowCount) else {
                throw SegmentFormat.Failure.damaged("a list of rows")
            }
            presences.append(Presence(count: Int(count), chunk: try SegmentChunk.read(&reader)))
        }
        for _ in 0..<(try reader.readCount(elementByteCountMin: 6)) {
            codeLists.append(try SegmentChunk.read(&reader))
        }
        // How many entries the columns of each list of codes have.
        var listed: [Int: Int] = [:]
        for _ in 0..<(try reader.readCount(elementByteCountMin: 10)) {
            let entry = try Entry(&reader)
            guard entry.presence <= presences.count, entry.entryCount <= rowCount,
                entry.entryCount < 2 || entry.codeList < codeLists.count
            else { throw SegmentFormat.Failure.damaged("a column that refers to nothing") }
            if entry.layout == .dictionary, entry.entryCount > 1 {
                // Codes are checked once for all columns that share them.
                guard listed[entry.codeList, default: entry.entryCount] == entry.entryCount else {
                    throw SegmentFormat.Failure.damaged("a column that shares other codes")
                }
                listed[entry.codeList] = entry.entryCount
            }
            places[entry.name, default: []].append(columns.count)
            columns.append(entry)
        }
        guard reader.isAtEnd else { throw SegmentFormat.Failure.damaged("a list of columns") }
    }

    /// Passes everything that is listed here through a change: a block is copied so.
    mutating func forEachChunk(_ body: (inout SegmentChunk) throws -> Void) rethrows {
        try body(&times)
        try body(&resourceIndexes)
        if var counts = resourceCounts {
            try body(&counts)
            resourceCounts = counts
        }
        for index in presences.indices { try body(&presences[index].chunk) }
        for index in codeLists.indices { try body(&codeLists[index]) }
        for column in columns.indices {
            for index in columns[column].chunks.indices {
                try body(&columns[column].chunks[index])
            }
            if var counts = columns[column].counts {
                try body(&counts)
                columns[column].counts = counts
            }
        }
    }

    /// Takes the senders of another block, which are the same.
    mutating func share(_ others: Senders) {
        senders = others
        resources = resources.map(others.known)
    }

    /// How many rows have a value of a column.
    func count(of entry: Entry, rowCount: Int) -> Int {
        entry.presence == 0 ? rowCount : presences[entry.presence - 1].count
    }
}

extension SegmentDirectory.Entry {
    fileprivate func append(to bytes: inout [UInt8]) {
        ByteWriter.appendString(name, to: &bytes)
        bytes.append(space.rawValue)
        bytes.append(kind.rawValue)
        Varint.append(UInt64(presence), to: &bytes)
        bytes.append(layout.rawValue)
        for chunk in chunks { chunk.append(to: &bytes) }
        if layout == .dictionary {
            Varint.append(UInt64(entryCount), to: &bytes)
            Varint.append(UInt64(codeList), to: &bytes)
        }
        if let least, let greatest {
            bytes.append(1)
            LittleEndian.append(least, to: &bytes)
            LittleEndian.append(greatest, to: &bytes)
        } else {
            bytes.append(0)
        }
        SegmentChunk.append(counts, to: &bytes)
    }

    fileprivate init(_ reader: inout ByteReader) throws {
        let name = try reader.readString()
        guard let space = FieldSpace(rawValue: try reader.read(UInt8.self)), space != .resource,
            let kind = ColumnKind(rawValue: try reader.read(UInt8.self))
        else { throw SegmentFormat.Failure.damaged("a column of an unknown kind") }
        self.init(name: name, space: space, kind: kind)
        presence = Int(clamping: try reader.readVarint())
        guard let layout = SegmentDirectory.Layout(rawValue: try reader.read(UInt8.self)),
            (layout == .numbers) == !kind.isBytes
        else { throw SegmentFormat.Failure.damaged("a column of an unknown layout") }
        self.layout = layout
        for _ in 0..<layout.chunkCount { chunks.append(try SegmentChunk.read(&reader)) }
        if layout == .dictionary {
            entryCount = Int(clamping: try reader.readVarint())
            codeList = Int(clamping: try reader.readVarint())
            guard entryCount > 0 else {
                throw SegmentFormat.Failure.damaged("a dictionary without entries")
            }
        }
        if try reader.read(UInt8.self) != 0 {
            least = try reader.read(Double.self)
            greatest = try reader.read(Double.self)
        }
        counts = try SegmentChunk.readIfAny(&reader)
    }
}
