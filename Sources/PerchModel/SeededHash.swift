/// A hash of bytes that a sender cannot steer: which inputs collide depends on a secret seed.
///
/// For tables in memory only; it differs from run to run. Source: Wang Yi, "wyhash": words are
/// mixed with secrets and folded by a multiplication of 64 by 64 bits.
package enum SeededHash {
    /// Differs from process to process.
    package static let processSeed = UInt64.random(in: .min ... .max)

    /// The hash of `bytes`, with other collisions for each seed.
    package static func hash(_ bytes: Span<UInt8>, seed: UInt64 = processSeed) -> UInt64 {
        hash(bytes, bytes.indices, seed: seed)
    }

    /// The hash of the bytes in `range`.
    package static func hash(
        _ bytes: Span<UInt8>, _ range: Range<Int>, seed: UInt64 = processSeed
    ) -> UInt64 {
        // Two secrets, so that no input makes both factors known; the second is odd, so not zero.
        let other = fold(seed ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db) | 1
        var hash = seed ^ 0x9e37_79b9_7f4a_7c15
        var position = range.lowerBound
        let end = range.upperBound
        while end &- position >= 8 {
            hash = fold(hash ^ word(bytes, at: position), other)
            position &+= 8
        }
        var rest: UInt64 = 0
        if position < end, end >= 8 {
            // The last bytes at the top of the word that ends with them; those before go.
            rest = word(bytes, at: end &- 8).littleEndian >> UInt64(8 &* (8 &- (end &- position)))
        } else {
            var shift: UInt64 = 0
            while position < end {
                rest |= UInt64(bytes[position]) << shift
                shift &+= 8
                position &+= 1
            }
        }
        return fold(hash ^ rest, other ^ UInt64(range.count) << 1)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
