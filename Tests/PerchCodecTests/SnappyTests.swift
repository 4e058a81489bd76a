import PerchCodec
import Testing

@Suite struct SnappyTests {
    /// From snappy's format description: the length, a literal, and copies of it.
    @Test func readsABlockMadeByHand() throws {
        // Length 10; a literal "ab" ((2 - 1) << 2); a copy of 8 bytes from 2 back ((8 - 4) << 2 | 1).
        let block: [UInt8] = [10, 0x04, 0x61, 0x62, 0x11, 0x02]
        let plain = try Decompressor.decompress(block, encoding: .snappy, limit: 10)
        #expect(plain == Array("ababababab".utf8))
    }

    /// A body of six bytes that says it is four gigabytes is refused before anything is allocated.
    @Test func aClaimedLengthIsNotBelieved() {
        let bomb: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]
        #expect(throws: DecompressFailure.tooLarge(64 << 20)) {
            try Decompressor.decompress(bomb, encoding: .snappy, limit: 64 << 20)
        }
        let within: [UInt8] = [0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]
        #expect(throws: DecompressFailure.malformed("not valid snappy data", atByte: 0)) {
            try Decompressor.decompress(within, encoding: .snappy, limit: 64 << 20)
        }
    }

    @Test(
        arguments: [
            [], [0x80], [0xff, 0xff, 0xff, 0xff, 0x7f, 0x00], [10, 0x04, 0x61, 0x62, 0x11, 0x03],
            [3, 0x08, 0x61], [1, 0x04, 0x61, 0x62],
        ] as [[UInt8]])
    func whatIsNoBlockIsRefused(_ bytes: [UInt8]) {
        #expect(throws: DecompressFailure.self) {
            try Decompressor.decompress(bytes, encoding: .snappy, limit: 1 << 40)
        }
    }
}
