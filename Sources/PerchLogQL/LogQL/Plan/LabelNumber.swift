import PerchModel

/// Numbers that labels hold as text.
enum LabelNumber {
    /// Decimal digits with sign, point and exponent; hex, `inf` and `nan` are words here.
    static func decimal(_ text: Span<UInt8>) -> Double? {
        guard text.count > 0, text.count <= 64 else { return nil }
        // Fast path: a few digits.
        if text.count <= 15, let whole = digits(text) { return Double(whole) }
        var bytes: [UInt8] = []
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                bytes.append(text[index])
            default: return nil
            }
        }
        return Double(String(decoding: bytes, as: UTF8.self))
    }

    private static func digits(_ text: Span<UInt8>) -> Int64? {
        var value: Int64 = 0
        for index in text.indices {
            guard text[index].isLogQLDigit else { return nil }
            value = value &* 10 &+ Int64(text[index] &- 0x30)
        }
        return value
    }

    static func durationNanos(_ text: Span<UInt8>) -> Double? {
        guard text.count <= 64 else { return nil }
        return LogQLNumber.durationNanos(String(decoding: Array(text), as: UTF8.self))
    }

    static func byteCount(_ text: Span<UInt8>) -> Double? {
        guard text.count <= 64 else { return nil }
        return LogQLNumber.byteCount(String(decoding: Array(text), as: UTF8.self))
    }
}
