/// Finds personal data and secrets in a text and masks them, a kind at a time.
struct Detector {
    /// The text, without what was found so far.
    private(set) var bytes: [UInt8]
    /// Whether anything was found.
    private(set) var isChanged = false
    /// Nil for the plain mask.
    private let hash: KeyedHash?

    private static let mask = Array(Redaction.mask.utf8)

    init(text: [UInt8], hash: KeyedHash? = nil) {
        bytes = text
        self.hash = hash
    }

    mutating func replace(_ needles: Needles) {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            if let count = needles.count(at: position, in: bytes.span) {
                ranges.append(position..<position + count)
                position += count
            } else {
                position += 1
            }
        }
        replace(ranges)
    }

    /// Masks addresses: a local part, `@`, and a name with a dot.
    mutating func maskEmail() {
        guard bytes.contains(Byte.at) else { return }
        var ranges: [Range<Int>] = []
        for place in bytes.indices where bytes[place] == Byte.at {
            var start = place
            let least = ranges.last?.upperBound ?? 0
            while start > least, Byte.isLocal(bytes[start - 1]) { start -= 1 }
            var end = place + 1
            while end < bytes.count, Byte.isDomain(bytes[end]) { end += 1 }
            while end > place, bytes[end - 1] == Byte.dot || bytes[end - 1] == Byte.dash {
                end -= 1
            }
            guard start < place, end > place + 1, bytes[place + 1..<end].contains(Byte.dot) else {
                continue
            }
            ranges.append(start..<end)
        }
        replace(ranges)
    }

    /// Masks 12 to 19 digits, with single blanks or dashes between them, that pass Luhn's check.
    mutating func maskCards() {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            guard Byte.isDigit(bytes[position]) else {
                position += 1
                continue
            }
            let start = position
            var digits: [UInt8] = []
            var end = position
            while position < bytes.count {
                if Byte.isDigit(bytes[position]) {
                    digits.append(bytes[position] - UInt8(ascii: "0"))
                    position += 1
                    end = position
                } else if bytes[position] == Byte.blank || bytes[position] == Byte.dash,
                    position + 1 < bytes.count, Byte.isDigit(bytes[position + 1])
                {
                    position += 1
                } else {
                    break
                }
            }
            let isWord =
                start > 0 && Byte.isLocal(bytes[start - 1])
                || end < bytes.count && Byte.isLetter(bytes[end])
            if !isWord, Self.mayBeCard(digits), Self.passesLuhn(digits) {
                ranges.append(start..<end)
            }
        }
        replace(ranges)
    }

    /// Masks what follows `Bearer ` and `Basic `, JSON web tokens, and keys of well-known services.
    mutating func maskTokens() {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            let isStart = position == 0 || !Byte.isToken(bytes[position - 1])
            guard isStart, let (skip, least) = tokenStart(position) else {
                position += 1
                continue
            }
            var end = position + skip
            while end < bytes.count, Byte.isToken(bytes[end]) || bytes[end] == UInt8(ascii: "=") {
                end += 1
            }
            if end - position - skip >= least {
                ranges.append((skip == 6 || skip == 7 ? position + skip : position)..<end)
                position = end
            } else {
                position += 1
            }
        }
        replace(ranges)
    }

    /// Bytes before the secret part, and how long that must be; nil where no secret begins.
    private func tokenStart(_ place: Int) -> (Int, Int)? {
        switch bytes[place] {
        case UInt8(ascii: "B"), UInt8(ascii: "b"):
            if stands("earer ", place + 1) { return (7, 8) }
            if stands("asic ", place + 1) { return (6, 8) }
        case UInt8(ascii: "e") where stands("yJ", place + 1): return (3, 30)
        case UInt8(ascii: "s"):
            if stands("k_live_", place + 1) || stands("k_test_", place + 1) { return (8, 8) }
            if stands("k-", place + 1) { return (3, 20) }
        case UInt8(ascii: "g"):
            if stands("hp_", place + 1) || stands("ho_", place + 1) { return (4, 20) }
        case UInt8(ascii: "A") where stands("KIA", place + 1): return (4, 12)
        case UInt8(ascii: "x"):
            if stands("oxb-", place + 1) || stands("oxp-", place + 1) { return (5, 10) }
        default: break
        }
        return nil
    }

    private func stands(_ text: StaticString, _ place: Int) -> Bool {
        let text = text.description.utf8
        return place + text.count <= bytes.count
            && bytes[place..<place + text.count].elementsEqual(text)
    }

    /// Puts the mask, or the hash of what stood there, in place of ranges in ascending order.
    mutating func replace(_ ranges: [Range<Int>]) {
        for range in ranges.reversed() {
            let mark = hash.map { Array($0.text(of: Array(bytes[range])).utf8) } ?? Self.mask
            bytes.replaceSubrange(range, with: mark)
        }
        isChanged = isChanged || !ranges.isEmpty
    }

    /// Whether cards have so many digits and begin like this; others of 12 digits are too many.
    private static func mayBeCard(_ digits: [UInt8]) -> Bool {
        switch digits.count {
        case 12: digits[0] == 5 || digits[0] == 6 || digits.starts(with: [0, 6, 0, 4])
        case 13...19: (2...6).contains(digits[0]) || digits.starts(with: [1, 8, 0, 0])
        default: false
        }
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

    /// What a byte is.
    enum Byte {
        static let at = UInt8(ascii: "@")
        static let dot = UInt8(ascii: ".")
        static let dash = UInt8(ascii: "-")
        static let plus = UInt8(ascii: "+")
        static let blank = UInt8(ascii: " ")

        static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        static func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5a }
        static func isLetter(_ byte: UInt8) -> Bool {
            byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x80
        }
        static func isLocal(_ byte: UInt8) -> Bool {
            isDigit(byte) || isLetter(byte) || "._%+-".utf8.contains(byte)
        }
        static func isDomain(_ byte: UInt8) -> Bool {
            isDigit(byte) || isLetter(byte) || byte == dot || byte == dash
        }
        static func isToken(_ byte: UInt8) -> Bool {
            isDigit(byte) || isLetter(byte) && byte < 0x80 || "._-~+/".utf8.contains(byte)
        }
    }
}
