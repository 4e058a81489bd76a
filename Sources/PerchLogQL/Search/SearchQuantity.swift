/// A number as people write it, with what it counts.
enum SearchQuantity: Sendable, Hashable {
    case number(Double)
    /// Nanoseconds.
    case duration(Double)
    /// Bytes.
    case size(Double)

    private static let durations: [(suffix: String, factor: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3_600e9), ("d", 86_400e9), ("w", 604_800e9),
    ]
    private static let sizes: [(suffix: String, factor: Double)] = [
        ("kib", 1_024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776),
        ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("b", 1),
    ]

    /// Reads `400`, `250ms`, `1m30s`, `1.5MiB`; nil for anything else.
    init?(_ text: String) {
        if let number = Self.decimal(text[...]) {
            self = .number(number)
        } else if let nanos = Self.nanoseconds(text) {
            self = .duration(nanos)
        } else if let bytes = Self.bytes(text) {
            self = .size(bytes)
        } else {
            return nil
        }
    }

    /// The nanoseconds of `250ms` or `1m30s`, or nil for anything else.
    static func nanoseconds(_ text: String) -> Double? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative { rest = rest.dropFirst() }
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let word = rest.dropFirst(digits.count).prefix { !($0.isNumber || $0 == ".") }
            guard let number = decimal(digits),
                let unit = durations.first(where: { $0.suffix == word })
            else { return nil }
            total += number * unit.factor
            rest = rest.dropFirst(digits.count + word.count)
        }
        guard total.isFinite else { return nil }
        return isNegative ? -total : total
    }

    private static func bytes(_ text: String) -> Double? {
        let lower = text.lowercased()
        guard let unit = sizes.first(where: { lower.hasSuffix($0.suffix) }),
            let number = decimal(lower.dropLast(unit.suffix.count))
        else { return nil }
        let total = number * unit.factor
        return total.isFinite ? total : nil
    }

    /// Decimal text only: `inf`, `nan` and hex are words here.
    private static func decimal(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.count <= 64,
            text.utf8.allSatisfy({
                switch $0 {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                    true
                default: false
                }
            }), let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    /// What a field counts in by its name, in nanoseconds: `latency_ms`, `request.seconds`.
    static func unit(ofField name: String) -> Double? {
        guard let cut = name.lastIndex(where: { "_.-".contains($0) }) else { return nil }
        return switch name[name.index(after: cut)...].lowercased() {
        case "ns", "nanos", "nanoseconds": 1
        case "us", "micros", "microseconds": 1e3
        case "ms", "millis", "milliseconds": 1e6
        case "s", "sec", "secs", "seconds": 1e9
        case "min", "minutes": 60e9
        case "hours": 3_600e9
        default: nil
        }
    }

    /// The texts of a number: as typed, and as columns of integers and of doubles show it.
    ///
    /// `200` finds the integer 200, the double 200.0 and the text "200", and not the text "0200".
    static func forms(_ text: String) -> [String] {
        guard let number = decimal(text[...]) else { return [text] }
        var forms = [text]
        if let int = Int64(exactly: number), abs(number) < 9e15, number != 0 || !text.hasPrefix("-")
        {
            // Leading zeros make a text of their own, such as a postal code.
            guard text == String(int) || text.contains(where: { ".eE".contains($0) }) else {
                return forms
            }
            forms.append(String(int))
        }
        forms.append(String(number))
        var seen: Set<String> = []
        return forms.filter { seen.insert($0).inserted }
    }
}
