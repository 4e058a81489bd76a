import PerchBytes
import PerchFiles
import PerchModel

/// Reads what a query needs of one block, each part once.
struct BlockReader {
    private let file: any ReadableFile
    let block: SegmentBlock
    let directory: SegmentDirectory
    /// Bytes that may still be unfolded.
    private(set) var byteCountLeft = Limits.decodedByteCountMax
    /// Nil until somebody asks.
    private(set) var times: [Int64]?
    private var allRows: [UInt32]?
    private var presences: [Int: RowMask] = [:]
    private var presentRows: [Int: [UInt32]] = [:]
    private var codeLists: [Int: [UInt32]] = [:]
    /// Integers that a condition read, by the place of their chunk.
    private var ints: [Int: [Int64]] = [:]

    /// Tests read damaged parts, for which no checksum agrees.
    private let isChecked: Bool

    init(_ file: any ReadableFile, _ block: SegmentBlock, isChecked: Bool = true) throws {
        self.file = file
        self.block = block
        self.isChecked = isChecked
        directory = try SegmentDirectory(
            file.read(block.directory, isChecked: isChecked), rowCount: block.rowCount)
    }

    /// With the block's list of columns, which was read before.
    init(_ file: any ReadableFile, _ block: SegmentBlock, directory: SegmentDirectory) {
        self.file = file
        self.block = block
        self.directory = directory
        isChecked = true
    }

    // MARK: What is shared

    private func reader(_ chunk: SegmentChunk) throws -> ByteReader {
        ByteReader(try file.read(chunk, isChecked: isChecked))
    }

    mutating func spend(_ byteCount: Int) throws {
        byteCountLeft -= byteCount
        guard byteCountLeft >= 0 else { throw SegmentFormat.Failure.damaged("it is too large") }
    }

    mutating func readTimes() throws -> [Int64] {
        if let times { return times }
        var reader = try reader(directory.times)
        let read: [Int64] = try IntegerCodec.read(count: block.rowCount, &reader)
        // What follows looks for times by halves.
        guard Self.isAscending(read) || !isChecked else {
            throw SegmentFormat.Failure.damaged("times out of order")
        }
        times = read
        return read
    }

    private static func isAscending(_ values: [Int64]) -> Bool {
        let span = values.span
        var isAscending = true
        for index in 1..<max(1, span.count) {
            isAscending = isAscending && span[index &- 1] <= span[index]
        }
        return isAscending
    }

    mutating func readResourceIndexes() throws -> [UInt32] {
        var reader = try reader(directory.resourceIndexes)
        let indexes: [UInt32] = try IntegerCodec.read(count: block.rowCount, &reader)
        let count = UInt32(directory.resources.count)
        guard indexes.allSatisfy({ $0 < count }) else {
            throw SegmentFormat.Failure.damaged("a resource that is not there")
        }
        return indexes
    }

    /// The rows that have a value of a column.
    mutating func rows(of entry: SegmentDirectory.Entry) throws -> [UInt32] {
        if entry.presence == 0 {
            if let allRows { return allRows }
            let all = (0..<UInt32(block.rowCount)).map { $0 }
            allRows = all
            return all
        }
        if let known = presentRows[entry.presence] { return known }
        let rows = try presence(of: entry)?.rows ?? []
        presentRows[entry.presence] = rows
        return rows
    }

    /// The same as a mask; nil for all.
    mutating func presence(of entry: SegmentDirectory.Entry) throws -> RowMask? {
        guard entry.presence > 0 else { return nil }
        if let known = presences[entry.presence] { return known }
        let presence = directory.presences[entry.presence - 1]
        var reader = try reader(presence.chunk)
        let mask = try PresenceCodec.read(
            count: presence.count, rowCount: block.rowCount, &reader)
        presences[entry.presence] = mask
        return mask
    }

    /// Which entry of a dictionary each value is.
    mutating func codes(of entry: SegmentDirectory.Entry, count: Int) throws -> [UInt32] {
        guard entry.entryCount > 1 else { return [UInt32](repeating: 0, count: count) }
        if let known = codeLists[entry.codeList], known.count == count { return known }
        try spend(count * 4)
        var reader = try reader(directory.codeLists[entry.codeList])
        let codes = try CodeList.read(count: count, entryCount: entry.entryCount, &reader)
        codeLists[entry.codeList] = codes
        return codes
    }

    // MARK: Values

    /// All values of a column.
    mutating func column(_ entry: SegmentDirectory.Entry) throws -> Column {
        let rows = try rows(of: entry)
        return try column(entry, rows, nil)
    }

    /// Its values at some indexes into its rows, ascending, for the rows given.
    mutating func column(
        _ entry: SegmentDirectory.Entry, _ rows: [UInt32], _ indexes: [UInt32]?
    ) throws -> Column {
        var column = Column(name: entry.name, space: entry.space, kind: entry.kind)
        column.rows = rows
        let count = directory.count(of: entry, rowCount: block.rowCount)
        guard count > 0 else { return column }
        switch entry.layout {
        case .numbers: try readNumbers(entry, count, indexes, into: &column)
        case .dictionary: try readDictionary(entry, count, indexes, into: &column)
        case .plain:
            var reader = try reader(entry.chunks[0])
            let texts = try PlainTexts.read(
                count: count, byteCountMax: byteCountLeft, &reader)
            try spend(texts.bytes.count + count * 4)
            guard let indexes else {
                (column.ends, column.bytes) = (texts.ends, texts.bytes)
                return column
            }
            column.ends.reserveCapacity(indexes.count)
            for index in indexes {
                column.bytes.append(texts.bytes.span.extracting(texts.range(Int(index))))
                column.ends.append(UInt32(column.bytes.count))
            }
        case .templates:
            let patterns = try readPatterns(entry)
            let codes = try readPatternCodes(entry, count, patterns)
            var mask: RowMask?
            var used: RowMask?
            if let indexes {
                mask = RowMask(indexes, of: count)
                used = RowMask(indexes.map { codes[Int($0)] }, of: patterns.count)
            }
            let texts = try readTemplates(entry, patterns, codes) {
                used?.contains($0) ?? true
            }
            column.ends.reserveCapacity(rows.count)
            try texts.append(
                to: &column.ends, &column.bytes, byteCountMax: byteCountLeft
            ) { mask?.contains($0) ?? true }
            try spend(column.bytes.count + rows.count * 4)
        }
        return column
    }

