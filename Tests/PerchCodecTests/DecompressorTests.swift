import PerchCodec
import PerchTestSupport
import Testing

/// Decompression within a limit: API bodies and their bombs.
@Suite struct DecompressorTests {
    static let text = Array("the quick brown fox jumps over the lazy dog, ".utf8)
    static let plain = (0..<500).flatMap { index in text + Array("\(index)\n".utf8) }

    @Test(arguments: ContentEncoding.allCases)
    func roundTrip(_ encoding: ContentEncoding) throws {
        for plain in [Self.plain, [], [7], [UInt8](repeating: 0, count: 1_000_000)] {
            let packed = try #require(Compressor.compress(plain, encoding: encoding))
            let back = try Decompressor.decompress(
                packed, encoding: encoding, limit: plain.count)
            #expect(back == plain)
        }
    }

    @Test(arguments: ContentEncoding.allCases)
    func limitIsOnPlainBytes(_ encoding: ContentEncoding) throws {
        let packed = try #require(Compressor.compress(Self.plain, encoding: encoding))
        #expect(throws: DecompressFailure.tooLarge(Self.plain.count - 1)) {
            try Decompressor.decompress(
                packed, encoding: encoding, limit: Self.plain.count - 1)
        }
    }

    @Test(arguments: [ContentEncoding.gzip, .deflate, .zstd, .snappy])
    func everyPrefixIsRefused(_ encoding: ContentEncoding) throws {
        let packed = try #require(Compressor.compress(Self.text, encoding: encoding))
        for count in 0..<packed.count {
            #expect(throws: DecompressFailure.self, "\(count) bytes") {
                try Decompressor.decompress(
                    Array(packed[..<count]), encoding: encoding, limit: 1_000)
            }
        }
    }

    @Test(arguments: [ContentEncoding.gzip, .deflate, .zstd, .snappy])
    func damageNeverTraps(_ encoding: ContentEncoding) throws {
        let packed = try #require(Compressor.compress(Self.plain, encoding: encoding))
        let outcome = DecoderVerifier.verify(packed) { bytes in
            let plain = try Decompressor.decompress(bytes, encoding: encoding, limit: 50_000)
            #expect(plain.count <= 50_000)
        }
        // Snappy has no checksum: a changed literal is another text.
        #expect(outcome.refused > (encoding == .snappy ? packed.count / 2 : packed.count))
    }

    @Test(arguments: [ContentEncoding.gzip, .deflate, .zstd, .snappy])
    func bytesAfterTheEndAreRefused(_ encoding: ContentEncoding) throws {
        let packed = try #require(Compressor.compress(Self.text, encoding: encoding))
        #expect(throws: DecompressFailure.self) {
            try Decompressor.decompress(
                packed + [1, 2, 3, 4, 5], encoding: encoding, limit: 1_000)
        }
    }

    @Test func severalMembersAndFramesAreOneBody() throws {
        for encoding in [ContentEncoding.gzip, .zstd] {
            let one = try #require(Compressor.compress(Self.text, encoding: encoding))
            let plain = try Decompressor.decompress(
                one + one, encoding: encoding, limit: 1_000)
            #expect(plain == Self.text + Self.text)
        }
    }

    @Test func deflateTakesTheBareFormatToo() throws {
        // "abc" in one stored block: final, length 3, its complement, the bytes.
        let raw: [UInt8] = [0x01, 0x03, 0x00, 0xfc, 0xff, 0x61, 0x62, 0x63]
        let plain = try Decompressor.decompress(raw, encoding: .deflate, limit: 10)
        #expect(plain == Array("abc".utf8))
    }

    @Test func headerNamesAnEncoding() {
        #expect(ContentEncoding(header: nil) == .identity)
        #expect(ContentEncoding(header: "") == .identity)
        #expect(ContentEncoding(header: "GZip") == .gzip)
        #expect(ContentEncoding(header: " x-gzip ") == .gzip)
        #expect(ContentEncoding(header: "zstd") == .zstd)
        #expect(ContentEncoding(header: "snappy") == .snappy)
        #expect(ContentEncoding(header: "zstd-made-up") == nil)
        #expect(ContentEncoding(header: "gzip, gzip") == nil)
        #expect(ContentEncoding(header: "br") == nil)
    }

    @Test(.enabled(if: TestData.isAvailable))
    func recordedBombIsRefused() throws {
        let bomb = try TestData.bytes("otlp/hand-made/027.body")
        #expect(throws: DecompressFailure.tooLarge(16_000_000)) {
            try Decompressor.decompress(bomb, encoding: .gzip, limit: 16_000_000)
        }
    }
}
