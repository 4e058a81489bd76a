import PerchModel

extension Labels {
    /// The hash by which Prometheus 3 picks series for `limit_ratio`: XXH64 of names and values with
    /// their lengths before them, in one byte, or in three after a byte of 255.
    ///
    /// Source: Prometheus, `labels_stringlabels.go`, and the specification of xxHash.
    var prometheusHash: UInt64 {
        var data: [UInt8] = []
        data.reserveCapacity(bytes.count)
        forEachPair { name, value in
            for range in [name, value] {
                if range.count < 255 {
                    data.append(UInt8(range.count))
                } else {
                    data.append(255)
                    for shift in [0, 8, 16] {
                        data.append(UInt8(truncatingIfNeeded: range.count >> shift))
                    }
                }
                data.append(contentsOf: bytes[range])
            }
        }
        return XXHash64.hash(data)
    }
}

/// The hash function XXH64 with the seed 0.
enum XXHash64 {
    private static let primes: [UInt64] = [
        0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9,
        0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5,
    ]

    static func hash(_ data: [UInt8]) -> UInt64 {
        let p = primes
        var index = 0
        var hash: UInt64
        if data.count >= 32 {
            var lanes = [p[0] &+ p[1], p[1], 0, 0 &- p[0]]
            while index + 32 <= data.count {
                for lane in 0..<4 {
                    lanes[lane] = round(lanes[lane], word(data, index, 8))
                    index += 8
                }
            }
            hash = zip(lanes, [1, 7, 12, 18] as [UInt64]).reduce(0) {
                $0 &+ rotated($1.0, $1.1)
            }
            for lane in lanes { hash = (hash ^ round(0, lane)) &* p[0] &+ p[3] }
        } else {
            hash = p[4]
        }
        hash = hash &+ UInt64(data.count)
        while index + 8 <= data.count {
            hash = rotated(hash ^ round(0, word(data, index, 8)), 27) &* p[0] &+ p[3]
            index += 8
        }
        if index + 4 <= data.count {
            hash = rotated(hash ^ (word(data, index, 4) &* p[0]), 23) &* p[1] &+ p[2]
            index += 4
        }
        while index < data.count {
            hash = rotated(hash ^ (UInt64(data[index]) &* p[4]), 11) &* p[0]
            index += 1
        }
        hash = (hash ^ (hash >> 33)) &* p[1]
        hash = (hash ^ (hash >> 29)) &* p[2]
        return hash ^ (hash >> 32)
    }

    private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* primes[1], 31) &* primes[0]
    }

    private static func word(_ data: [UInt8], _ index: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(data[index + $1]) << UInt64(8 * $1) }
    }
}
