/// Different byte strings, each with the number of its first appearance.
package struct ByteInterner: Sendable {
    package private(set) var ends: [UInt32] = []
    package private(set) var bytes: [UInt8] = []
    /// The upper half of a hash, and one more than a number; 0 is free.
    ///
    /// Its count is a power of two.
    private var slots = [UInt64](repeating: 0, count: 256)

    package init() {}

    package var count: Int { ends.count }

    /// The number of a byte string, which is added if it is new.
    package mutating func code(of value: Span<UInt8>) -> UInt32 {
        let hash = SeededHash.hash(value)
        let (slot, known) = find(value, hash)
        if let known { return known }
        bytes.append(value)
        ends.append(UInt32(bytes.count))
        slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return UInt32(ends.count - 1)
    }

    /// The number of a byte string that was added before, or nil.
    package func known(_ value: Span<UInt8>) -> UInt32? {
        find(value, SeededHash.hash(value)).known
    }

    @inline(__always)
    private func find(_ value: Span<UInt8>, _ hash: UInt64) -> (slot: Int, known: UInt32?) {
        let mark = hash & 0xffff_ffff_0000_0000
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let found = slots[slot]
            if found & 0xffff_ffff_0000_0000 == mark {
                let code = Int(found & 0xffff_ffff) - 1
                let start = code == 0 ? 0 : Int(ends[code - 1])
                if Int(ends[code]) - start == value.count, stands(value, in: bytes.span, at: start)
                {
                    return (slot, UInt32(code))
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return (slot, nil)
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 4)
        var start = 0
        for code in ends.indices {
            let hash = SeededHash.hash(bytes.span, start..<Int(ends[code]))
            start = Int(ends[code])
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(code + 1)
        }
    }
}
