import PerchModel
import PerchTestSupport
import Testing

@Suite("Gathering and merging batches")
struct EventBatchRowsTests {
    @Test("a selection holds the rows in the order given", arguments: 0..<30)
    func selectingKeepsRows(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = random.batch(.logs, rowCountMax: 100, times: 0..<1000)
        var rows = (0..<batch.rowCount).shuffled(using: &random.generator)
        rows.removeLast(random.int(0..<rows.count))
        let selected = batch.selecting(rows: rows.map { UInt32($0) })
        #expect(EventOracle.rows(selected) == EventOracle.rows(batch, rows))
        for column in selected.columns {
            #expect(!column.rows.isEmpty)
            #expect(zip(column.rows, column.rows.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test("a merged batch holds the rows of all", arguments: 0..<30)
    func appendKeepsRows(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        var merged = EventBatch(dataset: .spans)
        var expected: [EventOracle.Row] = []
        for _ in 0..<5 {
            let batch = random.batch(.spans, rowCountMax: 40, times: 0..<1000)
            merged.append(contentsOf: batch)
            expected += EventOracle.rows(batch)
        }
        #expect(EventOracle.rows(merged) == expected)
        #expect(merged.resources.count == Set(merged.resources).count)
    }

    @Test("a slice holds the rows of its range, and only their columns", arguments: 0..<30)
    func slicingKeepsRows(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = random.batch(.logs, rowCountMax: 100, times: 0..<1000)
        for _ in 0..<5 {
            let start = random.int(0..<batch.rowCount)
            let range = start..<random.int(start..<batch.rowCount + 1)
            let slice = batch.slicing(range)
            let isSame = EventOracle.rows(slice) == EventOracle.rows(batch, Array(range))
            #expect(isSame, "\(range)")
            #expect(slice.columns.allSatisfy { !$0.rows.isEmpty })
        }
    }

    @Test("a batch that grows by many small ones keeps each resource and field once")
    func growingByMany() {
        var random = RandomEvents(seed: 4)
        var merged = EventBatch(dataset: .logs)
        var index = EventBatchIndex()
        var plain = EventBatch(dataset: .logs)
        for round in 0..<100 {
            let batch = random.batch(.logs, rowCountMax: 5, times: 0..<1000)
            merged.append(contentsOf: batch, &index)
            // One in between without the index: it catches up.
            if round % 10 == 3 { merged.append(contentsOf: batch) }
            plain.append(contentsOf: batch)
            if round % 10 == 3 { plain.append(contentsOf: batch) }
        }
        let isSame = EventOracle.rows(merged) == EventOracle.rows(plain)
        #expect(isSame)
        #expect(merged.columns.map(\.name) == plain.columns.map(\.name))
        #expect(merged.resources.count == Set(merged.resources).count)
    }

    @Test("the bytes of names and of resources count")
    func byteCountHoldsEverything() {
        let text = String(repeating: "x", count: 100_000)
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(
            Resource([
                Resource.Attribute(key: "a", value: .string(text)),
                Resource.Attribute(key: text, value: .bytes(Array(text.utf8))),
            ]))
        builder.beginRow(timeNanos: 0, resource: resource)
        builder.set(.attribute, text + "b", int: 1)
        #expect((400_000..<401_000).contains(builder.batch.byteCount))
    }
}
