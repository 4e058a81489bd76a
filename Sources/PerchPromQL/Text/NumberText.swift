/// Numbers as text, in the forms that Prometheus uses.
package enum NumberText {
    /// The shortest digits that read back as the value, and where the point stands in them.
    private struct Decimal {
        var isNegative: Bool
        var digits: [UInt8]
        /// How many digits stand before the point; below 0 there are zeros after it.
        var point: Int

        init(_ value: Double) {
            isNegative = value.sign == .minus
            digits = []
            var exponent = 0
            var fraction: Int?
            var rest = Array(value.magnitude.description.utf8)[...]
            if let mark = rest.firstIndex(of: UInt8(ascii: "e")) {
                exponent = Int(String(decoding: rest[(mark + 1)...], as: UTF8.self)) ?? 0
                rest = rest[..<mark]
            }
            for byte in rest {
                if byte == UInt8(ascii: ".") {
                    fraction = digits.count
                } else {
                    digits.append(byte)
                }
            }
            point = (fraction ?? digits.count) + exponent
            while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
            let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(zeros)
            point -= zeros
            if digits.isEmpty {
                digits = [UInt8(ascii: "0")]
                point = 1
            }
        }

        /// Keeps the first `count` digits; half of the last one counts up.
        mutating func round(toDigits count: Int) {
            guard count < digits.count else { return }
            let zero = UInt8(ascii: "0")
            let isUp = count >= 0 && digits[count] >= UInt8(ascii: "5")
            digits = Array(digits.prefix(max(0, count)))
            if isUp {
                var index = digits.count - 1
                while index >= 0, digits[index] == UInt8(ascii: "9") {
                    digits.removeLast()
                    index -= 1
                }
                if index >= 0 {
                    digits[index] += 1
                } else {
                    digits = [UInt8(ascii: "1")]
                    point += 1
                }
            }
            while digits.last == zero, digits.count > 1 { digits.removeLast() }
            if digits.isEmpty {
                digits = [zero]
                point = 1
            }
        }
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : nil
    }

    /// All digits and no exponent, as `FormatFloat(f, 'f', -1, 64)`.
    package static func plain(_ value: Double) -> String {
        if let text = special(value) { return text }
        var bytes: [UInt8] = []
        appendPlain(Decimal(value), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func appendPlain(_ decimal: Decimal, to bytes: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        if decimal.isNegative { bytes.append(UInt8(ascii: "-")) }
        let digits = decimal.digits
        if decimal.point <= 0 {
            bytes.append(contentsOf: [zero, UInt8(ascii: ".")])
            bytes.append(contentsOf: repeatElement(zero, count: -decimal.point))
            bytes.append(contentsOf: digits)
            return
        }
        bytes.append(contentsOf: digits.prefix(decimal.point))
        if digits.count <= decimal.point {
            bytes.append(contentsOf: repeatElement(zero, count: decimal.point - digits.count))
        } else {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits.dropFirst(decimal.point))
        }
    }

    private static func appendScientific(_ decimal: Decimal, to bytes: inout [UInt8]) {
        if decimal.isNegative { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: decimal.digits.prefix(1))
        if decimal.digits.count > 1 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: decimal.digits.dropFirst())
        }
        let exponent = decimal.point - 1
        bytes.append(UInt8(ascii: "e"))
        bytes.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        let text = String(exponent.magnitude)
        if text.utf8.count < 2 { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: text.utf8)
    }

    /// The shortest of both forms, as `%g` and `%v`.
    package static func general(_ value: Double) -> String {
        if let text = special(value) { return text }
        let decimal = Decimal(value)
        var bytes: [UInt8] = []
        // Source: strconv's 'g': an exponent is written from 1e-05 down and from 1e+06 up.
        if value != 0, decimal.point - 1 < -4 || decimal.point - 1 >= 6 {
            appendScientific(decimal, to: &bytes)
        } else {
            appendPlain(decimal, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The form of a sample's value in answers.
    package static func appendSample(_ value: Double, to bytes: inout [UInt8]) {
        if let text = special(value) {
            bytes.append(contentsOf: text.utf8)
            return
        }
        // Counters are mostly whole numbers, which need no search for the shortest digits.
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53, value.bitPattern != 1 << 63
        {
            appendWhole(whole, to: &bytes)
            return
        }
        let magnitude = value.magnitude
        let decimal = Decimal(value)
        if magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 {
            appendScientific(decimal, to: &bytes)
        } else {
            appendPlain(decimal, to: &bytes)
        }
    }

    /// Appends a whole number in decimal.
    package static func appendWhole(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// A fixed number of digits after the point, as `%.3f`.
    static func fixed(_ value: Double, digits: Int) -> String {
        if let text = special(value) { return text }
        var decimal = Decimal(value)
        decimal.round(toDigits: decimal.point + digits)
        var bytes: [UInt8] = []
        appendPlain(decimal, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        let point = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 }
        return text + (point == nil ? "." : "")
            + String(repeating: "0", count: max(0, digits - (point ?? 0)))
    }

    /// A number of digits that count, as `%.2g`.
    static func rounded(_ value: Double, digits: Int) -> String {
        if let text = special(value) { return text }
        var decimal = Decimal(value)
        decimal.round(toDigits: digits)
        var bytes: [UInt8] = []
        if value != 0, decimal.point - 1 < -4 || decimal.point - 1 >= digits {
            appendScientific(decimal, to: &bytes)
        } else {
            appendPlain(decimal, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a literal, or nil.
    ///
    /// Source: `strconv.ParseInt` with base 0, then `ParseFloat`.
    package static func parse(_ text: String) -> Double? {
        let isNegative = text.hasPrefix("-")
        let unsigned = text.drop { $0 == "+" || $0 == "-" }
        guard text.count - unsigned.count <= 1 else { return nil }
        let sign = isNegative ? -1.0 : 1.0
        let lower = unsigned.lowercased()
        switch lower {
        case "inf", "+inf", "infinity": return sign * .infinity
        case "nan": return .nan
        default: break
        }
        let digits = lower.replacing("_", with: "")
        if digits.hasPrefix("0x") {
            if let whole = Int64(digits.dropFirst(2), radix: 16) { return sign * Double(whole) }
            return digits.contains("p") ? Double(digits).map { sign * $0 } : nil
        }
        if digits.hasPrefix("0o") {
            return Int64(digits.dropFirst(2), radix: 8).map { sign * Double($0) }
        }
        if digits.hasPrefix("0b") {
            return Int64(digits.dropFirst(2), radix: 2).map { sign * Double($0) }
        }
        // A leading zero says octal to Go, unless a digit does not fit.
        if digits.hasPrefix("0"), digits.count > 1, let octal = Int64(digits, radix: 8) {
            return sign * Double(octal)
        }
        guard digits.utf8.allSatisfy({ $0.isDigit || "+-.e".utf8.contains($0) }),
            let value = Double(digits.hasSuffix(".") ? String(digits.dropLast()) : digits)
        else { return nil }
        return value.isInfinite ? nil : sign * value
    }
}
