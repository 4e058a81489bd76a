/// Numbers as text, the way JavaScript writes them, so that pages and scripts agree.
package enum NumberText {
    /// The shortest text: `12`, `0.5`, `1e+21`, `NaN`, `Infinity`.
    package static func plain(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == 0 { return "0" }
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            return String(Int64(value))
        }
        let parts = value.description.split(separator: "e", maxSplits: 1)
        guard let mantissa = parts.first else { return value.description }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let isNegative = mantissa.hasPrefix("-")
        let digitsAndPoint = mantissa.drop { $0 == "-" }
        let whole = digitsAndPoint.prefix { $0 != "." }
        var fraction = String(digitsAndPoint.dropFirst(whole.count).drop { $0 == "." })
        if fraction == "0" { fraction = "" }
        var digits = whole + fraction
        // The place of the point, counted from the first digit.
        var point = whole.count + exponent
        while digits.hasPrefix("0"), digits.count > 1 {
            digits = digits.dropFirst()
            point -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits = digits.dropLast() }
        return (isNegative ? "-" : "") + placed(String(digits), point: point)
    }

    private static func placed(_ digits: String, point: Int) -> String {
        let count = digits.count
        if point > 21 || point < -5 {
            let rest = digits.dropFirst()
            let power = point - 1
            return digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
                + (power < 0 ? "e-" : "e+") + String(power.magnitude)
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if point >= count { return digits + String(repeating: "0", count: point - count) }
        return digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// 10 to a power, exactly for powers of up to 22.
    static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<min(exponent.magnitude, 400) { result *= base }
        return exponent < 0 ? 1 / result : result
    }

    /// The greatest power of ten that is not above `value`; 0 for zero.
    static func floorLog10(_ value: Double) -> Int {
        let size = value.magnitude
        guard size > 0, size.isFinite else { return 0 }
        // A little low at first: the exponent of two says nearly all.
        var log = Int((Double(size.exponent) * 0.301_029_995_663_981_2).rounded(.down)) - 1
        while log < 309, power(10, log + 1) <= size { log += 1 }
        return log
    }

    /// The text with a count of decimals; nil for as many as a reader needs.
    ///
    /// Grafana's rule: two significant digits below one, none for whole numbers.
    package static func fixed(_ value: Double, decimals: Int?) -> String {
        guard value.isFinite else {
            if value.isNaN { return "NaN" }
            return value < 0 ? "-∞" : "∞"
        }
        let count = min(max(decimals ?? neededDecimals(value), 0), 20)
        if value == 0 {
            return count == 0 ? "0" : "0." + String(repeating: "0", count: count)
        }
        let factor = power(10, count)
        let scaled = value * factor
        // Beyond the whole numbers of a double there is nothing to round.
        let exact =
            scaled.magnitude < 9_007_199_254_740_992 ? Self.halfUp(scaled) / factor : value
        let text = plain(exact)
        if text.contains("e") { return text }
        let fraction = text.split(separator: ".", maxSplits: 1).dropFirst().first?.count ?? 0
        guard fraction < count else { return text }
        return text + (fraction == 0 ? "." : "")
            + String(repeating: "0", count: count - fraction)
    }

    /// The nearest whole number, a half upwards, as scripts round.
    private static func halfUp(_ value: Double) -> Double {
        let below = value.rounded(.down)
        return value - below >= 0.5 ? below + 1 : below
    }

    private static func neededDecimals(_ value: Double) -> Int {
        if value == value.rounded(.towardZero) { return 0 }
        let log = floorLog10(value)
        var count = 1 - log
        // Numbers that begin with more than 2.25 of their size get one more.
        if value.magnitude / power(10, -count) > 2.25 { count += 1 }
        return max(0, count)
    }
}
