import PerchModel
import Testing

/// Sets of rows as masks do what sets do.
@Suite("Masks of rows")
struct RowMaskTests {
    private static func random(_ count: Int) -> [UInt32] {
        (0..<UInt32(count)).filter { _ in Int.random(in: 0..<3) == 0 }
    }

    @Test("count, cut and choose as lists do", arguments: [1, 63, 64, 65, 128, 300])
    func likeLists(rowCount: Int) {
        for _ in 0..<20 {
            let rows = Self.random(rowCount)
            let mask = RowMask(rows, of: rowCount)
            #expect(mask.rows == rows)
            #expect(mask.count == rows.count)
            let low = Int.random(in: 0...rowCount)
            let range = low..<Int.random(in: low...rowCount)
            #expect(mask.count(in: range) == rows.count { range.contains(Int($0)) })
            #expect(RowMask(range: range, of: rowCount).rows == range.map { UInt32($0) })
            let countMax = Int.random(in: 0...rowCount)
            for last in [false, true] {
                var kept = mask
                kept.keep(countMax, last: last)
                #expect(kept.rows == Array(last ? rows.suffix(countMax) : rows.prefix(countMax)))
            }
            let places = Self.random(rows.count)
            #expect(
                mask.selecting(RowMask(places, of: rows.count)).rows
                    == places.map { rows[Int($0)] })
            let some = Self.random(rowCount)
            let found = mask.places(of: some)
            #expect(found.given.map { some[Int($0)] } == some.filter { mask.contains(Int($0)) })
            #expect(found.own.map { rows[Int($0)] } == found.given.map { some[Int($0)] })
            let values = (0..<rowCount).map { $0 % 7 }
            #expect(
                RowMask(of: values.span) { $0 == 3 }.rows
                    == (0..<UInt32(rowCount)).filter { $0 % 7 == 3 })
        }
        #expect(RowMask(all: rowCount).count == rowCount)
        #expect(RowMask(words: [.max, .max], rowCount: rowCount).count == min(128, rowCount))
    }
}
