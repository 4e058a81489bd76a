import PerchModel
import PerchTestSupport
import Testing

@Suite("Predicates over columns")
struct PredicateEvaluationTests {
    /// The fast evaluation and the plain one agree on untidy batches.
    @Test("agree with the row-at-a-time oracle", arguments: 0..<40)
    func agreesWithOracle(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        for _ in 0..<10 {
            let batch = random.batch(.logs, rowCountMax: 200, times: 0..<1000)
            for _ in 0..<20 {
                let predicate = random.predicate()
                let start = Int64(random.int(0..<900))
                let times = random.int(0..<2) == 0 ? 0..<1000 : start..<start + 200
                let rows = batch.matchingRows(of: predicate, times: times)
                let expected = (0..<batch.rowCount).filter {
                    times.contains(batch.times[$0])
                        && EventOracle.holds(predicate, batch, row: $0)
                }
                #expect(rows.map { Int($0) } == expected, "seed \(seed): \(predicate)")
            }
        }
    }

    @Test("a search finds its text at every position and in either case", arguments: 1..<40)
    func searchPositions(length: Int) {
        let needle = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        for position in 0..<70 {
            var bytes = Array(repeating: UInt8(ascii: "."), count: 120)
            for (index, byte) in needle.enumerated() {
                bytes[position + index] = index.isMultiple(of: 2) ? byte - 32 : byte
            }
            let search = ByteSearch(needle)
            #expect(search.firstIndex(in: bytes.span, 0..<bytes.count) == position)
            #expect(search.firstIndex(in: bytes.span, 0..<position + length - 1) == nil)
        }
    }

    @Test("folding joins letters only, not their neighbours in ASCII")
    func foldingIsLettersOnly() {
        #expect(!ByteSearch("[".utf8).isContained(in: Array("{".utf8)))
        #expect(!ByteSearch("@".utf8).isContained(in: Array("`".utf8)))
        #expect(!ByteSearch("{".utf8).isContained(in: Array("[".utf8)))
        #expect(ByteSearch("Z".utf8).isContained(in: Array("z".utf8)))
    }

    @Test("a hit across two values is none")
    func hitsStayInOneValue() {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for text in ["time", "out", "timeout", ""] {
            builder.beginRow(timeNanos: 1, resource: resource)
            builder.set(.record, "body", .string(text))
        }
        #expect(builder.batch.matchingRows(of: .anyText("TIMEOUT"), times: 0..<2) == [2])
    }
}
