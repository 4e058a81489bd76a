import PerchModel

/// Numbers for combinations of service, name and a small number, given out in the order in which
/// they first come, up to a limit.
///
/// Names are compared by their bytes; a look-up makes no string and allocates nothing.
struct SpanKeyTable: Sendable {
    /// One combination.
    struct Key: Sendable {
        var hash: UInt64
        /// Of the name, in `names`.
        var start: UInt32
        var count: UInt32
        var service: UInt32
        /// What else tells combinations apart: a kind, or a kind and a status.
        var tag: UInt32
    }

    private(set) var keys: [Key] = []
    private var names: [UInt8] = []
    /// One more than a key's index; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt32](repeating: 0, count: 256)
    private let countMax: Int
    private let nameByteCountMax: Int
    private let seed = SeededHash.processSeed

    /// Begins without any; `nameByteCountMax` bounds the bytes of all names together.
    init(countMax: Int, nameByteCountMax: Int) {
        self.countMax = countMax
        self.nameByteCountMax = nameByteCountMax
    }

    func name(at index: Int) -> String {
        let key = keys[index]
        return String(
            decoding: names[Int(key.start)..<Int(key.start + key.count)], as: UTF8.self)
    }

    /// The number of a combination whose name stands in `range` of `bytes`; nil when it is new and
    /// there is no room.
    @inline(__always)
    mutating func index(
        service: UInt32, tag: UInt32, _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> Int? {
        let more = (UInt64(service) << 32 | UInt64(tag)) &* 0x9e37_79b9_7f4a_7c15
        let hash = SeededHash.hash(bytes, range, seed: seed ^ more)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            let key = keys[index]
            if key.hash == hash, key.service == service, key.tag == tag,
                Int(key.count) == range.count, isName(bytes, range, at: Int(key.start))
            {
                return index
            }
            slot = (slot &+ 1) & mask
        }
        return add(
            Key(
                hash: hash, start: UInt32(names.count), count: UInt32(range.count),
                service: service, tag: tag), bytes, range, slot)
    }

    @inline(never)
    private mutating func add(
        _ key: Key, _ bytes: Span<UInt8>, _ range: Range<Int>, _ slot: Int
    ) -> Int? {
        guard keys.count < countMax, names.count + range.count <= nameByteCountMax else {
            return nil
        }
        names.append(bytes.extracting(range))
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        if keys.count * 2 > slots.count { grow() }
        return keys.count - 1
    }

    @inline(__always)
    private func isName(_ bytes: Span<UInt8>, _ range: Range<Int>, at start: Int) -> Bool {
        let names = names.span
        for offset in 0..<range.count
        where names[start &+ offset] != bytes[range.lowerBound &+ offset] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }
}
