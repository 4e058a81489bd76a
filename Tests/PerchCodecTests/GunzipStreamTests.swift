import Testing

@testable import PerchCodec

@Suite struct GunzipStreamTests {
    private static func plain(_ bytes: [UInt8], pieces size: Int) throws -> [UInt8] {
        let stream = try GunzipStream()
        var output: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + size)
            try stream.decompress(Array(bytes[place..<end]), to: &output)
            place = end
        }
        try stream.finish()
        return output
    }

    private static let text = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

    @Test(arguments: [1, 7, 1_000, 10_000_000])
    func piecesOfAnySizeGiveTheSame(_ size: Int) throws {
        let one = try #require(Compressor.compress(Self.text, encoding: .gzip))
        #expect(try Self.plain(one, pieces: size) == Self.text)
        // RFC 1952, section 2.2: members one after the other.
        #expect(try Self.plain(one + one, pieces: size) == Self.text + Self.text)
    }

    @Test func zerosThatBecomeMuchAreAllThere() throws {
        let zeros = [UInt8](repeating: 0, count: 5_000_000)
        let small = try #require(Compressor.compress(zeros, encoding: .gzip))
        #expect(try Self.plain(small, pieces: 10_000_000) == zeros)
    }

    @Test func damageIsTold() throws {
        let one = try #require(Compressor.compress(Self.text, encoding: .gzip))
        #expect(throws: DecompressFailure.self) {
            try Self.plain(one.dropLast(3), pieces: 1_000)
        }
        #expect(throws: DecompressFailure.self) { try Self.plain([], pieces: 1) }
        #expect(throws: DecompressFailure.self) {
            try Self.plain(one + Array("more".utf8), pieces: 1_000)
        }
        var flipped = one
        flipped[one.count / 2] ^= 0x40
        #expect(throws: DecompressFailure.self) { try Self.plain(flipped, pieces: 1_000) }
    }
}

extension GunzipStreamTests {
    private static func plain(_ bytes: ArraySlice<UInt8>, pieces: Int) throws -> [UInt8] {
        try plain(Array(bytes), pieces: pieces)
    }
}
