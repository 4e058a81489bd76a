import PerchModel

/// Finds the two ends of a call: the span of who calls, and those of who is called, which have it
/// as their parent.
///
/// Ends wait in a table of two halves: when one is full, or its time is over, it becomes the old
/// half, and what is left in the half before it is given up. So memory and the time of a wait are
/// bounded together.
struct SpanPairs: Sendable {
    /// One end of a call.
    struct End: Sendable {
        var traceHigh: UInt64 = 0
        var traceLow: UInt64 = 0
        /// Of the caller's span.
        var spanID: UInt64 = 0
        var durationNanos: Int64 = 0
        var service: UInt32 = 0
        /// One more than whom the caller says that it calls; 0 for nobody.
        var peer: UInt32 = 0
        var flags: UInt32 = 0

        static let caller: UInt32 = 1
        static let called: UInt32 = 2
        static let failed: UInt32 = 4
        static let messaging: UInt32 = 8
        static let paired: UInt32 = 16

        @inline(__always)
        func has(_ flag: UInt32) -> Bool { flags & flag != 0 }

        @inline(__always)
        func isOfSameCall(as other: End) -> Bool {
            spanID == other.spanID && traceLow == other.traceLow && traceHigh == other.traceHigh
        }
    }

    /// A table with open addressing.
    fileprivate struct Half {
        /// A part of each slot's hash; 0 is free.
        ///
        /// Apart from the ends, since most look-ups need
        /// nothing else.
        var tags: [UInt32]
        var ends: [End]
        var usedCount = 0

        init(slotCount: Int) {
            tags = Array(repeating: 0, count: slotCount)
            ends = Array(repeating: End(), count: slotCount)
        }
    }

    private var new: Half?
    private var old: Half?
    private let slotCount: Int
    private let seed = SeededHash.processSeed

    /// Begins empty; `slotCount` is a power of two, and half of it is used.
    init(slotCount: Int) {
        self.slotCount = slotCount
    }

    /// Calls `found` with each other end that waits; keeps this one while others may come for it.
    ///
    /// `expired` gets those that are given up to make room.
    @inline(__always)
    mutating func add(_ end: End, found: (End) -> Void, expired: (End) -> Void) {
        let hash = hash(of: end)
        let inOld = Self.match(end, hash, in: &old, found)
        let inNew = Self.match(end, hash, in: &new, found)
        let isPaired = inOld.isPaired || inNew.isPaired
        // Several may have been called by one message, so a caller stays for the others.
        if isPaired, end.has(End.called) { return }
        guard var slot = inNew.free else {
            // Ids that a sender chose to collide, or one id again and again.
            if !isPaired { expired(end) }
            return
        }
        if new.map({ $0.usedCount >= slotCount / 2 }) ?? true {
            // What waits in the old half stays there when the new one only begins.
            if new != nil { turn(expired: expired) }
            if new == nil { new = Half(slotCount: slotCount) }
            slot = Int(truncatingIfNeeded: hash) & (slotCount &- 1)
        }
        new?.put(end, hash, slot, isPaired)
    }

    /// Makes the new half the old one.
    mutating func turn(expired: (End) -> Void) {
        if let old {
            for slot in old.tags.indices where old.tags[slot] != 0 {
                if !old.ends[slot].has(End.paired) { expired(old.ends[slot]) }
            }
        }
        swap(&old, &new)
        new?.clear()
    }

    /// Finds the other ends, and where this one may stand: at the first free slot or at that of the
    /// same caller's span; nil when there is none near enough.
    @inline(__always)
    private static func match(
        _ end: End, _ hash: UInt64, in half: inout Half?, _ found: (End) -> Void
    ) -> (isPaired: Bool, free: Int?) {
        half?.match(end, hash, found) ?? (false, 0)
    }

    @inline(__always)
    private func hash(of end: End) -> UInt64 {
        // Ids are random already, unless a sender chose them; the seed keeps those apart.
        let product = (end.traceLow ^ seed).multipliedFullWidth(by: end.spanID ^ ~seed | 1)
        return product.high ^ product.low
    }
}

extension SpanPairs.Half {
    /// How many slots are looked at: at half load more than a dozen are rare.
    private static var probesMax: Int { 64 }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash >> 32) | 1
    }

    fileprivate mutating func clear() {
        usedCount = 0
        for slot in tags.indices { tags[slot] = 0 }
    }

    @inline(__always)
    fileprivate mutating func put(
        _ end: SpanPairs.End, _ hash: UInt64, _ slot: Int, _ isPaired: Bool
    ) {
        if tags[slot] == 0 { usedCount += 1 }
        tags[slot] = Self.tag(hash)
        ends[slot] = end
        if isPaired { ends[slot].flags |= SpanPairs.End.paired }
    }

    @inline(__always)
    fileprivate mutating func match(
        _ end: SpanPairs.End, _ hash: UInt64, _ found: (SpanPairs.End) -> Void
    ) -> (isPaired: Bool, free: Int?) {
        var isPaired = false
        let tag = Self.tag(hash)
        let mask = tags.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        let side = end.flags & (SpanPairs.End.caller | SpanPairs.End.called)
        for _ in 0..<Self.probesMax {
            let other = tags[slot]
            if other == 0 { return (isPaired, slot) }
            if other == tag, ends[slot].isOfSameCall(as: end) {
                if ends[slot].has(side) {
                    if side == SpanPairs.End.caller { return (isPaired, slot) }
                } else if ends[slot].has(SpanPairs.End.caller)
                    || !ends[slot].has(SpanPairs.End.paired)
                {
                    ends[slot].flags |= SpanPairs.End.paired
                    found(ends[slot])
                    isPaired = true
                }
            }
            slot = (slot &+ 1) & mask
        }
        return (isPaired, nil)
    }
}
