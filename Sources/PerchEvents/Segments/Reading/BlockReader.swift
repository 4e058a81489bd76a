import PerchBytes
import PerchFiles
import PerchModel

/// Reads what a query needs of one block, each part once.
struct BlockReader {
    private let file: any ReadableFile
    let block: SegmentBlock
    let directory: SegmentDirectory
    /// Bytes that may still be unfolded.
    private var byteCountLeft = Limits.decodedByteCountMax
    private var times: [Int64]?
    private var allRows: [UInt32]?
    private var presences: [Int: [UInt32]] = [:]
    private var codeLists: [Int: [UInt32]] = [:]

    /// Tests read damaged parts, for which no checksum agrees.
    private let isChecked: Bool

    init(_ file: any ReadableFile, _ block: SegmentBlock, isChecked: Bool = true) throws {
        self.file = file
        self.block = block
        self.isChecked = isChecked
        directory = try SegmentDirectory(
            file.read(block.directory, isChecked: isChecked), rowCount: block.rowCount)
    }

    // MARK: What is shared

    private func reader(_ chunk: SegmentChunk) throws -> ByteReader {
        ByteReader(try file.read(chunk, isChecked: isChecked))
    }

    private mutating func spend(_ byteCount: Int) throws {
        byteCountLeft -= byteCount
        guard byteCountLeft >= 0 else { throw SegmentFormat.Failure.damaged("it is too large") }
    }

    mutating func readTimes() throws -> [Int64] {
        if let times { return times }
        var reader = try reader(directory.times)
        let read: [Int64] = try IntegerCodec.read(count: block.rowCount, &reader)
        times = read
        return read
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
        if let known = presences[entry.presence] { return known }
        let presence = directory.presences[entry.presence - 1]
        var reader = try reader(presence.chunk)
        let rows = try PresenceCodec.read(
            count: presence.count, rowCount: block.rowCount, &reader)
        presences[entry.presence] = rows
        return rows
    }

    private mutating func codes(of entry: SegmentDirectory.Entry, count: Int) throws -> [UInt32] {
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
            let texts = try templates(entry, count)
            var mask: RowMask?
            if let indexes { mask = RowMask(indexes, of: count) }
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
        try spend(count * 8)
        var reader = try reader(entry.chunks[0])
        if entry.kind == .double {
            let values = try NumberCodec.readDoubles(count: count, &reader)
            column.doubles = indexes.map { $0.map { values[Int($0)] } } ?? values
            return
        }
        let values = try NumberCodec.readInts(count: count, &reader) {
            let times = try readTimes()
            return entry.presence == 0 ? times : try rows(of: entry).map { times[Int($0)] }
        }
        if entry.kind == .bool, !values.allSatisfy({ $0 == 0 || $0 == 1 }) {
            throw SegmentFormat.Failure.damaged("a truth value")
        }
        column.ints = indexes.map { $0.map { values[Int($0)] } } ?? values
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

    private mutating func templates(
        _ entry: SegmentDirectory.Entry, _ count: Int
    ) throws -> TemplateTexts {
        let patterns = try readPatterns(entry)
        let codes = try readPatternCodes(entry, count, patterns)
        return try readTemplates(entry, patterns, codes)
    }

    private func readPatterns(_ entry: SegmentDirectory.Entry) throws -> TextSource {
        var reader = try reader(entry.chunks[0])
        return try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountLeft)
    }

    private func readPatternCodes(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ patterns: TextSource
    ) throws -> [UInt32] {
        var reader = try reader(entry.chunks[1])
        return try TemplateTexts.readCodes(count: count, below: patterns.count, &reader)
    }

    private mutating func readTemplates(
        _ entry: SegmentDirectory.Entry, _ patterns: TextSource, _ codes: [UInt32]
    ) throws -> TemplateTexts {
        var reader = try reader(entry.chunks[2])
        return try TemplateTexts(patterns, codes, byteCountMax: byteCountLeft, &reader)
    }

    // MARK: Conditions

    /// Inserts the rows of `open` whose value of a column satisfies a condition.
    mutating func apply(
        _ test: ValueTest, _ entry: SegmentDirectory.Entry, _ open: RowMask,
        into found: inout RowMask
    ) throws {
        let rows = try rows(of: entry)
        if case .exists = test.operation {
            for row in rows where open.contains(Int(row)) { found.insert(Int(row)) }
            return
        }
        guard entry.layout == .templates else {
            let column = try column(entry, rows, nil)
            test.apply(to: column, open, into: &found)
            return
        }
        let patterns = try readPatterns(entry)
        let pattern = PatternTest(test, entry.kind)
        let verdicts = (0..<patterns.count).map {
            pattern.verdict(patterns.bytes.span, patterns.range($0))
        }
        guard verdicts.contains(where: { $0 != .none }) else { return }
        let codes = try readPatternCodes(entry, rows.count, patterns)
        var doubtful: [UInt32] = []
        for index in codes.indices {
            let row = Int(rows[index])
            guard open.contains(row) else { continue }
            switch verdicts[Int(codes[index])] {
            case .none: break
            case .all: found.insert(row)
            case .some: doubtful.append(UInt32(index))
            }
        }
        guard !doubtful.isEmpty else { return }
        let texts = try readTemplates(entry, patterns, codes)
        let mask = RowMask(doubtful, of: rows.count)
        var ends: [UInt32] = []
        var bytes: [UInt8] = []
        try texts.append(to: &ends, &bytes, byteCountMax: byteCountLeft, where: mask.contains)
        try spend(bytes.count)
        var start = 0
        for (place, index) in doubtful.enumerated() {
            let end = Int(ends[place])
            if test.holds(bytes.span, start..<end, entry.kind) {
                found.insert(Int(rows[Int(index)]))
            }
            start = end
        }
    }
}

extension RowMask {
    /// Some rows.
    init(_ rows: [UInt32], of rowCount: Int) {
        self.init(none: rowCount)
        for row in rows { insert(Int(row)) }
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
