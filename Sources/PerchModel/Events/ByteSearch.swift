/// Looks for a text in bytes, ASCII letters matching in either case.
///
/// 32 positions at a time are compared in their first and last byte; what passes is checked byte
/// by byte. `unsafe` stands here for loads into a vector, which check their bounds themselves.
package struct ByteSearch: Sendable, Hashable {
    /// With ASCII letters in lower case.
    private let needle: [UInt8]
    private let first: UInt8
    private let last: UInt8
    /// The bit that makes a letter lower-case, when the byte is a letter; else none.
    private let firstBit: UInt8
    private let lastBit: UInt8

    package init(_ needle: some Sequence<UInt8>) {
        self.needle = needle.map(Self.fold)
        first = self.needle.first ?? 0
        last = self.needle.last ?? 0
        firstBit = Self.isLowerLetter(first) ? 0x20 : 0
        lastBit = Self.isLowerLetter(last) ? 0x20 : 0
    }

    package var byteCount: Int { needle.count }

    /// Where the text first stands as a whole within `range`, or nil.
    package func firstIndex(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard !needle.isEmpty else { return range.lowerBound }
        // One past the last position where the text still fits.
        let end = range.upperBound - needle.count + 1
        var position = range.lowerBound
        let distance = needle.count - 1
        // Safe: bytes of integers may be read as bytes.
        let raw = unsafe bytes.bytes
        while position + 32 <= end {
            // Safe: the load checks that the 32 bytes lie in the span; any bytes are a vector.
            let heads = unsafe raw.unsafeLoadUnaligned(
                fromByteOffset: position, as: SIMD32<UInt8>.self)
            // Safe: as above.
            let tails = unsafe raw.unsafeLoadUnaligned(
                fromByteOffset: position + distance, as: SIMD32<UInt8>.self)
            let hits =
                ((heads | firstBit) .== SIMD32(repeating: first))
                .& ((tails | lastBit) .== SIMD32(repeating: last))
            if any(hits) {
                for lane in 0..<32 where hits[lane] && stands(in: bytes, at: position + lane) {
                    return position + lane
                }
            }
            position += 32
        }
        while position < end {
            if stands(in: bytes, at: position) { return position }
            position += 1
        }
        return nil
    }

    package func isContained(in bytes: [UInt8]) -> Bool {
        firstIndex(in: bytes.span, 0..<bytes.count) != nil
    }

    @inline(__always)
    private func stands(in bytes: Span<UInt8>, at position: Int) -> Bool {
        for index in needle.indices where Self.fold(bytes[position + index]) != needle[index] {
            return false
        }
        return true
    }

    @inline(__always)
    private static func fold(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isLowerLetter(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }
}
