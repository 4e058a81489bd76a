extension TemplateCall {
    static func title(_ text: String) -> String {
        var isStart = true
        var result = ""
        for character in text {
            result += isStart ? String(character).uppercased() : String(character)
            isStart = character.isWhitespace
        }
        return result
    }

    static func trimmed(
        _ text: String, atStart: Bool = true, atEnd: Bool = true,
        _ isCut: (Unicode.Scalar) -> Bool
    ) -> String {
        var scalars = Substring(text).unicodeScalars
        while atStart, let first = scalars.first, isCut(first) { scalars.removeFirst() }
        while atEnd, let last = scalars.last, isCut(last) { scalars.removeLast() }
        return String(scalars)
    }

    static func trimmed(
        _ text: String, within set: String, atStart: Bool = true, atEnd: Bool = true
    ) -> String {
        let cut = Set(set.unicodeScalars)
        return trimmed(text, atStart: atStart, atEnd: atEnd) { cut.contains($0) }
    }

    static func dropping(_ text: String, prefix: String) -> String {
        guard text.utf8.starts(with: prefix.utf8) else { return text }
        return String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    static func dropping(_ text: String, suffix: String) -> String {
        guard text.utf8.reversed().starts(with: suffix.utf8.reversed()) else { return text }
        return String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
    }

    static func holds(_ text: String, _ needle: String) -> Bool {
        ByteNeedle(Array(needle.utf8)).firstIndex(in: Array(text.utf8).span, from: 0) != nil
    }

    /// At most so many of `old` as `new`; below 0 for all.
    static func replacing(_ text: String, _ old: String, _ new: String, most: Int) -> String {
        let bytes = Array(text.utf8)
        let needle = ByteNeedle(Array(old.utf8))
        guard needle.count > 0 else { return text }
        var result: [UInt8] = []
        var place = 0
        var count = 0
        while most < 0 || count < most, result.count < Limits.templateByteCountMax,
            let found = needle.firstIndex(in: bytes.span, from: place)
        {
            result += bytes[place..<found]
            result += Array(new.utf8)
            place = found + needle.count
            count += 1
        }
        result += bytes[place...]
        return String(decoding: result, as: UTF8.self)
    }

    /// The first bytes; below 0 the last.
    static func truncated(_ text: String, _ count: Int64) -> String {
        let bytes = Array(text.utf8)
        guard count.magnitude < bytes.count else { return text }
        return count >= 0
            ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
            : String(decoding: bytes.suffix(Int(count.magnitude)), as: UTF8.self)
    }

    static func part(_ text: String, _ start: Int64, _ end: Int64) -> String {
        let bytes = Array(text.utf8)
        let low = start < 0 ? 0 : min(Int(clamping: start), bytes.count)
        let high = end < 0 || end > bytes.count ? bytes.count : Int(end)
        return low < high ? String(decoding: bytes[low..<high], as: UTF8.self) : ""
    }

    static func urlEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if byte.isLogQLLetter || byte.isLogQLDigit || [0x2d, 0x2e, 0x7e].contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else if byte == 0x20 {
                result += "+"
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.utf8.count < 2 ? "0" : "") + hex
            }
        }
        return result
    }

    static func urlDecoded(_ text: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "%"), place + 2 <= bytes.count,
                let value = UInt8(
                    String(decoding: bytes[place..<place + 2], as: UTF8.self), radix: 16)
            {
                result.append(value)
                place += 2
            } else {
                result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text in base 64, with the padding it asks for; nil for another text.
    static func base64Decoded(_ text: String) -> [UInt8]? {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count.isMultiple(of: 4) else { return nil }
        let padding = bytes.suffix(2).count { $0 == UInt8(ascii: "=") }
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes.dropLast(padding) {
            guard let value = digits.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return result
    }
}
