/// Whether bytes are UTF-8, and their repair.
package enum UTF8Check {
    /// Whether all bytes are ASCII.
    @inlinable
    @inline(__always)
    package static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 8 else {
            var all: UInt8 = 0
            for index in bytes.indices { all |= bytes[index] }
            return all < 0x80
        }
        // The last word begins early, so that it ends where the bytes do.
        var all = word(bytes, at: bytes.count &- 8)
        var position = 0
        while position &+ 8 < bytes.count {
            all |= word(bytes, at: position)
            position &+= 8
        }
        return all & 0x8080_8080_8080_8080 == 0
    }

    /// Whether the bytes are UTF-8 (RFC 3629: shortest forms, no surrogates, nothing over U+10FFFF).
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            let first = bytes[position]
            position += 1
            if first < 0x80 { continue }
            // How many bytes follow, and the bounds of the first of them, which keep out overlong
            // forms, surrogates and what lies beyond U+10FFFF.
            var low: UInt8 = 0x80
            var high: UInt8 = 0xbf
            let more: Int
            switch first {
            case 0xc2...0xdf: more = 1
            case 0xe0: (more, low) = (2, 0xa0)
            case 0xed: (more, high) = (2, 0x9f)
            case 0xe1...0xef: more = 2
            case 0xf0: (more, low) = (3, 0x90)
            case 0xf4: (more, high) = (3, 0x8f)
            case 0xf1...0xf3: more = 3
            default: return false
            }
            guard bytes.count - position >= more, bytes[position] >= low, bytes[position] <= high
            else { return false }
            for offset in 1..<more where bytes[position + offset] & 0xc0 != 0x80 { return false }
            position += more
        }
        return true
    }

    /// The bytes with everything that is no UTF-8 replaced by U+FFFD.
    package static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// Replaces everything from `start` that is no UTF-8 by U+FFFD.
    package static func repair(_ bytes: inout [UInt8], from start: Int = 0) {
        guard !isValid(bytes.span.extracting(start..<bytes.count)) else { return }
        let text = String(decoding: bytes[start...], as: UTF8.self)
        bytes.replaceSubrange(start..., with: text.utf8)
    }
}
