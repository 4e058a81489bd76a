/// Hashes, each once, in the order in which they came.
///
/// They are spread well already, so they are their own hash here.
struct HashList {
    private(set) var all: [UInt64] = []
    /// 0 is free; its count is a power of two.
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var hasZero = false

    mutating func insert(_ hash: UInt64) {
        guard hash != 0 else {
            if !hasZero { all.append(0) }
            hasZero = true
            return
        }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[slot] != 0 {
            if slots[slot] == hash { return }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        slots[slot] = hash
        all.append(hash)
        if all.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * (slots.count < 1 << 15 ? 4 : 2))
        for hash in all where hash != 0 {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
            while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
            slots[slot] = hash
        }
    }
}
