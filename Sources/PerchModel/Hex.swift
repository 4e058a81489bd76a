/// Lower-case hex, for ids.
package enum Hex {
    /// The bytes as two lower-case digits each.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes behind hex digits of either case, or nil for an odd count or another character.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for digit in text {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    /// Appends the bytes behind hex digits of either case.
    ///
    /// False, and nothing is appended, for an odd count or another character.
    package static func append(_ digits: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard digits.count.isMultiple(of: 2) else { return false }
        let start = output.count
        var position = 0
        while digits.count &- position >= 8 {
            guard var four = bytes(ofDigits: word(digits, at: position).littleEndian) else {
                output.removeLast(output.count - start)
                return false
            }
            for _ in 0..<4 {
                output.append(UInt8(truncatingIfNeeded: four))
                four >>= 8
            }
            position &+= 8
        }
        while position < digits.count {
            guard let high = value(of: digits[position]), let low = value(of: digits[position + 1])
            else {
                output.removeLast(output.count - start)
                return false
            }
            output.append(high << 4 | low)
            position += 2
        }
        return true
    }

    /// The four bytes behind eight digits, the first in the lowest byte of either, or nil.
    @inline(__always)
    private static func bytes(ofDigits digits: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Digits are 0x30 to 0x39, letters 0x41 to 0x46 and 0x61 to 0x66: bit 6 tells them apart.
        let letters = digits >> 6 & ones
        let values = (digits & (ones &* 15)) &+ letters &* 9
        // What is no digit does not become itself again when its value is written as one.
        let tens = (values &+ ones &* 6) >> 4 & ones
        let again = values &+ ones &* 0x30 &+ tens &* 0x27
        guard values & (ones &* 0xf0) == 0, again == digits | letters &* 0x20 else { return nil }
        var pairs = (values << 4 | values >> 8) & 0x00ff_00ff_00ff_00ff
        pairs = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff
        return (pairs | pairs >> 16) & 0xffff_ffff
    }

    /// Writes `count` digits of bytes, two each; answers their end.
    @inline(__always)
    package static func write(
        _ bytes: Span<UInt8>, from start: Int, _ count: Int, to target: inout MutableSpan<UInt8>,
        at place: Int
    ) -> Int {
        precondition(
            count >= 0 && start >= 0 && (count &+ 1) / 2 <= bytes.count &- start && place >= 0
                && count <= target.count &- place, "digits outside of the bytes")
        var done = 0
        while count &- done >= 8 {
            let first = start &+ done / 2
            let four =
                UInt64(bytes[first]) | UInt64(bytes[first &+ 1]) << 8
                | UInt64(bytes[first &+ 2]) << 16 | UInt64(bytes[first &+ 3]) << 24
            store(digits(ofBytes: four), in: &target, at: place &+ done)
            done &+= 8
        }
        while done < count {
            let pair = bytes[start &+ done / 2]
            target[place &+ done] = digit(done & 1 == 0 ? pair >> 4 : pair & 15)
            done &+= 1
        }
        return place &+ count
    }

    /// The eight digits of four bytes, the first in the lowest byte of either.
    @inline(__always)
    private static func digits(ofBytes four: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var spread = four
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        let values = (spread >> 4 & 0x000f_000f_000f_000f) | (spread & 0x000f_000f_000f_000f) << 8
        let tens = (values &+ ones &* 6) >> 4 & ones
        return values &+ ones &* 0x30 &+ tens &* 0x27
    }

    /// The digit of a value below 16.
    @inlinable
    package static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ (value &- 10)
    }

    /// The value of one hex digit, or nil.
    @inlinable
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
    /// The bytes as base64 text.
    package static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0)
            }
            for place in 0..<4 {
                let digit = alphabet[Int(group >> UInt32(18 - 6 * place) & 63)]
                text.append(place <= count ? digit : UInt8(ascii: "="))
            }
            index += count
        }
        return String(decoding: text, as: UTF8.self)
    }
}
