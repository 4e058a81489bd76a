import PerchModel

/// A hash that nobody can repeat who does not have the key (RED-2).
///
/// The same value gives the same hash, so that lines can be joined; without the key nobody can
/// try all mail addresses to find whose it is.
/// Source: RFC 2104, "HMAC", with SHA-256.
struct KeyedHash: Sendable {
    /// Hex digits that are shown: enough to tell a million values apart.
    private static let digitCount = 16

    private let inner: SHA256
    private let outer: SHA256

    init(_ key: String) {
        var key = Array(key.utf8)
        if key.count > SHA256.blockByteCount { key = SHA256.hash(key) }
        key += Array(repeating: 0, count: SHA256.blockByteCount - key.count)
        var inner = SHA256()
        inner.add(key.map { $0 ^ 0x36 })
        self.inner = inner
        var outer = SHA256()
        outer.add(key.map { $0 ^ 0x5c })
        self.outer = outer
    }

    /// All 32 bytes.
    func code(of value: [UInt8]) -> [UInt8] {
        var inner = inner
        inner.add(value)
        var outer = outer
        outer.add(inner.finish())
        return outer.finish()
    }

    /// What stands in place of a value: `[hash:1f2e…]`.
    func text(of value: [UInt8]) -> String {
        "[hash:\(Hex.encode(code(of: value).prefix(Self.digitCount / 2)))]"
    }
}

/// Source: FIPS 180-4, "Secure Hash Standard".
struct SHA256: Sendable {
    static let blockByteCount = 64

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.add(bytes)
        return hash.finish()
    }

    mutating func add(_ bytes: [UInt8]) {
        count &+= UInt64(bytes.count)
        rest += bytes
        var start = 0
        while rest.count - start >= Self.blockByteCount {
            mix(rest[start..<start + Self.blockByteCount])
            start += Self.blockByteCount
        }
        rest.removeFirst(start)
    }

    mutating func finish() -> [UInt8] {
        let bits = count &* 8
        var end: [UInt8] = [0x80]
        let used = (rest.count + 1) % Self.blockByteCount
        end += Array(repeating: 0, count: (Self.blockByteCount + 56 - used) % Self.blockByteCount)
        add(end + bits.bigEndianBytes)
        return state.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    private mutating func mix(_ block: ArraySlice<UInt8>) {
        var words: [UInt32] = []
        words.reserveCapacity(64)
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            words.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let low = Self.turn(early, 7) ^ Self.turn(early, 18) ^ early >> 3
            let high = Self.turn(late, 17) ^ Self.turn(late, 19) ^ late >> 10
            words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
        }
        var next = state
        for index in 0..<64 {
            let (first, fifth) = (next[0], next[4])
            let choice = fifth & next[5] ^ ~fifth & next[6]
            let majority = first & next[1] ^ first & next[2] ^ next[1] & next[2]
            let upper = Self.turn(fifth, 6) ^ Self.turn(fifth, 11) ^ Self.turn(fifth, 25)
            let lower = Self.turn(first, 2) ^ Self.turn(first, 13) ^ Self.turn(first, 22)
            let sum = next[7] &+ upper &+ choice &+ Self.constants[index] &+ words[index]
            next = [
                sum &+ lower &+ majority, first, next[1], next[2], next[3] &+ sum, fifth, next[5],
                next[6],
            ]
        }
        for index in state.indices { state[index] &+= next[index] }
    }

    private static func turn(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }
}
