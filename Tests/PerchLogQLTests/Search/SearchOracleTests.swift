import PerchLogQL
import PerchModel
import Testing

@Suite("Searches at random")
struct SearchOracleTests {
    @Test(
        "LOG-22: 4,000 searches find the rows that the plainest evaluator finds", arguments: 0..<8)
    func agree(_ seed: Int) throws {
        var random = SearchGenerator(seed: UInt64(seed))
        var foundCount = 0
        for _ in 0..<10 {
            let rows = random.rows(random.int(1..<60))
            let batch = SearchGenerator.batch(rows)
            for _ in 0..<50 {
                let search = random.search()
                let predicate = try SearchParser.parse(search.text)
                let found = batch.matchingRows(of: predicate, times: .min ..< .max).map { Int($0) }
                let expected = rows.indices.filter { search.holds(rows[$0]) }
                #expect(found == expected, "\(search.text)")
                foundCount += found.count
            }
        }
        // A generator that finds nothing proves nothing.
        #expect(foundCount > 1_000)
    }
}
