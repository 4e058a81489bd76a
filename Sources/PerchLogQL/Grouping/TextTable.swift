import PerchModel

/// Texts, each once, numbered from 0 in the order in which they came.
package struct TextTable: Sendable {
    /// All texts, one after the other.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// One more than a text's number; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt32](repeating: 0, count: 16)

    package init() {}

    package var count: Int { ends.count }

    /// Bytes of memory that the texts and what finds them hold, roughly.
    package var byteCount: Int { bytes.count + ends.count * 16 + slots.count * 4 }

    /// Where the bytes of a text stand in ``storage``.
    package func range(of number: UInt32) -> Range<Int> {
        let number = Int(number)
        return (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    /// All texts' bytes.
    package var storage: [UInt8] { bytes }

    /// A text by its number; what of it is no UTF-8 is repaired.
    package func text(of number: UInt32) -> String {
        String(decoding: bytes[range(of: number)], as: UTF8.self)
    }

    /// The number of a text, which is new when it equals the count before.
    package mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        let hash = SeededHash.hash(text)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if hashes[Int(number)] == hash {
                let known = range(of: number)
                if known.count == text.count, stands(text, in: bytes.span, at: known.lowerBound) {
                    return number
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = UInt32(truncatingIfNeeded: ends.count)
        bytes.append(text)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = number + 1
        if ends.count * 2 > slots.count { grow() }
        return number
    }

    /// The number of a text.
    package mutating func intern(_ text: String) -> UInt32 {
        intern(Array(text.utf8).span)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(truncatingIfNeeded: number + 1)
        }
    }
}
