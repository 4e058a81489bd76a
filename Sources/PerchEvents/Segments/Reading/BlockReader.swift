import PerchBytes
import PerchFiles
import PerchModel

/// Reads what a query needs of one block, each part once.
struct BlockReader {
    private let file: any ReadableFile
    let block: SegmentBlock
    private let known: KnownBlock
    /// Bytes that may still be unfolded.
    private(set) var byteCountLeft = Limits.decodedByteCountMax
    /// Whether the answer has rows alike as one.
    var isJoined = false
    /// Counts rows over the blocks of a scan, for whoever asks for that.
    var tally: TextTally?
    /// Whether the rows found are in `tally`, so that there is no answer.
    var isTallied = false
    /// Of the rows of the answer, once they are known.
    var answerTimes: [Int64] = []
    /// Nil until somebody asks.
    private(set) var times: BlockTimes?
    private var allRows: [UInt32]?
    private var presences: [Int: RowMask] = [:]
    private var presentRows: [Int: [UInt32]] = [:]
    private(set) var codeLists: [Int: [UInt32]] = [:]
    /// Some codes of a list, by its place: those at the indexes.
    private var someCodes: [Int: (indexes: [UInt32], codes: [UInt32])] = [:]
    /// Entries that a condition read, by the place of their chunk.
    private var entries: [Int: TextSource] = [:]
    /// Integers that a condition read, by the place of their chunk.
    private(set) var ints: [Int: [Int64]] = [:]
    /// Patterns that a condition read, and which one each text has, by the place of their chunk.
    private var patternCodes: [Int: (patterns: TextSource, codes: [UInt32])] = [:]

    /// Tests read damaged parts, for which no checksum agrees.
    private let isChecked: Bool

    init(_ file: any ReadableFile, _ block: SegmentBlock, isChecked: Bool = true) throws {
        self.file = file
        self.block = block
        self.isChecked = isChecked
        known = KnownBlock(
            try SegmentDirectory(
                file.read(block.directory, isChecked: isChecked), rowCount: block.rowCount))
    }

    /// With the block's list of columns, which was read before.
    init(_ file: any ReadableFile, _ block: SegmentBlock, _ known: KnownBlock) {
        self.file = file
        self.block = block
        self.known = known
        isChecked = true
    }

    var directory: SegmentDirectory { known.directory }

    // MARK: What is shared

    func reader(_ chunk: SegmentChunk) throws -> ByteReader {
        let reader = ByteReader(try file.read(chunk, isChecked: isChecked))
        if isChecked, chunk.byteCount >= Limits.fixedTextsByteCountMin { known.noteChecked(chunk) }
        return reader
    }

    /// A few texts of one length, without the others, once the checksum of all agreed; else nothing.
    private func fixedTexts(
        _ chunk: SegmentChunk, count: Int, at places: [UInt32], areEntries: Bool
    ) throws -> TextSource? {
        guard chunk.byteCount >= Limits.fixedTextsByteCountMin,
            places.count <= Limits.fixedTextCountMax, known.isChecked(chunk)
        else { return nil }
        let head = Array(try file.read(0..<Limits.fixedTextsHeadByteCount, of: chunk))
        let fixed = FixedTexts(head: head, count: count, areEntries: areEntries)
        return try fixed?.read(at: places, chunk, file)
    }

    mutating func spend(_ byteCount: Int) throws {
        byteCountLeft -= byteCount
        guard byteCountLeft >= 0 else { throw SegmentFormat.Failure.damaged("it is too large") }
    }

    /// With `isWhole`, all are in memory afterwards, so that many can be asked for.
    mutating func readTimes(isWhole: Bool = false) throws -> BlockTimes {
        if let times, !isWhole || times.isWhole { return times }
        let read: BlockTimes
        if !isWhole, let frames = known.frames {
            read = BlockTimes(frames, in: file, directory.times)
        } else {
            let chunk = try file.read(directory.times, isChecked: isChecked)
            read = try BlockTimes(count: block.rowCount, chunk, isChecked: isChecked)
            known.frames = read.frames
        }
        times = read
        return read
    }

    mutating func readResourceIndexes() throws -> [UInt32] {
        var reader = try reader(directory.resourceIndexes)
        return try checked(IntegerCodec.read(count: block.rowCount, &reader))
    }

    /// The rows of senders that satisfy a condition.
    func rows(sentBy verdicts: [Bool]) throws -> RowMask {
        let whole = try reader(directory.resourceIndexes)
        var reader = whole
        let rows = try IntegerCodec.places(count: block.rowCount, &reader) { numbers in
            RowMask(of: numbers.span) { $0 >= 0 && $0 < verdicts.count && verdicts[Int($0)] }
        }
        if let rows { return rows }
        reader = whole
        let indexes = try checked(IntegerCodec.read(count: block.rowCount, &reader))
        return RowMask(of: indexes.span) { verdicts[Int($0)] }
    }

    /// Those of some rows, which ascend.
    mutating func readResourceIndexes(at rows: [UInt32]) throws -> [UInt32] {
        var reader = try reader(directory.resourceIndexes)
        return try checked(IntegerCodec.read(count: block.rowCount, at: rows, &reader))
    }

