import PerchModel
import PerchTestSupport
import Testing

extension EventBatch {
    /// The same rows, with some columns as dictionaries.
    func withDictionaries(seed: UInt64) -> EventBatch {
        var random = RandomEvents(seed: seed)
        var batch = self
        for index in columns.indices where random.int(0..<3) < 2 {
            batch.columns[index] = columns[index].dictionary()
        }
        return batch
    }
}

@Suite("Columns whose values stand in a dictionary")
struct ColumnDictionaryTests {
    private static func batches(_ seed: Int) -> (plain: EventBatch, coded: EventBatch) {
        var random = RandomEvents(seed: UInt64(seed))
        var plain = random.batch(.logs, rowCountMax: 100, times: 0..<1000)
        plain.columns = plain.columns.map { $0.plain() }
        return (plain, plain.withDictionaries(seed: UInt64(seed)))
    }

    @Test("there and back is the same, and each entry is there once", arguments: 0..<20)
    func roundTrip(seed: Int) {
        let (plain, coded) = Self.batches(seed)
        #expect(!coded.columns.filter(\.isDictionary).isEmpty)
        for (column, before) in zip(coded.columns, plain.columns) {
            #expect(column.plain() == before)
            #expect(column.expandedByteCount == before.bytes.count)
            guard column.isDictionary else { continue }
            let entries = column.ends.indices.map { column.entry($0) }
            #expect(Set(entries).count == entries.count)
        }
        #expect(EventOracle.rows(coded) == EventOracle.rows(plain))
    }

    @Test("selecting and slicing take the same rows", arguments: 0..<20)
    func parts(seed: Int) {
        let (plain, coded) = Self.batches(seed)
        var random = RandomEvents(seed: UInt64(seed))
        for _ in 0..<5 {
            var rows = (0..<plain.rowCount).shuffled(using: &random.generator)
            rows.removeLast(random.int(0..<rows.count))
            let selected = coded.selecting(rows: rows.map { UInt32($0) })
            #expect(EventOracle.rows(selected) == EventOracle.rows(plain, rows))
            let start = random.int(0..<plain.rowCount)
            let range = start..<random.int(start..<plain.rowCount + 1)
            #expect(
                EventOracle.rows(coded.slicing(range)) == EventOracle.rows(plain.slicing(range)))
        }
    }

    @Test("joining keeps values and keeps entries different", arguments: 0..<30)
    func joining(seed: Int) {
        var joined = EventBatch(dataset: .logs)
        var expected: [EventOracle.Row] = []
        for round in 0..<5 {
            let (plain, coded) = Self.batches(seed * 5 + round)
            joined.append(contentsOf: round == seed % 7 ? plain : coded)
            expected += EventOracle.rows(plain)
        }
        #expect(EventOracle.rows(joined) == expected)
        for column in joined.columns where column.isDictionary {
            let entries = column.ends.indices.map { column.entry($0) }
            #expect(Set(entries).count == entries.count)
            #expect(column.codes.count == column.rows.count)
        }
    }

    /// 2,000 rows of 1 MB each would be 2 GB.
    @Test("a large constant is not written out by joining it with others")
    func largeConstant() {
        var constant = Column(name: "body", space: .record, kind: .string)
        constant.rows = (0..<2000).map { UInt32($0) }
        constant.bytes = [UInt8](repeating: 0x61, count: 1 << 20)
        constant.ends = [1 << 20]
        constant.codes = [UInt32](repeating: 0, count: 2000)
        var one = EventBatchBuilder(dataset: .logs)
        one.beginRow(timeNanos: 1, resource: one.intern(Resource([])))
        one.set(.record, "body", .string("b"))
        var large = EventBatch(dataset: .logs)
        large.times = [Int64](repeating: 1, count: 2000)
        large.resources = [Resource([])]
        large.resourceIndexes = [UInt32](repeating: 0, count: 2000)
        large.columns = [constant]
        for batches in [[large, one.batch], [one.batch, large], [large, large]] {
            var joined = EventBatch(dataset: .logs)
            for batch in batches { joined.append(contentsOf: batch) }
            #expect(joined.byteCount < 2 << 20)
            let texts = Set(
                joined.columns[0].rows.indices.map { joined.columns[0].byteRange(at: $0).count })
            #expect(texts.isSubset(of: [1, 1 << 20]))
        }
    }
}
