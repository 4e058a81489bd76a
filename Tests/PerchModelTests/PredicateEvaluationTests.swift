import PerchTestSupport
import Testing

@testable import PerchModel

@Suite("Predicates over columns")
struct PredicateEvaluationTests {
    /// The fast evaluation and the plain one agree on untidy batches.
    @Test("agree with the row-at-a-time oracle", arguments: 0..<40)
    func agreesWithOracle(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        for _ in 0..<10 {
            let batch = random.batch(.logs, rowCountMax: 200, times: 0..<1000)
            let coded = batch.withDictionaries(seed: UInt64(seed))
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
                let same = coded.matchingRows(of: predicate, times: times)
                #expect(same == rows, "seed \(seed), dictionaries: \(predicate)")
            }
        }
    }

    @Test("one of several values is what each of them alone would be", arguments: 0..<20)
    func choices(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = random.batch(.logs, rowCountMax: 200, times: 0..<1000)
        let coded = batch.withDictionaries(seed: UInt64(seed))
        for column in batch.columns {
            let space = random.int(0..<2) == 0 ? nil : column.space
            let field = FieldReference(column.name, space: space)
            var texts = (0..<3).map { _ in
                column.value(at: random.int(0..<column.rows.count)).text
            }
            texts.append(contentsOf: ["", "1", "nan", "0a", "true"].prefix(random.int(0..<6)))
            let predicate = EventPredicate.or(texts.map { .equals(field, $0) })
            let rows = batch.matchingRows(of: predicate, times: 0..<1000)
            let single = texts.flatMap {
                batch.matchingRows(of: .equals(field, $0), times: 0..<1000)
            }
            #expect(rows == Array(Set(single)).sorted(), "seed \(seed): \(predicate)")
            #expect(coded.matchingRows(of: predicate, times: 0..<1000) == rows)
        }
    }

    @Test("whole numbers compare as the doubles they are", arguments: 0..<10)
    func comparisons(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let ints = (0..<300).map { _ in
            Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
        }
        for comparison in EventPredicate.Comparison.allCases {
            for _ in 0..<50 {
                let number =
                    Double(ints[Int.random(in: 0..<300, using: &random)])
                    + [0, 0.5, -0.5, 1e-9][Int.random(in: 0..<4, using: &random)]
                let found = ValueTest(.compares(comparison, number)).places(of: ints)
                #expect(
                    found.rows.map { Int($0) }
                        == ints.indices.filter { comparison.holds(Double(ints[$0]), number) })
            }
            for number in [Double.nan, .infinity, -.infinity, 1e300, -0.0] {
                let found = ValueTest(.compares(comparison, number)).places(of: ints)
                #expect(found.count == ints.count { comparison.holds(Double($0), number) })
            }
        }
    }

    @Test("an exact search heeds letter case")
    func exactSearch() {
        let bytes = Array("a Timeout, a timeout".utf8)
        let range = 0..<bytes.count
        #expect(ByteSearch("timeout".utf8, isExact: true).firstIndex(in: bytes.span, range) == 13)
        #expect(ByteSearch("Timeout".utf8, isExact: true).firstIndex(in: bytes.span, range) == 2)
        #expect(ByteSearch("TIMEOUT".utf8, isExact: true).firstIndex(in: bytes.span, range) == nil)
        #expect(ByteSearch("TIMEOUT".utf8).firstIndex(in: bytes.span, range) == 2)
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

    @Test("a search in text that repeats itself finds what a plain one finds", arguments: 0..<40)
    func searchInRepetition(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        let bytes = (0..<5000).map { _ in random.int(0..<40) == 0 ? UInt8(ascii: "B") : 97 }
        let start = random.int(0..<4000)
        var needle = Array(bytes[start..<start + random.int(1..<600)])
        if seed % 2 == 0 { needle[needle.count / 2] ^= 3 }
        let folded = bytes.map { $0 | 0x20 }
        let wanted = needle.map { $0 | 0x20 }
        let expected = (0...bytes.count - needle.count).first {
            folded[$0..<$0 + wanted.count].elementsEqual(wanted)
        }
        #expect(ByteSearch(needle).firstIndex(in: bytes.span, 0..<bytes.count) == expected)
    }

    /// By comparing each place anew this would be 10^11 comparisons: it would not end.
    @Test("no text is slow to search")
    func searchIsLinear() {
        let count = 1_000_000
        var needle = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        needle[needle.count / 2] = UInt8(ascii: "b")
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
        #expect(ByteSearch(needle).firstIndex(in: text.span, 0..<count) == nil)
        // Nor are many values of which none is long enough.
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for _ in 0..<1000 {
            builder.beginRow(timeNanos: 1, resource: resource)
            builder.set(.record, "body", .string(String(repeating: "a", count: 999)))
        }
        let long = String(repeating: "a", count: 1000)
        #expect(builder.batch.matchingRows(of: .anyText(long), times: 0..<2).isEmpty)
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