    private func checked(_ indexes: [UInt32]) throws -> [UInt32] {
        let count = UInt32(directory.resources.count)
        guard IntegerCodec.areBelow(count, indexes) else {
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
    mutating func codes(
        of entry: SegmentDirectory.Entry, count: Int, from read: ByteReader? = nil
    ) throws -> [UInt32] {
        guard entry.entryCount > 1 else { return [UInt32](repeating: 0, count: count) }
        if let known = codeLists[entry.codeList], known.count == count { return known }
        try spend(count * 4)
        var reader = try read ?? reader(directory.codeLists[entry.codeList])
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
        case .dictionary:
            try readDictionary(entry, count, indexes, into: &column)
            // Small parts of many blocks are joined, which is quicker without dictionaries.
            if let indexes, isFew(indexes.count, of: count),
                column.expandedByteCount <= Limits.plainByteCountMax
            {
                column = column.plain()
            }
        case .plain:
            if let indexes,
                let texts = try fixedTexts(
                    entry.chunks[0], count: count, at: indexes, areEntries: false)
            {
                (column.ends, column.bytes) = (texts.ends, texts.bytes)
                break
            }
            var reader = try reader(entry.chunks[0])
            let texts: TextSource
            if let indexes {
                texts = try PlainTexts.read(
                    count: count, at: indexes, byteCountMax: byteCountLeft, &reader)
            } else {
                texts = try PlainTexts.read(count: count, byteCountMax: byteCountLeft, &reader)
            }
            (column.ends, column.bytes) = (texts.ends, texts.bytes)
            try spend(column.bytes.count + column.ends.count * 4)
        case .templates: try readTemplates(entry, count, indexes, into: &column)
        }
        return column
    }

    private mutating func readTemplates(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ indexes: [UInt32]?,
        into column: inout Column
    ) throws {
        let patterns = try readPatterns(entry)
        let codes = try readPatternCodes(entry, count)
        if let indexes, isFew(indexes.count, of: count) {
            var reader = try reader(entry.chunks[2])
            let texts = try TemplatePick.read(
                patterns, codes, at: indexes, byteCountMax: byteCountLeft, &reader)
            (column.ends, column.bytes) = (texts.ends, texts.bytes)
        } else {
            var mask: RowMask?
            var used: RowMask?
            if let indexes {
                mask = RowMask(indexes, of: count)
                used = RowMask(indexes.map { codes[Int($0)] }, of: patterns.count)
            }
            let texts = try readTemplates(entry, patterns, codes) {
                used?.contains($0) ?? true
            }
            column.ends.reserveCapacity(column.rows.count)
            try texts.append(
                to: &column.ends, &column.bytes, byteCountMax: byteCountLeft
            ) { mask?.contains($0) ?? true }
        }
        try spend(column.bytes.count + column.ends.count * 4)
    }

    /// Whether it is less work to look some values up than to make all and take some.
    func isFew(_ wanted: Int, of count: Int) -> Bool { wanted * 8 <= count }

    private mutating func readNumbers(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ indexes: [UInt32]?,
        into column: inout Column
    ) throws {
        let places = indexes.flatMap { isFew($0.count, of: count) ? $0 : nil }
        guard entry.kind == .double else {
            if let places, ints[entry.chunks[0].offset] == nil {
                column.ints = try readInts(entry, count, at: places, column.rows)
                return
            }
            let values = try readInts(entry, count)
            column.ints = indexes.map { $0.map { values[Int($0)] } } ?? values
            return
        }
        try spend((places?.count ?? count) * 8)
        var reader = try reader(entry.chunks[0])
        let values = try NumberCodec.readDoubles(count: count, at: places, &reader)
        if places == nil, let indexes {
            column.doubles = indexes.map { values[Int($0)] }
        } else {
            column.doubles = values
        }
    }

    /// Some values of a column of integers or of truth values; a value belongs to the row of the
    /// answer that `rows` says.
    private mutating func readInts(
        _ entry: SegmentDirectory.Entry, _ count: Int, at places: [UInt32], _ rows: [UInt32]
    ) throws -> [Int64] {
        try spend(places.count * 8)
        var reader = try reader(entry.chunks[0])
        let values = try NumberCodec.readInts(count: count, at: places, &reader) {
            rows.map { answerTimes[Int($0)] }
        }
        return try checked(values, entry)
    }

    private func checked(
        _ values: [Int64], _ entry: SegmentDirectory.Entry
    ) throws -> [Int64] {
        if entry.kind == .bool, !values.allSatisfy({ $0 == 0 || $0 == 1 }) {
            throw SegmentFormat.Failure.damaged("a truth value")
        }
        return values
    }

    /// All values of a column of integers or of truth values.
    mutating func readInts(
        _ entry: SegmentDirectory.Entry, _ count: Int, from read: ByteReader? = nil
    ) throws -> [Int64] {
        if let known = ints[entry.chunks[0].offset] { return known }
        try spend(count * 8)
        var reader = try read ?? reader(entry.chunks[0])
        let values = try checked(
            NumberCodec.readInts(count: count, &reader) {
                let times = try readTimes(isWhole: true).all()
                return entry.presence == 0 ? times : try rows(of: entry).map { times[Int($0)] }
            }, entry)
        ints[entry.chunks[0].offset] = values
        return values
    }

    /// All entries of a dictionary, as a column without rows.
    mutating func entries(of entry: SegmentDirectory.Entry) throws -> Column {
        var column = Column(name: entry.name, space: entry.space, kind: entry.kind)
        let texts = try allEntries(entry)
        (column.ends, column.bytes) = (texts.ends, texts.bytes)
        return column
    }

    /// Which entries of a dictionary satisfy a condition.
    mutating func verdicts(
        _ test: ValueTest, of entry: SegmentDirectory.Entry
    ) throws -> [Bool] {
        // Fast path: a text that is looked for as a whole is compared without making the others.
        if case .equals = test.operation, entry.kind == .string,
            entries[entry.chunks[0].offset] == nil
        {
            try spend(entry.entryCount)
            var reader = try reader(entry.chunks[0])
            let found = try TextEntries.places(
                of: test.needle, count: entry.entryCount, byteCountMax: byteCountLeft, &reader)
            if let found { return found }
        }
        return test.verdicts(ofEntriesOf: try entries(of: entry))
    }

    private mutating func allEntries(_ entry: SegmentDirectory.Entry) throws -> TextSource {
        if let known = entries[entry.chunks[0].offset] { return known }
        var reader = try reader(entry.chunks[0])
        let texts = try TextEntries.read(
            count: entry.entryCount, byteCountMax: byteCountLeft, &reader)
        try spend(texts.bytes.count + texts.ends.count * 4)
        entries[entry.chunks[0].offset] = texts
        return texts
    }

    private mutating func readDictionary(
        _ entry: SegmentDirectory.Entry, _ count: Int, _ indexes: [UInt32]?,
        into column: inout Column
    ) throws {
        let codes = try codes(of: entry, count: count, at: indexes)
        guard codes.count < entry.entryCount / 2, entries[entry.chunks[0].offset] == nil else {
            let texts = try allEntries(entry)
            (column.codes, column.ends, column.bytes) = (codes, texts.ends, texts.bytes)
            try spend(codes.count * 4)
            return
        }
        // Few rows: only their entries are made.
        let used = Array(Set(codes)).sorted()
        var places: [UInt32: UInt32] = [:]
        for (place, code) in used.enumerated() { places[code] = UInt32(place) }
        let texts: TextSource
        if let fixed = try fixedTexts(
            entry.chunks[0], count: entry.entryCount, at: used, areEntries: true)
        {
            texts = fixed
        } else {
            var reader = try reader(entry.chunks[0])
            texts = try TextEntries.read(
                count: entry.entryCount, at: used, byteCountMax: byteCountLeft, &reader)
        }
        column.codes = codes.map { places[$0] ?? 0 }
        (column.ends, column.bytes) = (texts.ends, texts.bytes)
        try spend(texts.bytes.count + codes.count * 4)
    }

    private mutating func codes(
        of entry: SegmentDirectory.Entry, count: Int, at indexes: [UInt32]?
    ) throws -> [UInt32] {
        guard let indexes else { return try codes(of: entry, count: count) }
        if entry.entryCount > 1, isFew(indexes.count, of: count), codeLists[entry.codeList] == nil {
            // Columns that stand together often share a list.
            if let known = someCodes[entry.codeList], known.indexes == indexes {
                return known.codes
            }
            var reader = try reader(directory.codeLists[entry.codeList])
            let codes = try CodeList.read(
                entryCount: entry.entryCount, count: count, at: indexes, &reader)
            someCodes[entry.codeList] = (indexes, codes)
            return codes
        }
        let all = try codes(of: entry, count: count)
        return indexes.map { all[Int($0)] }
    }

    mutating func readPatterns(_ entry: SegmentDirectory.Entry) throws -> TextSource {
        if let known = patternCodes[entry.chunks[0].offset] { return known.patterns }
        var reader = try reader(entry.chunks[0])
        let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountLeft)
        patternCodes[entry.chunks[0].offset] = (patterns, [])
        return patterns
    }

    /// Which pattern each text has.
    mutating func readPatternCodes(
        _ entry: SegmentDirectory.Entry, _ count: Int
    ) throws -> [UInt32] {
        let patterns = try readPatterns(entry)
        if let known = patternCodes[entry.chunks[0].offset], known.codes.count == count {
            return known.codes
        }
        try spend(count * 4)
        var reader = try reader(entry.chunks[1])
        let codes = try TemplateTexts.readCodes(count: count, below: patterns.count, &reader)
        patternCodes[entry.chunks[0].offset]?.codes = codes
        return codes
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
    /// Some bytes of a chunk whose checksum agreed before.
    func read(_ range: Range<Int>, of chunk: SegmentChunk) throws -> ArraySlice<UInt8> {
        let bytes = try read(at: chunk.offset + range.lowerBound, byteCount: range.count)
        guard bytes.count == range.count else {
            throw SegmentFormat.Failure.damaged("the part at byte \(chunk.offset)")
        }
        return bytes[...]
    }

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
