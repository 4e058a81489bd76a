/// Stretches of time of one length, one after the other; each begins with its first nanosecond.
package struct TimeBuckets: Sendable, Hashable {
    package var start: Int64
    /// More than 0.
    package var length: Int64
    package var count: Int

    package init(start: Int64, length: Int64, count: Int) {
        self.start = start
        self.length = max(1, length)
        self.count = count
    }

    /// The bucket of a time, or nil outside of all.
    package func index(of time: Int64) -> Int? {
        let (distance, isTooLong) = time.subtractingReportingOverflow(start)
        guard !isTooLong, distance >= 0 else { return nil }
        let index = distance / length
        return index < Int64(count) ? Int(index) : nil
    }

    /// The bucket of each time; -1 outside of all.
    ///
    /// Times that follow each other are mostly near each other, which saves the division.
    package func indexes(of times: [Int64]) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(times.count)
        var known: Range<Int64> = 0..<0
        var knownIndex: Int32 = -1
        for time in times {
            if !known.contains(time) {
                guard let index = index(of: time) else {
                    result.append(-1)
                    continue
                }
                let (begin, _) = start.addingReportingOverflow(Int64(index) &* length)
                let (end, isTooLong) = begin.addingReportingOverflow(length)
                known = begin..<(isTooLong ? .max : end)
                knownIndex = Int32(truncatingIfNeeded: index)
            }
            result.append(knownIndex)
        }
        return result
    }
}
