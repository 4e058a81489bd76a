/// The values of a batch in the order in which they came: of each, its column, and a number that
/// its column knows.
///
/// One list that grows, in the place of two a column; rows and numbers of each column are sorted out
/// at the end.
struct BatchCells: Sendable {
    /// The column in the upper half, its number in the lower.
    private var cells: [UInt64] = []
    /// Where each row begins in `cells`.
    private var rowStarts: [UInt32] = []

    @inline(__always)
    mutating func beginRow() {
        rowStarts.append(UInt32(truncatingIfNeeded: cells.count))
    }

    /// Adds a value of the last row begun.
    @inline(__always)
    mutating func append(column: Int, _ number: UInt32) {
        cells.append(UInt64(truncatingIfNeeded: column) << 32 | UInt64(number))
    }

    /// The rows and the numbers of all columns, one column after the other.
    ///
    /// `counts` says how many values each column has.
    func byColumn(_ counts: [Int]) -> (rows: [UInt32], numbers: [UInt32]) {
        var places = counts
        var next = 0
        for column in counts.indices {
            places[column] = next
            next += counts[column]
        }
        precondition(next == cells.count, "\(next) values counted, \(cells.count) there")
        var rows = [UInt32](repeating: 0, count: next)
        var numbers = rows
        var rowSpan = rows.mutableSpan
        var numberSpan = numbers.mutableSpan
        var placeSpan = places.mutableSpan
        let cells = cells.span
        let starts = rowStarts.span
        var index = 0
        for row in starts.indices {
            let end = row &+ 1 < starts.count ? Int(starts[row &+ 1]) : cells.count
            while index < end {
                let cell = cells[index]
                let column = Int(truncatingIfNeeded: cell >> 32)
                let place = placeSpan[column]
                placeSpan[column] = place &+ 1
                rowSpan[place] = UInt32(truncatingIfNeeded: row)
                numberSpan[place] = UInt32(truncatingIfNeeded: cell)
                index &+= 1
            }
        }
        return (rows, numbers)
    }
}
