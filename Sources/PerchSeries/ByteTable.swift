import PerchBytes

/// Gives each distinct run of bytes a number, from 0 on.
///
/// Open addressing over verified hashes. Senders give their series in one order, so the run that
/// followed the last one before is compared first; only a miss hashes.
struct ByteTable: Sendable {
    private(set) var keys: [[UInt8]] = []
    private var hashes: [UInt64] = []
    /// Number + 1, or 0 for an empty slot.
    ///
    /// A power of two, at most half full.
    private var slots: [UInt32] = Array(repeating: 0, count: 1024)
    /// What followed each number last time, + 1; the first is for the begin.
    private var successors: [UInt32] = [0]
    private let seed: UInt64

    /// A seed that senders cannot guess keeps them from making all their series collide.
    init(seed: UInt64) {
        self.seed = seed
    }

    var count: Int { keys.count }

    /// The number of `bytes[range]`, or nil.
    func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32? {
        probe(bytes, range, hash(bytes, range)).number
    }

    /// The number of `bytes[range]`, a new one if need be, or nil when that would be over
    /// `countMax`.
    ///
    /// `last` is the number found before it in the batch, and becomes this one.
    mutating func intern(
        _ bytes: Span<UInt8>, _ range: Range<Int>, after last: inout UInt32?, countMax: Int
    ) -> (number: UInt32, isNew: Bool)? {
        let place = last.map { Int($0) + 1 } ?? 0
        let guess = successors[place]
        // Fast path: the same series followed this one in an earlier batch.
        if guess > 0, isEqual(guess - 1, bytes, range) {
            last = guess - 1
            return (guess - 1, false)
        }
        let hash = hash(bytes, range)
        let (slot, found) = probe(bytes, range, hash)
        if let found {
            successors[place] = found + 1
            last = found
            return (found, false)
        }
        guard keys.count < countMax else { return nil }
        let number = UInt32(keys.count)
        keys.append(Array(copying: bytes, range))
        hashes.append(hash)
        slots[slot] = number + 1
        successors.append(0)
        successors[place] = number + 1
        last = number
        if keys.count * 2 > slots.count { grow() }
        return (number, true)
    }

    private func probe(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ hash: UInt64
    ) -> (slot: Int, number: UInt32?) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if hashes[Int(number)] == hash, isEqual(number, bytes, range) { return (slot, number) }
            slot = (slot + 1) & mask
        }
        return (slot, nil)
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger: [UInt32] = Array(repeating: 0, count: mask + 1)
        for number in hashes.indices {
            var slot = Int(truncatingIfNeeded: hashes[number]) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = UInt32(number) + 1
        }
        slots = larger
    }

    @inline(__always)
    private func isEqual(_ number: UInt32, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let stored = keys[Int(number)]
        let key = stored.span
        return ByteCopy.equal(key, 0..<key.count, bytes, range)
    }

    private func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = seed ^ UInt64(range.count)
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            hash = mix(hash ^ word(bytes, index))
            index += 8
        }
        var rest: UInt64 = 0
        while index < range.upperBound {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mix(hash ^ rest)
    }

    /// Both halves of a product with an odd constant, as wyhash does.
    @inline(__always)
    private func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }

    @inline(__always)
    private func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
        Words.load(bytes, at: index)
    }
}

extension Array<UInt8> {
    /// A copy of a part of a span.
    init(copying bytes: Span<UInt8>, _ range: Range<Int>) {
        self = []
        reserveCapacity(range.count)
        for index in range { append(bytes[index]) }
    }
}
