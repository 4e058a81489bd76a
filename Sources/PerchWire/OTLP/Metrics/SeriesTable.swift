import PerchModel

/// Finds the series of a batch by their canonical bytes, so that each stands in it once.
///
/// A table with open addressing over `batch.seriesBytes`: a look-up makes no array and no string.
struct SeriesTable {
    /// One more than the series' index; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt32](repeating: 0, count: 64)
    private var hashes: [UInt64] = []
    /// Differs from body to body, so that no sender can know which labels collide.
    private let seed = UInt64.random(in: .min ... .max)

    /// The index of the series with the labels in `key`, which is added when it is new.
    mutating func index(of key: [UInt8], in batch: inout SampleBatch) throws(WireFailure) -> UInt32
    {
        let hash = hash(key)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash, matches(key, batch, index) { return UInt32(index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard batch.seriesBytes.count + key.count <= Limits.maxRepeatedBytes else {
            throw .tooLarge("labels of all series are over \(Limits.maxRepeatedBytes) bytes")
        }
        let index = UInt32(batch.seriesEnds.count)
        batch.seriesBytes.append(contentsOf: key)
        batch.seriesEnds.append(UInt32(batch.seriesBytes.count))
        hashes.append(hash)
        slots[slot] = index + 1
        if hashes.count * 2 > slots.count { grow() }
        return index
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    private func matches(_ key: [UInt8], _ batch: SampleBatch, _ index: Int) -> Bool {
        let range = batch.seriesRange(at: index)
        guard range.count == key.count else { return false }
        for offset in key.indices
        where batch.seriesBytes[range.lowerBound + offset] != key[offset] { return false }
        return true
    }

    private func hash(_ key: [UInt8]) -> UInt64 {
        var hash = seed
        var index = 0
        while index + 8 <= key.count {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(key[index + offset]) << UInt64(offset * 8) }
            hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            index += 8
        }
        while index < key.count {
            hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01b3
            index += 1
        }
        hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
        return hash ^ hash >> 32
    }
}
