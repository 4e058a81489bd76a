import PerchModel

/// The value of numbers whose form ``JSONReader`` has checked.
enum JSONNumber {
    /// The integer, when the bytes are one that fits: digits with an optional minus only.
    static func int(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var position = range.lowerBound
        let isNegative = position < range.upperBound && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard let magnitude = unsigned(bytes, position..<range.upperBound) else { return nil }
        if isNegative {
            return magnitude <= UInt64(Int64.max) + 1
                ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }

    /// The unsigned integer, when the bytes are digits only and it fits.
    static func unsigned(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// The double nearest to the number; nil when the bytes are no number.
    static func double(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        fastDouble(bytes, range) ?? plainDouble(bytes, range)
    }

    /// What ``double(_:_:)`` gives, by way of a string: slower, and the oracle for the fast path.
    static func plainDouble(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        switch String(decoding: Array(bytes.extracting(range)), as: UTF8.self) {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        // `Double` reads more than numbers have: hexadecimal, "inf", a leading plus.
        case let text where text.utf8.allSatisfy(isNumberByte): Double(text)
        default: nil
        }
    }

    /// Digits with one point at most, when digits and power of ten are exact as doubles, so that
    /// one division rounds correctly (Clinger, "How to read floating point numbers accurately").
    static func fastDouble(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        var position = range.lowerBound
        guard position < range.upperBound, range.count <= 17 else { return nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits: Int64 = 0
        var count = 0
        var decimals = 0
        var afterPoint = false
        while position < range.upperBound {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "."), !afterPoint {
                afterPoint = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            digits = digits * 10 + Int64(digit)
            count += 1
            if afterPoint { decimals += 1 }
        }
        guard count > 0, count <= 15, !afterPoint || decimals > 0 else { return nil }
        let value = Double(digits) / powers[decimals]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
