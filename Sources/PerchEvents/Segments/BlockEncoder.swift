import PerchBytes
import PerchModel

/// Makes the bytes of one block, as docs/format/event-segment.md lays them down.
struct BlockEncoder {
    private let batch: EventBatch
    private let base: Int
    private let packer: ChunkPacker
    private var bytes: [UInt8] = []
    private var directory = SegmentDirectory()
    private var presences: [[UInt32]] = []
    private var codeLists: [[UInt32]] = []
    private var tokens = TokenCollector()

    /// The bytes of rows that are in order, for a place in a file.
    static func encode(
        _ batch: EventBatch, at offset: Int, _ packer: ChunkPacker
    ) -> (bytes: [UInt8], block: SegmentBlock) {
        var encoder = BlockEncoder(batch: batch, base: offset, packer: packer)
        return encoder.run()
    }

    private init(batch: EventBatch, base: Int, packer: ChunkPacker) {
        self.batch = batch
        self.base = base
        self.packer = packer
    }

    private mutating func run() -> (bytes: [UInt8], block: SegmentBlock) {
        directory.resources = batch.resources
        for resource in batch.resources { tokens.add(resource) }
        directory.times = chunk { BlockTimes.append($0.batch.times, $0.packer, to: &$0.bytes) }
        directory.resourceIndexes = chunk {
            IntegerCodec.append(codes: $0.batch.resourceIndexes, $0.packer, to: &$0.bytes)
        }
        if ValueCounts.areKept(valueCount: batch.resources.count, rowCount: batch.rowCount) {
            directory.resourceCounts = chunk {
                ValueCounts.append(
                    of: $0.batch.resourceIndexes, count: $0.batch.resources.count, $0.packer,
                    to: &$0.bytes)
            }
        }
        for column in batch.columns { append(column) }
        let filterBytes = TokenFilter.make(tokens.hashes.all)
        let filter = chunk { $0.bytes.append(contentsOf: filterBytes) }
        let encoded = directory.encoded(batch.dataset)
        let place = chunk { $0.bytes.append(contentsOf: encoded) }
        let block = SegmentBlock(
            dataset: batch.dataset, rowCount: batch.rowCount, times: EventTimes(of: batch),
            directory: place, filter: filter)
        return (bytes, block)
    }

    private mutating func chunk(_ write: (inout BlockEncoder) -> Void) -> SegmentChunk {
        let start = bytes.count
        write(&self)
        return SegmentChunk(
            offset: base + start, byteCount: bytes.count - start,
            checksum: CRC32C.checksum(bytes[start...]))
    }

    // MARK: Columns

    private mutating func append(_ column: Column) {
        guard !column.rows.isEmpty else { return }
        var entry = SegmentDirectory.Entry(
            name: column.name, space: column.space, kind: column.kind)
        entry.presence = presence(column.rows)
        switch column.kind {
        case .int, .bool:
            let times =
                column.rows.count == batch.rowCount
                ? batch.times : column.rows.map { batch.times[Int($0)] }
            entry.chunks = [
                chunk {
                    NumberCodec.append(
                        ints: column.ints, times: times, $0.packer, to: &$0.bytes)
                }
            ]
            if column.kind == .int, let least = column.ints.min(), let most = column.ints.max() {
                (entry.least, entry.greatest) = (Double(least), Double(most))
                entry.counts = counts(column.ints, least, most)
            }
        case .double:
            entry.chunks = [
                chunk { NumberCodec.append(doubles: column.doubles, $0.packer, to: &$0.bytes) }
            ]
            if !column.doubles.contains(where: \.isNaN) {
                (entry.least, entry.greatest) = (column.doubles.min(), column.doubles.max())
            }
        case .string, .bytes, .json, .id: appendTexts(column, &entry)
        }
        directory.columns.append(entry)
    }

    /// How often each number is there, where they are few.
    private mutating func counts(
        _ ints: [Int64], _ least: Int64, _ greatest: Int64
    ) -> SegmentChunk? {
        var counts: [UInt8] = []
        guard
            ValueCounts.append(
                of: ints, from: least, to: greatest, rowCount: batch.rowCount, packer, to: &counts)
        else { return nil }
        return chunk { $0.bytes.append(contentsOf: counts) }
    }

    /// The number of a list of rows, which is written if no column before has the same; 0 is all.
    private mutating func presence(_ rows: [UInt32]) -> Int {
        if rows.count == batch.rowCount { return 0 }
        if let known = presences.firstIndex(where: { $0 == rows }) { return known + 1 }
        presences.append(rows)
        let rowCount = batch.rowCount
        let written = chunk { encoder in
            PresenceCodec.append(rows, rowCount: rowCount, encoder.packer, to: &encoder.bytes)
        }
        directory.presences.append(SegmentDirectory.Presence(count: rows.count, chunk: written))
        return presences.count
    }

