import PerchBytes

/// 128 bits that stand for a series' labels within one process.
///
/// The seed is the process', so that nobody outside can make two series meet; among a million
/// series the chance that two do is below 10^-26.
struct SeriesHash: Sendable, Hashable {
    var low: UInt64
    var high: UInt64

    /// That of a series without labels.
    init(seed: UInt64) {
        low = seed
        high = ~seed
    }

    /// The hash of one label with its lengths.
    init(pair bytes: Span<UInt8>, seed: UInt64) {
        var low = seed ^ 0x9e37_79b9_7f4a_7c15
        var high = seed &+ 0xd6e8_feb8_6659_fd93
        var index = 0
        while index < bytes.count {
            var word: UInt64 = 0
            if index + 8 <= bytes.count {
                word = Words.load(bytes, at: index)
            } else {
                for place in index..<bytes.count { word = word << 8 | UInt64(bytes[place]) }
            }
            low = Self.mix(low ^ word, 0x9e37_79b9_7f4a_7c15)
            high = Self.mix(high ^ word, 0xc2b2_ae3d_27d4_eb4f)
            index += 8
        }
        self.low = Self.mix(low ^ UInt64(bytes.count), 0xa076_1d64_78bd_642f)
        self.high = Self.mix(high ^ UInt64(bytes.count), 0xe703_7ed1_a0b4_28db)
    }

    /// Adds the next label of a series.
    @inline(__always)
    mutating func add(_ pair: SeriesHash) {
        low = Self.mix(low ^ pair.low, 0x9e37_79b9_7f4a_7c15)
        high = Self.mix(high ^ pair.high, 0xc2b2_ae3d_27d4_eb4f)
    }

    @inline(__always)
    private static func mix(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = (value ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: factor)
        return product.high ^ product.low ^ value.byteSwapped
    }
}
