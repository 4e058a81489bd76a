import PerchBytes
import PerchModel

/// What a block says about the tokens in it: which may be there, and which are not.
///
/// A Bloom filter in buckets of 32 bytes, so that a look-up reads one of them: each token sets a bit
/// in each of the eight words of its bucket. Source: Putze, Sanders, Singler, "Cache-, hash- and
/// space-efficient Bloom filters".
enum TokenFilter {
    static let bucketByteCount = 32

    /// Eight odd numbers that spread a hash over the words of a bucket; on the disk.
    @inline(__always)
    private static func factor(_ word: Int) -> UInt32 {
        switch word {
        case 0: 0x47b6_137b
        case 1: 0x4497_4d91
        case 2: 0x8824_ad5b
        case 3: 0xa2b7_289d
        case 4: 0x7054_95c7
        case 5: 0x2df1_424b
        case 6: 0x9efc_4947
        default: 0x5c6b_fb31
        }
    }

    /// The filter of some tokens, by their hashes.
    static func make(_ hashes: some Collection<UInt64>) -> [UInt8] {
        guard !hashes.isEmpty else { return [] }
        let bitCount = hashes.count * Limits.filterBitsPerToken
        let bucketCount = max(1, (bitCount + 255) / 256)
        var words = [UInt32](repeating: 0, count: bucketCount * 8)
        for hash in hashes {
            let first = bucket(of: hash, bucketCount) * 8
            let key = UInt32(truncatingIfNeeded: hash)
            for word in 0..<8 { words[first &+ word] |= bit(key, word) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 4)
        for word in words { LittleEndian.append(word, to: &bytes) }
        return bytes
    }

    /// Which bucket a token is in.
    static func bucket(of hash: UInt64, _ bucketCount: Int) -> Int {
        Int(((hash >> 32) &* UInt64(bucketCount)) >> 32)
    }

    /// Whether a token may be there, by the bytes of its bucket.
    static func mayHold(_ hash: UInt64, bucket: Span<UInt8>) -> Bool {
        guard bucket.count == bucketByteCount else { return true }
        let key = UInt32(truncatingIfNeeded: hash)
        for place in 0..<8 {
            var word: UInt32 = 0
            for byte in 0..<4 { word |= UInt32(bucket[place * 4 + byte]) << UInt32(8 * byte) }
            if word & bit(key, place) == 0 { return false }
        }
        return true
    }

    @inline(__always)
    private static func bit(_ key: UInt32, _ word: Int) -> UInt32 {
        1 << ((key &* factor(word)) >> 27)
    }

    /// The hash of a token in the bytes of a range: FNV-1a of 64 bits, then the last steps of
    /// SplitMix64.
    ///
    /// It is on the disk.
    @inline(__always)
    static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = start
        for position in range { hash = (hash ^ UInt64(bytes[position])) &* prime }
        return spread(hash)
    }

    /// The hash of the hex digits of an id.
    static func hash(id: Span<UInt8>) -> UInt64 {
        var hash = start
        for position in id.indices {
            hash = (hash ^ digit(id[position] >> 4)) &* prime
            hash = (hash ^ digit(id[position] & 15)) &* prime
        }
        return spread(hash)
    }

    /// The character of a hex digit, with lower-case letters.
    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt64 {
        UInt64(value &+ 0x30 &+ (value > 9 ? 0x27 : 0))
    }

    private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01b3

    @inline(__always)
    private static func spread(_ state: UInt64) -> UInt64 {
        var hash = state
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