    private mutating func appendTexts(_ column: Column, _ entry: inout SegmentDirectory.Entry) {
        if let dictionary = Self.dictionary(of: column) {
            let entries = TextSource(ends: dictionary.ends, bytes: dictionary.bytes)
            entry.layout = .dictionary
            entry.entryCount = entries.count
            let templates =
                entries.count >= Limits.templateTextCountMin
                ? self.templates(of: entries, column.kind) : nil
            if templates == nil { addTokens(of: entries, column.kind) }
            entry.chunks = [
                chunk {
                    TextEntries.append(
                        entries, templates: templates, $0.packer, to: &$0.bytes)
                }
            ]
            if entries.count > 1 {
                entry.codeList = codeList(dictionary.codes, entryCount: entries.count)
            }
            if ValueCounts.areKept(valueCount: entries.count, rowCount: batch.rowCount) {
                entry.counts = chunk {
                    ValueCounts.append(
                        of: dictionary.codes, count: entries.count, $0.packer, to: &$0.bytes)
                }
            }
            return
        }
        let column = column.plain()
        let texts = TextSource(ends: column.ends, bytes: column.bytes)
        if let templates = templates(of: texts, column.kind) {
            entry.layout = .templates
            entry.chunks = [
                chunk { templates.appendPatterns($0.packer, to: &$0.bytes) },
                chunk {
                    IntegerCodec.append(codes: templates.codes, $0.packer, to: &$0.bytes)
                },
                chunk { templates.appendVariables($0.packer, to: &$0.bytes) },
            ]
            return
        }
        addTokens(of: texts, column.kind)
        entry.layout = .plain
        entry.chunks = [chunk { PlainTexts.append(texts, $0.packer, to: &$0.bytes) }]
    }

    private mutating func templates(of texts: TextSource, _ kind: ColumnKind) -> TextTemplates? {
        guard kind == .string || kind == .json, texts.count >= 16 else { return nil }
        return TextTemplates(texts, &tokens)
    }

    private mutating func addTokens(of texts: TextSource, _ kind: ColumnKind) {
        let bytes = texts.bytes.span
        for index in 0..<texts.count {
            let range = texts.range(index)
            switch kind {
            case .id: tokens.add(id: bytes.extracting(range))
            case .bytes:
                let text = Array(Base64.encode(Array(bytes.extracting(range))).utf8)
                tokens.add(text: text.span, text.indices)
            default: tokens.add(text: bytes, range)
            }
        }
    }

    /// The number of a list of codes, which is written if no column before has the same: ids that
    /// always change together do.
    private mutating func codeList(_ codes: [UInt32], entryCount: Int) -> Int {
        if let known = codeLists.firstIndex(where: { $0 == codes }) { return known }
        codeLists.append(codes)
        let written = chunk {
            CodeList.append(codes, entryCount: entryCount, $0.packer, to: &$0.bytes)
        }
        directory.codeLists.append(written)
        return codeLists.count - 1
    }

    /// The different values; nil where too few repeat.
    private static func dictionary(
        of column: Column
    ) -> (codes: [UInt32], ends: [UInt32], bytes: [UInt8])? {
        guard !column.isDictionary else { return ordered(column) }
        var interner = ByteInterner()
        var codes: [UInt32] = []
        codes.reserveCapacity(column.rows.count)
        let bytes = column.bytes.span
        var last = 0..<0
        for index in column.ends.indices {
            let range = column.entryRange(index)
            // Values that follow each other are often alike.
            if index > 0, range.count == last.count,
                stands(bytes.extracting(range), in: bytes, at: last.lowerBound)
            {
                codes.append(codes[index - 1])
            } else {
                codes.append(interner.code(of: bytes.extracting(range)))
            }
            last = range
            if index & 1023 == 1023, interner.count > index - index / 8 { return nil }
        }
        return isWorth(interner.count, column)
            ? (codes, interner.ends, interner.bytes) : nil
    }

    /// Whether so many different values of a column are few.
    private static func isWorth(_ count: Int, _ column: Column) -> Bool {
        count <= 1 || count <= column.rows.count - column.rows.count * 3 / 8
    }

    /// The entries of a dictionary that rows have, in the order of their first row.
    private static func ordered(
        _ column: Column
    ) -> (codes: [UInt32], ends: [UInt32], bytes: [UInt8])? {
        var places = [UInt32](repeating: .max, count: column.ends.count)
        var entries = Column(name: column.name, space: column.space, kind: column.kind)
        var used: [UInt32] = []
        var codes: [UInt32] = []
        codes.reserveCapacity(column.codes.count)
        for code in column.codes {
            var place = places[Int(code)]
            if place == .max {
                place = UInt32(truncatingIfNeeded: used.count)
                places[Int(code)] = place
                used.append(code)
            }
            codes.append(place)
        }
        // Written out it must not become much more.
        guard
            isWorth(used.count, column)
                || column.expandedByteCount > Limits.segmentBlockByteCountMax + column.bytes.count
        else { return nil }
        entries.takeEntries(used, of: column)
        return (codes, entries.ends, entries.bytes)
    }
}
