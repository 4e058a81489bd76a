import PerchBytes
import PerchTestSupport
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check value.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func knownValues(_ bytes: [UInt8], _ sum: UInt32) {
        #expect(CRC32C.checksum(bytes) == sum)
        #expect(CRC32C.plainChecksum(bytes) == sum)
    }

    @Test func theFastPathIsThePlainOneAtEveryLengthAndCut() {
        var random = SeededGenerator(seed: 1)
        // From some hundred bytes on, and from some thousand, parts are read side by side.
        for count in Array(0..<200) + Array(380..<400) + [1000, 3071, 3072, 3073, 7000, 50_001] {
            let bytes = random.bytes(count: count)
            let plain = CRC32C.plainChecksum(bytes)
            #expect(CRC32C.checksum(bytes) == plain)
            let cut = Int.random(in: 0...count, using: &random)
            let first = CRC32C.checksum(bytes[..<cut])
            #expect(CRC32C.checksum(bytes[cut...], seed: first) == plain)
        }
    }

    @Test func constantTimeEqualityIsEquality() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        for index in 0..<3 {
            var other: [UInt8] = [1, 2, 3]
            other[index] ^= 0x80
            #expect(!ConstantTime.equal([1, 2, 3], other))
        }
    }
}
