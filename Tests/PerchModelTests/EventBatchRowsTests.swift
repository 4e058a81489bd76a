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
}
