/// Numbers in labels, as Prometheus writes them there: shortest digits, no exponent, and no `.0`.
enum FloatText {
    static func plain(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        if text.hasSuffix(".0") { return String(text.dropLast(2)) }
        guard let mark = text.firstIndex(of: "e"), let power = Int(text[text.index(after: mark)...])
        else { return text }
        let mantissa = text[..<mark]
        let sign = value.sign == .minus ? "-" : ""
        let digits = mantissa.filter(\.isNumber)
        let whole = mantissa.prefix { $0 != "." }.filter(\.isNumber).count
        let point = whole + power
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count {
            let zeros = String(repeating: "0", count: point - digits.count)
            return sign + trimmed(digits, point: point) + zeros
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    private static func trimmed(_ digits: String, point: Int) -> String {
        digits.count <= point ? digits : String(digits.prefix(point))
    }
}

/// The texts of a histogram's bounds, kept from point to point: the points of a metric have the
/// same bounds.
struct BoundTexts {
    private var bounds: [Double] = []
    private var texts: [[UInt8]] = []

    mutating func texts(of bounds: [Double]) -> [[UInt8]] {
        // Equal doubles have one text but for zero, whose sign shows.
        if bounds != self.bounds || bounds.contains(where: { $0.isZero }) {
            self.bounds = bounds
            texts = bounds.map { Array(FloatText.plain($0).utf8) }
        }
        return texts
    }
}
