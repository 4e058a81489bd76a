import PerchModel

/// Texts, each once, numbered from 0 in the order in which they came.
package struct TextTable: Sendable {
    /// What is known of a text beside its bytes: most that differ do so in here.
    private struct Head {
        var end: Int
        /// The first eight bytes, zeros behind a shorter one.
        var word: UInt64
    }

    /// All texts, one after the other.
    private var bytes: [UInt8] = []
    private var heads: [Head] = []
    private var hashes: [UInt64] = []
    /// The upper half of a hash, and one more than a text's number; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt64](repeating: 0, count: 16)

    package init() {}

    package var count: Int { heads.count }

    /// Bytes of memory that the texts and what finds them hold, roughly.
    package var byteCount: Int { bytes.count + heads.count * 24 + slots.count * 8 }

    /// Where the bytes of a text stand in ``storage``.
    package func range(of number: UInt32) -> Range<Int> {
        let number = Int(number)
        return (number == 0 ? 0 : heads[number - 1].end)..<heads[number].end
    }

    /// All texts' bytes.
    package var storage: [UInt8] { bytes }

    /// A text by its number; what of it is no UTF-8 is repaired.
    package func text(of number: UInt32) -> String {
        String(decoding: bytes[range(of: number)], as: UTF8.self)
    }

    /// The number of a text, which is new when it equals the count before.
    package mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        intern(text, text.indices, SeededHash.hash(text), Self.head(of: text, text.indices))
    }

    /// The number of a text that is known; nil for any other.
    package func number(of text: Span<UInt8>) -> UInt32? {
        let hash = SeededHash.hash(text)
        let word = Self.head(of: text, text.indices)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] ^ hash < 1 << 32 {
                let number = UInt32(truncatingIfNeeded: slots[slot]) - 1
                let known = range(of: number)
                if heads[Int(number)].word == word, known.count == text.count,
                    known.count <= 8 || stands(text, in: bytes.span, at: known.lowerBound)
                {
                    return number
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The number of a text.
    package mutating func intern(_ text: String) -> UInt32 {
        intern(Array(text.utf8).span)
    }

    /// The numbers of many texts, which stand in these ranges.
    ///
    /// First all hashes are made and all slots looked at, so that the processor waits for several
    /// at once: a large table is not in its caches.
    package mutating func intern(_ text: Span<UInt8>, _ ranges: [Range<Int>]) -> [UInt32] {
        var found: [(hash: UInt64, word: UInt64)] = []
        found.reserveCapacity(ranges.count)
        for range in ranges {
            found.append((SeededHash.hash(text, range), Self.head(of: text, range)))
        }
        var numbers = [UInt32](repeating: 0, count: ranges.count)
        let mask = slots.count - 1
        for index in ranges.indices {
            let slot = slots[Int(truncatingIfNeeded: found[index].hash) & mask]
            numbers[index] = UInt32(truncatingIfNeeded: slot)
        }
        for index in ranges.indices {
            let (hash, word) = found[index]
            let range = ranges[index]
            if numbers[index] > 0 {
                let number = Int(numbers[index]) - 1
                let start = number == 0 ? 0 : heads[number - 1].end
                let count = heads[number].end - start
                if heads[number].word == word, count == range.count,
                    count <= 8 || stands(text.extracting(range), in: bytes.span, at: start)
                {
                    numbers[index] = UInt32(truncatingIfNeeded: number)
                    continue
                }
            }
            numbers[index] = intern(text, range, hash, word)
        }
        return numbers
    }

    private mutating func intern(
        _ text: Span<UInt8>, _ range: Range<Int>, _ hash: UInt64, _ word: UInt64
    ) -> UInt32 {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] ^ hash < 1 << 32 {
                let number = UInt32(truncatingIfNeeded: slots[slot]) - 1
                let known = self.range(of: number)
                if heads[Int(number)].word == word, known.count == range.count,
                    known.count <= 8
                        || stands(text.extracting(range), in: bytes.span, at: known.lowerBound)
                {
                    return number
                }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = UInt32(truncatingIfNeeded: heads.count)
        bytes.append(text.extracting(range))
        heads.append(Head(end: bytes.count, word: word))
        hashes.append(hash)
        slots[slot] = Self.slot(hash, number)
        if heads.count * 2 > slots.count { grow() }
        return number
    }

    @inline(__always)
    private static func head(of text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        if range.lowerBound &+ 8 <= text.count {
            let word = word(text, at: range.lowerBound).littleEndian
            return range.count >= 8 ? word : word & ((1 << UInt64(8 &* range.count)) &- 1)
        }
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for position in range.prefix(8) {
            word |= UInt64(text[position]) << shift
            shift += 8
        }
        return word
    }

    private static func slot(_ hash: UInt64, _ number: UInt32) -> UInt64 {
        hash & 0xffff_ffff_0000_0000 | UInt64(number + 1)
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 4)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Self.slot(hash, UInt32(truncatingIfNeeded: number))
        }
    }
}
