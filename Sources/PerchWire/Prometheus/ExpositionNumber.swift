/// Numbers of the text formats, as Go's `ParseFloat` reads them without its newer forms.
enum ExpositionNumber {
    /// The NaN that every NaN of a text becomes (Prometheus, `model/value`).
    private static let normalNaN = Double(bitPattern: 0x7ff8_0000_0000_0001)

    static func value(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        fast(bytes, range) ?? plain(bytes, range)
    }

    /// Digits with a point and an exponent whose parts are exact as doubles, so that one
    /// multiplication or division rounds correctly (Clinger, "How to read floating point numbers
    /// accurately").
    static func fast(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        var position = range.lowerBound
        let end = range.upperBound
        guard position < end else { return nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
        var digits: UInt64 = 0
        let first = position
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 {
            digits = digits &* 10 &+ UInt64(bytes[position] &- UInt8(ascii: "0"))
            position += 1
        }
        var count = position - first
        var exponent = 0
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            let point = position
            while position < end, bytes[position] &- UInt8(ascii: "0") < 10 {
                digits = digits &* 10 &+ UInt64(bytes[position] &- UInt8(ascii: "0"))
                position += 1
            }
            exponent = point - position
            count += position - point
        }
        // Up to 19 digits fit in 64 bits.
        guard count > 0, count < 20, digits < 1 << 53 else { return nil }
        if position < end {
            guard let power = power(bytes, position..<end) else { return nil }
            exponent += power
        }
        guard exponent >= -22, exponent <= 22 else { return nil }
        let magnitude =
            exponent < 0
            ? Double(digits) / powers[-exponent] : Double(digits) * powers[exponent]
        return isNegative ? -magnitude : magnitude
    }

    /// `e` and a number of one to three digits.
    private static func power(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var position = range.lowerBound
        guard bytes[position] | 0x20 == UInt8(ascii: "e") else { return nil }
        position += 1
        guard position < range.upperBound else { return nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
        guard position < range.upperBound, range.upperBound - position <= 3 else { return nil }
        var value = 0
        while position < range.upperBound {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            position += 1
        }
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// What ``fast(_:_:)`` gives, by way of a string: slower, and the oracle for it.
    static func plain(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        guard !range.isEmpty, range.count <= 400 else { return nil }
        let text = LabelList.text(bytes, range)
        switch text.lowercased() {
        case "nan": return normalNaN
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: break
        }
        // `Double` reads more than numbers have: hexadecimal and payloads of NaN.
        guard text.utf8.allSatisfy(isNumberByte), let value = Double(text), value.isFinite else {
            return nil
        }
        return value
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// A timestamp of the text format: an integer of milliseconds.
    static func milliseconds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var position = range.lowerBound
        guard position < range.upperBound else { return nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
        guard position < range.upperBound, range.upperBound - position <= 18 else { return nil }
        var value: Int64 = 0
        while position < range.upperBound {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
            position += 1
        }
        return isNegative ? -value : value
    }

    /// A timestamp of OpenMetrics: seconds, with a fraction; cut to milliseconds.
    static func seconds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        guard let seconds = value(bytes, range) else { return nil }
        let milliseconds = seconds * 1_000
        guard milliseconds.isFinite, abs(milliseconds) < 9e18 else { return nil }
        return Int64(milliseconds)
    }
}
