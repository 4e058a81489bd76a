/// Finds personal data and secrets in texts, each in one pass.
enum Detector {
    private static let mask = Array(Redaction.mask.utf8)

    /// Whether a text may hold anything that the other functions mask; in doubt it may.
    ///
    /// One look at each byte, without a copy: an `@`, 13 digits with single marks between them,
    /// or the first two letters of a token at the start of a word.
    static func isSuspicious(_ text: String) -> Bool {
        var digits = 0
        var last: UInt8 = 0
        var isStart = false
        for byte in text.utf8 {
            if byte == at { return true }
            if isDigit(byte) {
                digits += 1
                if digits >= 13 { return true }
            } else if byte != UInt8(ascii: " "), byte != dash {
                digits = 0
            }
            if isStart, begins(last, byte) { return true }
            isStart = !isToken(last)
            last = byte
        }
        return false
    }

    /// Whether a secret that ``tokenStart(_:_:)`` knows begins with two letters.
    private static func begins(_ first: UInt8, _ second: UInt8) -> Bool {
        switch (first, second) {
        case (UInt8(ascii: "B"), UInt8(ascii: "e")), (UInt8(ascii: "b"), UInt8(ascii: "e")),
            (UInt8(ascii: "B"), UInt8(ascii: "a")), (UInt8(ascii: "b"), UInt8(ascii: "a")),
            (UInt8(ascii: "e"), UInt8(ascii: "y")), (UInt8(ascii: "s"), UInt8(ascii: "k")),
            (UInt8(ascii: "g"), UInt8(ascii: "h")), (UInt8(ascii: "A"), UInt8(ascii: "K")),
            (UInt8(ascii: "x"), UInt8(ascii: "o")):
            true
        default: false
        }
    }

    static func replace(_ needle: [UInt8], in bytes: inout [UInt8]) -> Bool {
        guard let first = needle.first, bytes.count >= needle.count else { return false }
        var ranges: [Range<Int>] = []
        var position = 0
        while position + needle.count <= bytes.count {
            if bytes[position] == first,
                bytes[position..<position + needle.count].elementsEqual(needle)
            {
                ranges.append(position..<position + needle.count)
                position += needle.count
            } else {
                position += 1
            }
        }
        return replace(ranges, in: &bytes)
    }

    /// Masks addresses: a local part, `@`, and a name with a dot.
    static func maskEmail(in bytes: inout [UInt8]) -> Bool {
        guard bytes.contains(at) else { return false }
        var ranges: [Range<Int>] = []
        for place in bytes.indices where bytes[place] == at {
            var start = place
            let least = ranges.last?.upperBound ?? 0
            while start > least, isLocal(bytes[start - 1]) { start -= 1 }
            var end = place + 1
            while end < bytes.count, isDomain(bytes[end]) { end += 1 }
            while end > place, bytes[end - 1] == dot || bytes[end - 1] == dash { end -= 1 }
            guard start < place, end > place + 1, bytes[place + 1..<end].contains(dot) else {
                continue
            }
            ranges.append(start..<end)
        }
        return replace(ranges, in: &bytes)
    }

    /// Masks 13 to 19 digits, with single blanks or dashes between them, that pass Luhn's check.
    static func maskCards(in bytes: inout [UInt8]) -> Bool {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            guard isDigit(bytes[position]) else {
                position += 1
                continue
            }
            let start = position
            var digits: [UInt8] = []
            var end = position
            while position < bytes.count {
                if isDigit(bytes[position]) {
                    digits.append(bytes[position] - UInt8(ascii: "0"))
                    position += 1
                    end = position
                } else if bytes[position] == UInt8(ascii: " ") || bytes[position] == dash,
                    position + 1 < bytes.count, isDigit(bytes[position + 1])
                {
                    position += 1
                } else {
                    break
                }
            }
            let isWord =
                start > 0 && isLocal(bytes[start - 1]) || end < bytes.count && isLetter(bytes[end])
            if !isWord, (13...19).contains(digits.count), passesLuhn(digits) {
                ranges.append(start..<end)
            }
        }
        return replace(ranges, in: &bytes)
    }

    /// Masks what follows `Bearer ` and `Basic `, JSON web tokens, and keys of well-known services.
    static func maskTokens(in bytes: inout [UInt8]) -> Bool {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            let isStart = position == 0 || !isToken(bytes[position - 1])
            guard isStart, let (skip, least) = tokenStart(bytes, position) else {
                position += 1
                continue
            }
            var end = position + skip
            while end < bytes.count, isToken(bytes[end]) || bytes[end] == UInt8(ascii: "=") {
                end += 1
            }
            if end - position - skip >= least {
                ranges.append((skip == 6 || skip == 7 ? position + skip : position)..<end)
                position = end
            } else {
                position += 1
            }
        }
        return replace(ranges, in: &bytes)
    }

    /// Bytes before the secret part, and how long that must be; nil where no secret begins.
    private static func tokenStart(_ bytes: [UInt8], _ place: Int) -> (Int, Int)? {
        switch bytes[place] {
        case UInt8(ascii: "B"), UInt8(ascii: "b"):
            if stands("earer ", bytes, place + 1) { return (7, 8) }
            if stands("asic ", bytes, place + 1) { return (6, 8) }
        case UInt8(ascii: "e") where stands("yJ", bytes, place + 1): return (3, 30)
        case UInt8(ascii: "s"):
            if stands("k_live_", bytes, place + 1) || stands("k_test_", bytes, place + 1) {
                return (8, 8)
            }
            if stands("k-", bytes, place + 1) { return (3, 20) }
        case UInt8(ascii: "g"):
            if stands("hp_", bytes, place + 1) || stands("ho_", bytes, place + 1) {
                return (4, 20)
            }
        case UInt8(ascii: "A") where stands("KIA", bytes, place + 1): return (4, 12)
        case UInt8(ascii: "x"):
            if stands("oxb-", bytes, place + 1) || stands("oxp-", bytes, place + 1) {
                return (5, 10)
            }
        default: break
        }
        return nil
    }

    private static func stands(_ text: StaticString, _ bytes: [UInt8], _ place: Int) -> Bool {
        let text = text.description.utf8
        return place + text.count <= bytes.count
            && bytes[place..<place + text.count].elementsEqual(text)
    }

    private static func replace(_ ranges: [Range<Int>], in bytes: inout [UInt8]) -> Bool {
        for range in ranges.reversed() { bytes.replaceSubrange(range, with: mask) }
        return !ranges.isEmpty
    }

    private static func passesLuhn(_ digits: [UInt8]) -> Bool {
        guard digits.contains(where: { $0 != digits[0] }) else { return false }
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = Int(digit)
            sum += index.isMultiple(of: 2) ? value : (value > 4 ? 2 * value - 9 : 2 * value)
        }
        return sum.isMultiple(of: 10)
    }

    private static let at = UInt8(ascii: "@")
    private static let dot = UInt8(ascii: ".")
    private static let dash = UInt8(ascii: "-")

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x80
    }
    private static func isLocal(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || "._%+-".utf8.contains(byte)
    }
    private static func isDomain(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == dot || byte == dash
    }
    private static func isToken(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) && byte < 0x80 || "._-~+/".utf8.contains(byte)
    }
}
