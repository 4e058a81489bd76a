/// The order of rows by time; rows of one time keep theirs.
enum TimeOrder {
    /// Bits of a time that one pass sorts by.
    private static let digitWidth = 11

    /// The rows in the order of their times; nil if they stand so already.
    ///
    /// Sorts by the digits of the distance to the first time, the lowest first, as many as there
    /// are.
    static func rows(by times: [Int64]) -> [UInt32]? {
        var least = times.first ?? 0
        var greatest = least
        var last = least
        var isSorted = true
        for time in times {
            isSorted = isSorted && time >= last
            last = time
            least = min(least, time)
            greatest = max(greatest, time)
        }
        if isSorted { return nil }
        var rows = (0..<UInt32(times.count)).map { $0 }
        var next = rows
        let width = 64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
        for shift in stride(from: 0, to: width, by: digitWidth) {
            sort(times.span, from: least, UInt64(shift), rows.span, into: &next)
            swap(&rows, &next)
        }
        return rows
    }

    private static func sort(
        _ times: Span<Int64>, from least: Int64, _ shift: UInt64, _ rows: Span<UInt32>,
        into next: inout [UInt32]
    ) {
        let mask = UInt64(1) << UInt64(digitWidth) - 1
        var places = [Int](repeating: 0, count: 1 << digitWidth)
        for index in times.indices {
            places[Int(UInt64(bitPattern: times[index] &- least) >> shift & mask)] &+= 1
        }
        var start = 0
        for digit in places.indices { (places[digit], start) = (start, start + places[digit]) }
        var target = next.mutableSpan
        for index in rows.indices {
            let row = rows[index]
            let digit = Int(UInt64(bitPattern: times[Int(row)] &- least) >> shift & mask)
            target[places[digit]] = row
            places[digit] &+= 1
        }
    }
}
