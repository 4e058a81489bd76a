/// Numbers as Go's `%v` and `%.2f` write them.
enum TemplateNumber {
    /// The shortest digits; an exponent from 1e21 up and below 1e-4.
    static func general(_ value: Double) -> String {
        guard value.isFinite, value != 0,
            value.magnitude >= 1e21 || value.magnitude < 1e-4
        else { return value == 0 && value.sign == .minus ? "-0" : LogQLNumber.plain(value) }
        var text = value.description
        if !text.contains("e") { return text }
        text = text.replacing(".0e", with: "e")
        guard let mark = text.firstIndex(of: "e") else { return text }
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        let digits = String(exponent.magnitude)
        return text[..<mark] + "e" + (exponent < 0 ? "-" : "+")
            + (digits.utf8.count < 2 ? "0" : "") + digits
    }

    /// A fixed number of digits after the point.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return LogQLNumber.plain(value) }
        let text = LogQLNumber.plain(value.magnitude)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var all = Array(parts[0].utf8)
        let fraction = parts.count > 1 ? Array(parts[1].utf8) : []
        let whole = all.count
        let digits = max(0, min(digits, Limits.templateDigitsMax))
        all += fraction.prefix(digits)
        all += repeatElement(UInt8(ascii: "0"), count: max(0, digits - fraction.count))
        if fraction.count > digits, fraction[digits] >= UInt8(ascii: "5") {
            var index = all.count - 1
            while index >= 0, all[index] == UInt8(ascii: "9") {
                all[index] = UInt8(ascii: "0")
                index -= 1
            }
            if index >= 0 { all[index] += 1 } else { all.insert(UInt8(ascii: "1"), at: 0) }
        }
        let shift = all.count - whole - digits
        var result = value.sign == .minus ? "-" : ""
        result += String(decoding: all[..<(whole + shift)], as: UTF8.self)
        if digits > 0 { result += "." + String(decoding: all[(whole + shift)...], as: UTF8.self) }
        return result
    }
}

extension LogQLNumber {
    /// A fixed number of digits after the point, as `%f` writes it.
    static func fixed(_ value: Double, digits: Int) -> String {
        TemplateNumber.fixed(value, digits: digits)
    }
}
