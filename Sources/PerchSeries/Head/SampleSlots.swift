/// Samples of many series in small fixed slots, chained by series.
///
/// A slot is 14 words: the time that the others count from; a word with the slot before (+ 1) and
/// the count; four words with eight distances in time; eight values. A slot is only ever added to,
/// so a reader that knows a slot and a count knows what was there.
struct SampleSlots: Sendable {
    /// A slot and how many of its samples are meant; packed in one word.
    struct Mark: Sendable, Equatable {
        /// The slot's number + 1, or 0 for none.
        var slot: UInt32
        var count: UInt32

        static let none = Mark(slot: 0, count: 0)
    }

    static let perSlot = 8
    private static let wordCount = 14
    private static let slotsPerBlock = 4096
    private static let timesAt = 2
    private static let valuesAt = 6

    private var blocks: [[UInt64]] = []
    private(set) var slotCount = 0

    var byteCount: Int { slotCount * Self.wordCount * 8 }

    /// Adds a sample behind those in `open` (a number + 1, or 0) and answers the slot that it is in.
    @inline(__always)
    mutating func append(_ open: UInt32, _ time: Int64, _ bits: UInt64) -> UInt32 {
        if open > 0 {
            let place = Int(open - 1)
            let start = (place & (Self.slotsPerBlock - 1)) &* Self.wordCount
            let isIn = Self.add(&blocks[place >> 12], start, time, bits)
            if isIn { return open }
        }
        return begin(open, time, bits)
    }

    @inline(__always)
    private static func add(
        _ block: inout [UInt64], _ start: Int, _ time: Int64, _ bits: UInt64
    ) -> Bool {
        var words = block.mutableSpan
        let head = words[start &+ 1]
        let count = Int(head >> 32)
        let (distance, overflow) = time.subtractingReportingOverflow(
            Int64(bitPattern: words[start]))
        guard count < perSlot, !overflow, let short = Int32(exactly: distance) else { return false }
        let half = UInt64(UInt32(bitPattern: short)) << UInt64((count & 1) &* 32)
        words[start &+ timesAt &+ count >> 1] |= half
        words[start &+ valuesAt &+ count] = bits
        words[start &+ 1] = head &+ 1 << 32
        return true
    }

    @inline(never)
    private mutating func begin(_ before: UInt32, _ time: Int64, _ bits: UInt64) -> UInt32 {
        if slotCount % Self.slotsPerBlock == 0 {
            blocks.append(Array(repeating: 0, count: Self.slotsPerBlock * Self.wordCount))
        }
        let place = slotCount
        slotCount += 1
        let start = (place & (Self.slotsPerBlock - 1)) * Self.wordCount
        blocks[place >> 12][start] = UInt64(bitPattern: time)
        blocks[place >> 12][start + 1] = UInt64(before) | 1 << 32
        blocks[place >> 12][start + Self.valuesAt] = bits
        return UInt32(place + 1)
    }

    /// How many samples are in a slot.
    func mark(_ open: UInt32) -> Mark {
        guard open > 0 else { return .none }
        let (block, start) = Self.place(open)
        return Mark(slot: open, count: UInt32(blocks[block][start + 1] >> 32))
    }

    /// Calls `body` with the samples up to a mark, the newest slot first, within a slot in the
    /// order they came; until it answers false.
    @inline(__always)
    func forEachSlot(_ mark: Mark, _ body: (Span<UInt64>, Int, Int) -> Bool) {
        var open = mark.slot
        var count = Int(mark.count)
        while open > 0 {
            let (block, start) = Self.place(open)
            let content = blocks[block]
            let words = content.span
            guard body(words, start, count) else { return }
            open = UInt32(truncatingIfNeeded: words[start + 1])
            count = Self.perSlot
            if open > 0 {
                let (before, beforeStart) = Self.place(open)
                count = Int(blocks[before][beforeStart + 1] >> 32)
            }
        }
    }

    /// All samples up to a mark, in the order they came.
    func copy(_ mark: Mark, _ times: inout [Int64], _ values: inout [Double]) {
        var total = 0
        forEachSlot(mark) { _, _, count in
            total += count
            return true
        }
        times = Array(repeating: 0, count: total)
        values = Array(repeating: 0, count: total)
        var allTimes = times.mutableSpan
        var allValues = values.mutableSpan
        // Slots come newest first, so the columns are filled from their ends.
        var end = total
        var open = mark.slot
        var count = Int(mark.count)
        while open > 0, end >= count {
            let (block, start) = Self.place(open)
            let content = blocks[block]
            let words = content.span
            end &-= count
            for index in 0..<count {
                allTimes[end &+ index] = Self.time(words, start, index)
                allValues[end &+ index] = Double(bitPattern: Self.bits(words, start, index))
            }
            open = UInt32(truncatingIfNeeded: words[start + 1])
            guard open > 0 else { return }
            let (before, beforeStart) = Self.place(open)
            count = Int(blocks[before][beforeStart + 1] >> 32)
        }
    }

    /// The time of the sample at an index of a slot.
    @inline(__always)
    static func time(_ words: Span<UInt64>, _ start: Int, _ index: Int) -> Int64 {
        let half = words[start &+ timesAt &+ index >> 1] >> UInt64((index & 1) &* 32)
        let short = Int32(bitPattern: UInt32(truncatingIfNeeded: half))
        return Int64(bitPattern: words[start]) &+ Int64(short)
    }

    @inline(__always)
    static func bits(_ words: Span<UInt64>, _ start: Int, _ index: Int) -> UInt64 {
        words[start &+ valuesAt &+ index]
    }

    @inline(__always)
    private static func place(_ open: UInt32) -> (Int, Int) {
        let place = Int(open - 1)
        return (place >> 12, (place & (slotsPerBlock - 1)) * wordCount)
    }
}
