/// Where entries of dictionaries stand, by their bytes.
///
/// One table may serve several columns, each with a seed of its own: what it finds is compared with
/// the column's bytes, so that a look-up never answers the entry of another one.
struct EntryTable: Sendable {
    private static let markMask: UInt64 = 0xffff_ffff_0000_0000
    /// The upper half of a hash, and one more than an entry's number; 0 is free.
    ///
    /// Its count is a power of two; the hash's upper bits say where to look first, so that it grows
    /// without hashing again.
    private var slots: [UInt64] = []
    private var width: UInt64
    private(set) var count = 0

    /// An empty table, with room for half of 1 << `width` entries once there is one.
    init(width: UInt64 = 9) { self.width = width }

    /// The seed of a column of a batch.
    @inline(__always)
    static func seed(column: Int) -> UInt64 {
        SeededHash.processSeed &+ UInt64(truncatingIfNeeded: column) &* 0x9e37_79b9_7f4a_7c15
    }

    /// The number of a value in a dictionary, to which it is added if it is new.
    mutating func code(
        of value: Span<UInt8>, seed: UInt64, ends: inout [UInt32], bytes: inout [UInt8]
    ) -> UInt32 {
        if slots.isEmpty { slots = [UInt64](repeating: 0, count: 1 << Int(width)) }
        let mark = SeededHash.hash(value, seed: seed) & Self.markMask
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: mark >> (64 &- width))
        while slots[slot] != 0 {
            let found = slots[slot]
            let code = Int(truncatingIfNeeded: found & ~Self.markMask) &- 1
            if found & Self.markMask == mark, code < ends.count {
                let start = code == 0 ? 0 : Int(ends[code &- 1])
                if Int(ends[code]) &- start == value.count, stands(value, in: bytes.span, at: start)
                {
                    return UInt32(truncatingIfNeeded: code)
                }
            }
            slot = (slot &+ 1) & mask
        }
        bytes.append(value)
        ends.append(UInt32(bytes.count))
        slots[slot] = mark | UInt64(ends.count)
        count &+= 1
        if count &* 2 > slots.count { grow() }
        return UInt32(ends.count &- 1)
    }

    /// Adds an entry that is in a dictionary already, and of which the table does not know yet.
    mutating func note(_ entry: Int, _ value: Span<UInt8>, seed: UInt64) {
        if slots.isEmpty { slots = [UInt64](repeating: 0, count: 1 << Int(width)) }
        let mark = SeededHash.hash(value, seed: seed) & Self.markMask
        put(mark | UInt64(entry + 1))
        count &+= 1
        if count &* 2 > slots.count { grow() }
    }

    private mutating func put(_ content: UInt64) {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: content >> (64 &- width))
        while slots[slot] != 0 { slot = (slot &+ 1) & mask }
        slots[slot] = content
    }

    private mutating func grow() {
        let old = slots
        width += 2
        slots = [UInt64](repeating: 0, count: 1 << Int(width))
        for content in old where content != 0 { put(content) }
    }
}
