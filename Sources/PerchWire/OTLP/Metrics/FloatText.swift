/// Numbers in labels, as Prometheus writes them there: shortest digits, no exponent, and no `.0`.
enum FloatText {
    static func plain(_ value: Double) -> String {
        guard let (sign, digits, point) = parts(value) else { return special(value) }
        return sign + fixed(digits, point)
    }

    /// As `plain`, but with an exponent where Go's shortest form has one, and a `.0` behind whole
    /// numbers: what Prometheus 3 makes of the bounds in the labels of protobuf expositions.
    static func openMetrics(_ value: Double) -> String {
        guard let (sign, digits, point) = parts(value) else { return special(value) }
        let power = point - 1
        if power >= -4, power < 6 || digits == "0" {
            let text = fixed(digits, point)
            return sign + (text.contains(".") ? text : text + ".0")
        }
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        let size = String(power.magnitude)
        return sign + digits.prefix(1) + fraction + (power < 0 ? "e-" : "e+")
            + (size.count < 2 ? "0" + size : size)
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf"
    }

    /// The shortest digits without zeros around them, and how many of them stand before the point;
    /// nil for what is no number.
    private static func parts(_ value: Double) -> (sign: String, digits: String, point: Int)? {
        guard value.isFinite else { return nil }
        let text = value.magnitude.description
        let mantissa = text.prefix { $0 != "e" }
        let power = Int(text.dropFirst(mantissa.count + 1)) ?? 0
        var digits = mantissa.filter(\.isNumber)[...]
        var point = mantissa.prefix { $0 != "." }.count + power
        let zeros = digits.prefix { $0 == "0" }.count
        digits = digits.dropFirst(zeros)
        point -= zeros
        while digits.last == "0" { digits.removeLast() }
        let sign = value.sign == .minus ? "-" : ""
        return digits.isEmpty ? (sign, "0", 1) : (sign, String(digits), point)
    }

    /// Digits with the point among them, or zeros on the side where it lies beyond them.
    private static func fixed(_ digits: String, _ point: Int) -> String {
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        guard point < digits.count else {
            return digits + String(repeating: "0", count: point - digits.count)
        }
        return digits.prefix(point) + "." + digits.dropFirst(point)
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
