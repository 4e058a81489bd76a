/// Numbers of 64 bits, each once, numbered from 0 in the order in which they came.
///
/// Keys are spread by a secret, so that a sender cannot choose ones that collide.
struct WordTable: Sendable {
    private(set) var keys: [UInt64] = []
    /// One more than a key's number; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt32](repeating: 0, count: 16)
    private let seed = UInt64.random(in: .min ... .max) | 1

    var count: Int { keys.count }

    /// The number of a key, which is new when it equals the count before.
    @inline(__always)
    mutating func intern(_ key: UInt64) -> UInt32 {
        var slot = spread(key) & (slots.count &- 1)
        while slots[slot] != 0 {
            let number = slots[slot] &- 1
            if keys[Int(number)] == key { return number }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return add(key, at: slot)
    }

    @inline(never)
    private mutating func add(_ key: UInt64, at slot: Int) -> UInt32 {
        let number = UInt32(truncatingIfNeeded: keys.count)
        keys.append(key)
        slots[slot] = number &+ 1
        if keys.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        for (number, key) in keys.enumerated() {
            var slot = spread(key) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(truncatingIfNeeded: number + 1)
        }
    }

    @inline(__always)
    private func spread(_ key: UInt64) -> Int {
        let product = (key ^ seed).multipliedFullWidth(by: seed)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}
