/// Numbers with and without units, as queries and log lines have them.
enum LogQLNumber {
    /// Decimal digits with a point and an exponent, or nil.
    static func literal(_ text: String) -> Double? {
        guard let first = text.utf8.first, first.isLogQLDigit || first == UInt8(ascii: "."),
            text.utf8.allSatisfy({
                $0.isLogQLDigit
                    || [0x2e, 0x2b, 0x2d, 0x65, 0x45].contains($0)
            })
        else { return nil }
        return Double(text)
    }

    private static let durationUnits: [(name: String, nanos: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3_600e9), ("d", 86_400e9), ("w", 604_800e9), ("y", 31_536_000e9),
    ]

    /// The nanoseconds of `1h30m`, `250ms`, `-1.5s`; nil for anything else.
    static func durationNanos(_ text: String) -> Double? {
        if text == "0" { return 0 }
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        var total = 0.0
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
            guard let unit = durationUnits.first(where: { $0.name == name }) else { return nil }
            rest = rest.dropFirst(name.count)
            total += number * unit.nanos
            parts += 1
        }
        // Loki counts nanoseconds in 64 bits.
        guard parts > 0, total < 9.2e18 else { return nil }
        return isNegative ? -total : total
    }

    private static let byteUnits: [String: Double] = [
        "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15, "eb": 1e18, "kib": 1024,
        "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
        "pib": 1_125_899_906_842_624, "eib": 1_152_921_504_606_846_976, "": 1, "k": 1e3, "m": 1e6,
        "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "ki": 1024, "mi": 1_048_576,
        "gi": 1_073_741_824, "ti": 1_099_511_627_776, "pi": 1_125_899_906_842_624,
        "ei": 1_152_921_504_606_846_976,
    ]

    /// The bytes of `10MiB` or `5 KB`; nil for anything else.
    static func byteCount(_ text: String) -> Double? {
        let digits = text.prefix { $0 == "." || $0 == "," || $0.isASCII && $0.isNumber }
        let name = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Double(digits.filter { $0 != "," }),
            let unit = byteUnits[name.lowercased()], number * unit < 1.8e19
        else { return nil }
        return (number * unit).rounded(.towardZero)
    }

    /// The nanoseconds as Go's `Duration` writes them: `1h30m0s`, `250ms`.
    static func goDuration(_ nanos: Double) -> String {
        let sign = nanos < 0 ? "-" : ""
        let magnitude = nanos.magnitude
        if magnitude == 0 { return "0s" }
        if magnitude < 1e3 { return sign + plain(magnitude) + "ns" }
        if magnitude < 1e6 { return sign + plain(magnitude / 1e3) + "µs" }
        if magnitude < 1e9 { return sign + plain(magnitude / 1e6) + "ms" }
        let hours = (magnitude / 3_600e9).rounded(.towardZero)
        let minutes = ((magnitude - hours * 3_600e9) / 60e9).rounded(.towardZero)
        let seconds = (magnitude - hours * 3_600e9 - minutes * 60e9) / 1e9
        let tail = plain(seconds) + "s"
        if hours > 0 { return sign + plain(hours) + "h" + plain(minutes) + "m" + tail }
        return sign + (minutes > 0 ? plain(minutes) + "m" : "") + tail
    }

    /// The nanoseconds as Prometheus writes them: `1h30m`, `5m`.
    static func shortDuration(_ nanos: Double) -> String {
        let units: [(name: String, nanos: Double)] = [
            ("y", 31_536_000e9), ("w", 604_800e9), ("d", 86_400e9), ("h", 3_600e9), ("m", 60e9),
            ("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1),
        ]
        var rest = nanos.magnitude
        guard rest > 0 else { return "0s" }
        var text = nanos < 0 ? "-" : ""
        for unit in units {
            if ["y", "w"].contains(unit.name), rest.truncatingRemainder(dividingBy: unit.nanos) != 0
            {
                continue
            }
            let count = (rest / unit.nanos).rounded(.towardZero)
            guard count > 0 else { continue }
            text += plain(count) + unit.name
            rest -= count * unit.nanos
        }
        return text
    }

    /// A number without an exponent and without a fraction that is zero.
    static func plain(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        guard let mark = text.firstIndex(of: "e"),
            let exponent = Int(text[text.index(after: mark)...])
        else { return text }
        let sign = text.hasPrefix("-") ? "-" : ""
        let mantissa = text[..<mark].drop { $0 == "-" }
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        let whole = mantissa[..<point]
        var digits = whole + mantissa[point...].dropFirst()
        while digits.count > 1, digits.hasSuffix("0") { digits = digits.dropLast() }
        let place = whole.count + exponent
        if place <= 0 { return sign + "0." + String(repeating: "0", count: -place) + digits }
        if digits.count <= place {
            return sign + digits + String(repeating: "0", count: place - digits.count)
        }
        return sign + digits.prefix(place) + "." + digits.dropFirst(place)
    }
}
