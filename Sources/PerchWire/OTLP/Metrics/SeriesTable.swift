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
        let hash = SeededHash.hash(key.span, seed: seed)
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
        return stands(key.span, in: batch.seriesBytes.span, at: range.lowerBound)
    }
}
