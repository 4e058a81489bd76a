import PerchBytes
import PerchModel

/// How many rows have each text of one column, over all blocks of a scan.
///
/// Texts that are a pattern and one number are counted by the number, and made once at the end
/// instead of once a block: of ids of users or orders, blocks that follow each other share most.
struct TextTally: Sendable {
    /// The texts of one pattern.
    private struct Family {
        let pattern: [UInt8]
        /// By the number.
        var counts: [Int64] = []

        /// Adds the text with a number.
        func append(_ number: Int, to bytes: inout [UInt8]) {
            for byte in pattern {
                if byte == TextScanner.Mark.number {
                    bytes.append(decimal: Int64(number))
                } else {
                    bytes.append(byte)
                }
            }
        }
    }

    private var families: [Family] = []
    private var cellCount = 0
    /// Rows without a value.
    private var missing: Int64 = 0
    private var column: Column?
    private var isRefused = false
    private let dataset: Dataset
    private var resource: Resource?
    private var time: Int64 = 0
    /// Where the next answer begins.
    private var next = (family: 0, number: 0)

    init(_ dataset: Dataset) {
        self.dataset = dataset
    }

    /// Whether texts of a column may be counted here: there is one column, and none that was refused.
    func mayTake(_ entry: SegmentDirectory.Entry) -> Bool {
        guard !isRefused else { return false }
        guard let column else { return true }
        return column.name == entry.name && column.space == entry.space && column.kind == entry.kind
    }

    /// Takes no more: blocks that follow each other are alike, and trying costs.
    mutating func refuse() { isRefused = true }

    /// Counts rows of a block: how many have each text, and how many none.
    ///
    /// Any of the block's senders and any time of it will do for rows that are alike. False, and
    /// nothing is counted, where the column is another one or numbers are too large for a table.
    mutating func add(
        _ texts: NumberedTexts, _ rowCounts: [Int64], missing: Int64,
        _ entry: SegmentDirectory.Entry, _ resource: Resource, time: Int64
    ) -> Bool {
        guard let places = places(of: texts) else {
            refuse()
            return false
        }
        if column == nil {
            column = Column(name: entry.name, space: entry.space, kind: entry.kind)
            (self.resource, self.time) = (resource, time)
        }
        self.missing += missing
        for (pattern, place) in places.enumerated() {
            let codes = texts.codes.span
            let numbers = texts.numbers.span
            let source = rowCounts.span
            var counts = families[place].counts.mutableSpan
            for text in codes.indices where codes[text] == UInt32(truncatingIfNeeded: pattern) {
                counts[Int(numbers[text])] &+= source[text]
            }
        }
        return true
    }

    /// The families of a block's patterns, with room for its numbers; nil where that is too much.
    private mutating func places(of texts: NumberedTexts) -> [Int]? {
        var places: [Int] = []
        var newCount = 0
        var more = cellCount
        for (pattern, greatest) in zip(texts.patterns, texts.greatest) {
            let known = families.firstIndex { $0.pattern == pattern }
            let place = known ?? families.count + newCount
            newCount += known == nil ? 1 : 0
            guard greatest < Limits.talliedNumberMax, place < Limits.talliedPatternMax else {
                return nil
            }
            more += max(0, Int(greatest) + 1 - (known.map { families[$0].counts.count } ?? 0))
            places.append(place)
        }
        guard more <= Limits.talliedNumberMax else { return nil }
        for (pattern, place) in zip(texts.patterns, places) where place >= families.count {
            families.append(Family(pattern: pattern))
        }
        for (place, greatest) in zip(places, texts.greatest) {
            let missing = Int(greatest) + 1 - families[place].counts.count
            guard missing > 0 else { continue }
            families[place].counts.append(contentsOf: repeatElement(0, count: missing))
            cellCount += missing
        }
        return places
    }

    /// The next rows that stand for those counted; nil when there are no more.
    mutating func take(_ rowCountMax: Int) -> EventBatch? {
        guard var column, let resource else { return nil }
        var counts: [Int64] = []
        func isFull() -> Bool {
            counts.count >= rowCountMax || column.bytes.count >= Limits.answerByteCountMax
        }
        while next.family < families.count, !isFull() {
            let family = families[next.family]
            while next.number < family.counts.count, !isFull() {
                let count = family.counts[next.number]
                if count > 0 {
                    column.codes.append(UInt32(column.ends.count))
                    column.rows.append(UInt32(counts.count))
                    family.append(next.number, to: &column.bytes)
                    column.ends.append(UInt32(column.bytes.count))
                    counts.append(count)
                }
                next.number += 1
            }
            if next.number == family.counts.count { next = (next.family + 1, 0) }
        }
        if next.family == families.count, missing > 0, !isFull() {
            counts.append(missing)
            missing = 0
        }
        guard !counts.isEmpty else { return nil }
        var batch = EventBatch(dataset: dataset)
        batch.resources = [resource]
        batch.times = [Int64](repeating: time, count: counts.count)
        batch.resourceIndexes = [UInt32](repeating: 0, count: counts.count)
        if !column.rows.isEmpty { batch.columns.append(column) }
        var weight = Column(name: RecordField.weight, space: .record, kind: .int)
        weight.rows = (0..<UInt32(counts.count)).map { $0 }
        weight.ints = counts
        batch.columns.append(weight)
        return batch
    }
}

/// Texts that are each a pattern and one number.
struct NumberedTexts {
    /// With one mark, that of a number.
    private(set) var patterns: [[UInt8]] = []
    /// The largest number of each pattern.
    private(set) var greatest: [Int64]
    /// The pattern of each text.
    private(set) var codes: [UInt32]
    private(set) var numbers: [Int64]

    /// Reads the entries of a dictionary; nil where some are other texts.
    static func read(
        count: Int, byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> NumberedTexts? {
        guard try TextEntries.areTemplates(&reader) else { return nil }
        let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountMax)
        guard patterns.count <= Limits.talliedPatternMax,
            patterns.bytes.count <= Limits.talliedPatternByteCountMax
        else { return nil }
        let shapes = PatternShapes(patterns)
        for pattern in 0..<patterns.count
        where shapes.slotCounts[pattern] != 1 || shapes.hexCounts[pattern] > 0
            || shapes.isOther[pattern]
        {
            return nil
        }
        let codes = try TemplateTexts.readCodes(count: count, below: patterns.count, &reader)
        return try NumberedTexts(patterns, codes, &reader)
    }

    private init(
        _ patterns: TextSource, _ codes: [UInt32], _ reader: inout ByteReader
    ) throws {
        self.codes = codes
        greatest = [Int64](repeating: 0, count: patterns.count)
        numbers = [Int64](repeating: 0, count: codes.count)
        for pattern in 0..<patterns.count {
            self.patterns.append(Array(patterns.bytes[patterns.range(pattern)]))
            let places = codes.indices.filter { codes[$0] == UInt32(pattern) }
            let start = reader.position
            let own: [Int64] = try IntegerCodec.read(count: places.count, &reader)
            guard own.allSatisfy({ $0 >= 0 }) else { throw ByteFailure.invalid(atByte: start) }
            greatest[pattern] = own.max() ?? 0
            for (place, number) in zip(places, own) { numbers[place] = number }
        }
    }
}
