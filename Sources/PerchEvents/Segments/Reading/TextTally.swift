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
    }

    private var families: [Family] = []
    private var cellCount = 0
    /// Rows without a value.
    private var missing: Int64 = 0
    private var column: Column?
    private let dataset: Dataset
    private var resource: Resource?
    private var time: Int64 = 0
    /// Where the next answer begins.
    private var next = (family: 0, number: 0)

    init(_ dataset: Dataset) {
        self.dataset = dataset
    }

    /// Counts rows of a block: how many have each text, and how many none.
    ///
    /// Any of the block's senders and any time of it will do for rows that are alike. False, and
    /// nothing is counted, where the column is another one or numbers are too large for a table.
    mutating func add(
        _ texts: NumberedTexts, _ rowCounts: [Int64], missing: Int64,
        _ entry: SegmentDirectory.Entry, _ resource: Resource, time: Int64
    ) -> Bool {
        if let column {
            guard column.name == entry.name, column.space == entry.space,
                column.kind == entry.kind
            else { return false }
        }
        guard let places = places(of: texts) else { return false }
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

    /// The families of a block's patterns, with room for its numbers.
    private mutating func places(of texts: NumberedTexts) -> [Int]? {
        var places: [Int] = []
        var more = cellCount
        for (pattern, greatest) in zip(texts.patterns, texts.greatest) {
            let place = families.firstIndex { $0.pattern == pattern } ?? families.count
            let known = place < families.count ? families[place].counts.count : 0
            guard greatest < Limits.talliedNumberMax else { return nil }
            more += max(0, Int(greatest) + 1 - known)
            if place == families.count { families.append(Family(pattern: pattern)) }
            places.append(place)
        }
        guard more <= Limits.talliedNumberMax, families.count <= Limits.talliedPatternMax else {
            return nil
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
        while next.family < families.count, counts.count < rowCountMax {
            let family = families[next.family]
            guard next.number < family.counts.count else {
                next = (next.family + 1, 0)
                continue
            }
            let count = family.counts[next.number]
            if count > 0 {
                column.codes.append(UInt32(column.ends.count))
                column.rows.append(UInt32(counts.count))
                for byte in family.pattern {
                    if byte == TextScanner.Mark.number {
                        column.bytes.append(decimal: Int64(next.number))
                    } else {
                        column.bytes.append(byte)
                    }
                }
                column.ends.append(UInt32(column.bytes.count))
                counts.append(count)
            }
            next.number += 1
        }
        if next.family == families.count, missing > 0, counts.count < rowCountMax {
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
            for (place, number) in zip(places, own) {
                guard number >= 0 else { throw ByteFailure.invalid(atByte: start) }
                numbers[place] = number
                greatest[pattern] = max(greatest[pattern], number)
            }
        }
    }
}
