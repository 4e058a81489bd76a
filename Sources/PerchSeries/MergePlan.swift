/// Decides which segments are merged.
///
/// It does no I/O and reads no clock.
struct MergePlan: Sendable {
    /// What it needs to know of a segment.
    struct Part: Sendable, Equatable {
        var level: UInt32
        var minTime: Int64
        var maxTime: Int64
        var byteCount: Int
        /// Whether a deletion waits to be carried out in it.
        var isTouched: Bool
    }

    /// The longest time that a merged segment may span: retention removes whole ones.
    var spanMax: Int64
    /// The most bytes that are merged at once.
    var byteCountMax: Int

    /// Which of the parts, oldest first, are to be one; nil when all is well.
    func next(_ parts: [Part]) -> Range<Int>? {
        if let touched = parts.firstIndex(where: \.isTouched) { return touched..<(touched + 1) }
        for level in Set(parts.map(\.level)).sorted() {
            var start = 0
            while start < parts.count {
                guard parts[start].level == level else {
                    start += 1
                    continue
                }
                var end = start + 1
                while end < parts.count, parts[end].level == level,
                    end - start < Limits.mergeCount
                {
                    end += 1
                }
                if end - start == Limits.mergeCount, fits(parts[start..<end]) {
                    return start..<end
                }
                start += end - start == Limits.mergeCount ? 1 : end - start
            }
        }
        return nil
    }

    /// As few as the limits allow: what is asked for by hand.
    func nextFull(_ parts: [Part]) -> Range<Int>? {
        if let range = next(parts) { return range }
        var start = 0
        while start < parts.count {
            var end = start + 1
            while end < parts.count, end - start < 16, fits(parts[start..<(end + 1)]) { end += 1 }
            if end - start > 1 { return start..<end }
            start += 1
        }
        return nil
    }

    private func fits(_ parts: ArraySlice<Part>) -> Bool {
        let low = parts.map(\.minTime).min() ?? 0
        let high = parts.map(\.maxTime).max() ?? 0
        // Segments of a backfill may span more each: merging those makes nothing worse.
        let widest = parts.map { $0.maxTime.lessClamped($0.minTime) }.max() ?? 0
        let (span, overflow) = high.subtractingReportingOverflow(low)
        return !overflow && span <= max(spanMax, widest)
            && parts.reduce(0, { $0 + $1.byteCount }) <= byteCountMax
    }
}
