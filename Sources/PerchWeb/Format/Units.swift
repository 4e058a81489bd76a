/// Numbers as people read them: three digits that matter, and a unit.
package enum Units {
    /// A duration in nanoseconds: `840 µs`, `12.4 ms`, `3.05 s`, `2 min 5 s`.
    package static func duration(_ nanos: Double) -> String {
        guard nanos.isFinite else { return "–" }
        let sign = nanos < 0 ? "−" : ""
        let size = abs(nanos)
        switch size {
        case ..<1: return size == 0 ? "0 ms" : sign + "<1 ns"
        case ..<999.5: return sign + digits(size) + " ns"
        case ..<999_500: return sign + digits(size / 1e3) + " µs"
        case ..<999_500_000: return sign + digits(size / 1e6) + " ms"
        case ..<59_950_000_000: return sign + digits(size / 1e9) + " s"
        default: return sign + long(size / 1e9)
        }
    }

    /// A whole number: `12,345`.
    package static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude).utf8)
        var text: [UInt8] = value < 0 ? Array("−".utf8) : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) {
                text.append(UInt8(ascii: ","))
            }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A number with a prefix where it is long: `1.23 M`.
    package static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "–" : (value < 0 ? "−∞" : "∞") }
        let sign = value < 0 ? "−" : ""
        let size = abs(value)
        switch size {
        case 0: return "0"
        case ..<0.0005: return sign + "<0.001"
        case ..<9_999.5: return sign + digits(size)
        case ..<999_500: return sign + digits(size / 1e3) + " k"
        case ..<999_500_000: return sign + digits(size / 1e6) + " M"
        case ..<999_500_000_000: return sign + digits(size / 1e9) + " G"
        case ..<9.99e17: return sign + digits(size / 1e12) + " T"
        default: return String(value)
        }
    }

    /// Events a second, or a minute where that reads better.
    package static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite else { return "–" }
        if perSecond > 0, perSecond < 0.1 { return number(perSecond * 60) + "/min" }
        return number(perSecond) + "/s"
    }

    /// A share between 0 and 1: `0.42 %`.
    package static func share(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let percent = value * 100
        if percent > 0, percent < 0.01 { return "<0.01 %" }
        if percent > 99.99, percent < 100 { return ">99.99 %" }
        return fixed(percent, percent < 10 && percent != percent.rounded() ? 2 : 0) + " %"
    }

    /// Three significant digits, without trailing zeros after the point.
    static func digits(_ value: Double) -> String {
        let places = value < 9.995 ? (value < 0.1 ? 4 : 2) : (value < 99.95 ? 1 : 0)
        return trimmed(fixed(value, places))
    }

    /// `value` with so many places after the point.
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return String(value) }
        guard value >= 0 else { return "−" + fixed(-value, places) }
        let scale = [1.0, 10, 100, 1_000, 10_000][min(places, 4)]
        let scaled = (value * scale).rounded()
        guard scaled < 9e15 else { return String(value) }
        let whole = Int64(scaled) / Int64(scale)
        guard places > 0 else { return String(whole) }
        let rest = String(Int64(scaled) % Int64(scale))
        return "\(whole)." + String(repeating: "0", count: places - rest.count) + rest
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text[...]
        while text.hasSuffix("0") { text = text.dropLast() }
        if text.hasSuffix(".") { text = text.dropLast() }
        return String(text)
    }

    private static func long(_ seconds: Double) -> String {
        guard seconds < 1e12 else { return String(seconds) + " s" }
        let total = Int64(seconds.rounded())
        let parts = [
            (total / 86_400, "d"), (total / 3_600 % 24, "h"), (total / 60 % 60, "min"),
            (total % 60, "s"),
        ]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0 s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            .joined(separator: " ")
    }
}