    private mutating func readNumbers(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ indexes: [UInt32]?,
        into column: inout Column
    ) throws {
        guard entry.kind == .double else {
            let values = try readInts(entry, count)
            column.ints = indexes.map { $0.map { values[Int($0)] } } ?? values
            return
        }
        try spend(count * 8)
        var reader = try reader(entry.chunks[0])
        let values = try NumberCodec.readDoubles(count: count, &reader)
        column.doubles = indexes.map { $0.map { values[Int($0)] } } ?? values
    }

    /// All values of a column of integers or of truth values.
    mutating func readInts(_ entry: SegmentDirectory.Entry, _ count: Int) throws -> [Int64] {
        if let known = ints[entry.chunks[0].offset] { return known }
        try spend(count * 8)
        var reader = try reader(entry.chunks[0])
        let values = try NumberCodec.readInts(count: count, &reader) {
            let times = try readTimes()
            return entry.presence == 0 ? times : try rows(of: entry).map { times[Int($0)] }
        }
        if entry.kind == .bool, !values.allSatisfy({ $0 == 0 || $0 == 1 }) {
            throw SegmentFormat.Failure.damaged("a truth value")
        }
        ints[entry.chunks[0].offset] = values
        return values
    }

    /// All entries of a dictionary, as a column without rows.
    mutating func entries(of entry: SegmentDirectory.Entry) throws -> Column {
        var column = Column(name: entry.name, space: entry.space, kind: entry.kind)
        var reader = try reader(entry.chunks[0])
        let entries = try TextEntries.read(
            count: entry.entryCount, byteCountMax: byteCountLeft, &reader, where: nil)
        try spend(entries.bytes.count + entries.ends.count * 4)
        (column.ends, column.bytes) = (entries.ends, entries.bytes)
        return column
    }

    private mutating func readDictionary(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ indexes: [UInt32]?,
        into column: inout Column
    ) throws {
        let all = try codes(of: entry, count: count)
        let codes = indexes.map { $0.map { all[Int($0)] } } ?? all
        var reader = try reader(entry.chunks[0])
        guard codes.count < entry.entryCount / 2 else {
            let entries = try TextEntries.read(
                count: entry.entryCount, byteCountMax: byteCountLeft, &reader, where: nil)
            (column.codes, column.ends, column.bytes) = (codes, entries.ends, entries.bytes)
            try spend(entries.bytes.count + codes.count * 4)
            return
        }
        // Few rows: only their entries are made.
        var used = RowMask(none: entry.entryCount)
        for code in codes { used.insert(Int(code)) }
        let entries = try TextEntries.read(
            count: entry.entryCount, byteCountMax: byteCountLeft, &reader, where: used.contains)
        let order = used.rows
        var places: [UInt32: UInt32] = [:]
        for (place, code) in order.enumerated() { places[code] = UInt32(place) }
        column.codes = codes.map { places[$0] ?? 0 }
        (column.ends, column.bytes) = (entries.ends, entries.bytes)
        try spend(entries.bytes.count + codes.count * 4)
    }

    func readPatterns(_ entry: SegmentDirectory.Entry) throws -> TextSource {
        var reader = try reader(entry.chunks[0])
        return try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountLeft)
    }

    func readPatternCodes(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ patterns: TextSource
    ) throws -> [UInt32] {
        var reader = try reader(entry.chunks[1])
        return try TemplateTexts.readCodes(count: count, below: patterns.count, &reader)
    }

    mutating func readTemplates(
        _ entry: SegmentDirectory.Entry, _ patterns: TextSource, _ codes: [UInt32],
        where isWanted: (Int) -> Bool
    ) throws -> TemplateTexts {
        var reader = try reader(entry.chunks[2])
        return try withoutActuallyEscaping(isWanted) { isWanted in
            try TemplateTexts(
                patterns, codes, byteCountMax: byteCountLeft, &reader, where: isWanted)
        }
    }
}

extension ReadableFile {
    /// The bytes of a chunk, if they are what was written.
    func read(_ chunk: SegmentChunk, isChecked: Bool = true) throws -> [UInt8] {
        guard chunk.byteCount <= Limits.segmentChunkByteCountMax else {
            throw SegmentFormat.Failure.damaged("a part of \(chunk.byteCount) bytes")
        }
        let bytes = try read(at: chunk.offset, byteCount: chunk.byteCount)
        guard bytes.count == chunk.byteCount,
            !isChecked || CRC32C.checksum(bytes) == chunk.checksum
        else {
            throw SegmentFormat.Failure.damaged("the part at byte \(chunk.offset)")
        }
        return bytes
    }
}
