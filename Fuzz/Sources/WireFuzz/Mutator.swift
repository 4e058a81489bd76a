/// Changes inputs at random, the same way for the same seed.
struct Mutator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(max(1, bound)))
    }

    /// `input` with one to four changes; `other` is where spliced pieces come from.
    mutating func mutate(_ input: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0...below(4) {
            let position = below(bytes.count + 1)
            switch below(7) {
            case 0: if position < bytes.count { bytes[position] ^= UInt8(1 << below(8)) }
            case 1: if position < bytes.count { bytes[position] = UInt8(below(256)) }
            case 2: bytes.removeLast(bytes.count - position)
            case 3: bytes.insert(UInt8(below(256)), at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + below(9)))
            case 5:
                let from = below(other.count + 1)
                bytes.insert(
                    contentsOf: other[from..<min(other.count, from + below(64))], at: position)
            default:
                let end = min(bytes.count, position + below(64))
                bytes.insert(contentsOf: bytes[position..<end], at: position)
            }
        }
        return bytes
    }
}
