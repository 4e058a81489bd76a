/// Decides which segments are written anew, alone or as one.
///
/// It does no I/O and reads no clock.
struct SegmentMergePlan: Sendable {
    /// What it needs to know of a file, in the order of the log.
    struct Part: Sendable, Equatable {
        /// Whether it may be joined with others.
        var isFree: Bool
        /// Whether rows are in it that are to be taken out.
        var isTouched: Bool
        var byteCount: Int
        var times: EventTimes
    }

    /// The longest time that a merged segment may span: retention removes whole ones.
    var spanMax: Int64
    /// The most bytes of a merged segment.
    var byteCountMax: Int

    /// Which of the parts are to be one; nil when all is well.
    ///
    /// Of several, none is more than a quarter of all: so a row is copied once for each time that
    /// its segment grows fourfold. `fully` joins whatever fits.
    func next(_ parts: [Part], fully: Bool = false) -> Range<Int>? {
        if let touched = parts.firstIndex(where: \.isTouched) { return touched..<(touched + 1) }
        for start in parts.indices {
            var total = 0
            var largest = 0
            var range: Range<Int>?
            var times = parts[start].times
            var widest = span(times)
            for end in start..<min(parts.count, start + Limits.mergeCountMax) {
                let part = parts[end]
                total += part.byteCount
                largest = max(largest, part.byteCount)
                widest = max(widest, span(part.times))
                times.widen(part.times)
                // Segments with late rows may span more each: merging those makes nothing worse.
                guard part.isFree, total <= byteCountMax, span(times) <= max(spanMax, widest)
                else { break }
                let isWorth =
                    fully
                    ? end > start
                    : end - start + 1 >= Limits.mergeCountMin && largest <= total / 4
                if isWorth { range = start..<(end + 1) }
            }
            if let range { return range }
        }
        return nil
    }

    private func span(_ times: EventTimes) -> Int64 {
        let (span, overflow) = times.max.subtractingReportingOverflow(times.min)
        return overflow ? .max : span
    }
}
