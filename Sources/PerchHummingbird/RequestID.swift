/// The id of a request (COR-1, COR-2).
enum RequestID {
    /// Longest id that is taken over.
    static let byteCountMax = 128

    /// An id as a client sent it, or nil when it is too long or has other than visible ASCII.
    static func accepted(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= byteCountMax,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return text
    }

    /// A new id: a random UUID (RFC 9562, version 4).
    static func new(_ words: (UInt64, UInt64)) -> String {
        let high = words.0 & ~0xf000 | 0x4000
        let low = words.1 & ~(3 << 62) | 1 << 63
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(high, from: 60, through: 32, to: &text)
        text.append(dash)
        append(high, from: 28, through: 16, to: &text)
        text.append(dash)
        append(high, from: 12, through: 0, to: &text)
        text.append(dash)
        append(low, from: 60, through: 48, to: &text)
        text.append(dash)
        append(low, from: 44, through: 0, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static let dash = UInt8(ascii: "-")

    private static func append(
        _ word: UInt64, from first: UInt64, through last: UInt64, to text: inout [UInt8]
    ) {
        var shift = first
        while true {
            let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
            text.append(digit < 10 ? digit + 0x30 : digit + 0x57)
            guard shift > last else { return }
            shift -= 4
        }
    }
}
