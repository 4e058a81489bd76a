/// Looks for a text in bytes, ASCII letters matching in either case or not.
///
/// 8 positions at a time are compared in their first and last byte; what passes is checked byte
/// by byte.
package struct ByteSearch: Sendable, Hashable {
    /// With ASCII letters in lower case, if case does not count.
    private let needle: [UInt8]
    private let isExact: Bool
    private let first: UInt8
    private let last: UInt8
    /// The bit that makes a letter lower-case, when the byte is a letter; else none.
    private let firstBit: UInt8
    private let lastBit: UInt8

    /// With `isExact`, letter case counts.
    package init(_ needle: some Sequence<UInt8>, isExact: Bool = false) {
        self.needle = isExact ? Array(needle) : needle.map(Self.fold)
        self.isExact = isExact
        first = self.needle.first ?? 0
        last = self.needle.last ?? 0
        firstBit = !isExact && Self.isLowerLetter(first) ? 0x20 : 0
        lastBit = !isExact && Self.isLowerLetter(last) ? 0x20 : 0
    }

    package var byteCount: Int { needle.count }

    /// Where the text first stands as a whole within `range`, or nil.
    package func firstIndex(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard !needle.isEmpty else { return range.lowerBound }
        // One past the last position where the text still fits.
        let end = range.upperBound - needle.count + 1
        var position = range.lowerBound
        // Bytes that were compared in vain.
        var vain = 0
        let distance = needle.count - 1
        let ones: UInt64 = 0x0101_0101_0101_0101
        let heads = ones &* UInt64(first)
        let tails = ones &* UInt64(last)
        let headBits = ones &* UInt64(firstBit)
        let tailBits = ones &* UInt64(lastBit)
        while position + 8 <= end {
            let head = word(bytes, at: position)
            let tail = word(bytes, at: position &+ distance)
            // A byte that is equal is zero here, and the subtraction sets its top bit. It may set
            // that of the next byte too, so a hit is looked at again; none is missed.
            let headRest = (head.littleEndian | headBits) ^ heads
            let tailRest = (tail.littleEndian | tailBits) ^ tails
            var hits =
                (headRest &- ones) & ~headRest & (tailRest &- ones) & ~tailRest & (ones &* 0x80)
            while hits != 0 {
                let place = position &+ hits.trailingZeroBitCount / 8
                let length = matchedByteCount(in: bytes, at: place)
                if length == needle.count { return place }
                vain &+= length
                if vain > 4 &* (place &- range.lowerBound) &+ 1024 {
                    return firstIndexLookingOnce(in: bytes, place + 1..<range.upperBound)
                }
                hits &= hits &- 1
            }
            position &+= 8
        }
        while position < end {
            if matchedByteCount(in: bytes, at: position) == needle.count { return position }
            position += 1
        }
        return nil
    }

    package func isContained(in bytes: [UInt8]) -> Bool {
        firstIndex(in: bytes.span, 0..<bytes.count) != nil
    }

    /// How many bytes of the needle stand at `position` before one that does not.
    @inline(__always)
    private func matchedByteCount(in bytes: Span<UInt8>, at position: Int) -> Int {
        for index in needle.indices where seen(bytes[position + index]) != needle[index] {
            return index
        }
        return needle.count
    }

    /// A byte as the needle has it.
    @inline(__always)
    private func seen(_ byte: UInt8) -> UInt8 { isExact ? byte : Self.fold(byte) }

    /// The search of Knuth, Morris and Pratt: at most two comparisons a byte.
    private func firstIndexLookingOnce(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        // How long the longest proper prefix of the needle is that also ends its first n + 1 bytes.
        var borders = [Int](repeating: 0, count: needle.count)
        var length = 0
        for index in 1..<needle.count {
            while length > 0, needle[length] != needle[index] { length = borders[length - 1] }
            if needle[length] == needle[index] { length += 1 }
            borders[index] = length
        }
        length = 0
        for position in range {
            let byte = seen(bytes[position])
            while length > 0, needle[length] != byte { length = borders[length - 1] }
            if needle[length] == byte { length += 1 }
            if length == needle.count { return position + 1 - length }
        }
        return nil
    }

    @inline(__always)
    private static func fold(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isLowerLetter(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }
}
