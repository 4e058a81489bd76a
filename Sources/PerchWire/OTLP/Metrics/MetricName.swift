/// Names of metrics and labels as Prometheus gives them to OTLP's.
///
/// Source: prometheus/otlptranslator with metric suffixes and without UTF-8 (the strategy
/// "UnderscoreEscapingWithSuffixes", Prometheus' default).
enum MetricName {
    /// What of a metric's type shows in its name.
    enum Suffix {
        case none
        /// `_total`: a sum that only grows.
        case total
        /// `_ratio` when the unit is 1: a gauge.
        case ratio
    }

    /// The metric's name; empty when `name` holds no letter or digit.
    static func translate(_ name: [UInt8], unit: [UInt8], suffix: Suffix) -> [UInt8] {
        var tokens = name.split { !isTokenByte($0) }
        addUnit(unit, to: &tokens)
        if suffix == .total { move("total", toEndOf: &tokens) }
        if suffix == .ratio, unit.elementsEqual("1".utf8) { move("ratio", toEndOf: &tokens) }
        var result: [UInt8] = []
        result.reserveCapacity(name.count + unit.count + 16)
        if let digit = tokens.first?.first, isDigit(digit) { result.append(underscore) }
        for (index, token) in tokens.enumerated() {
            if index > 0 { result.append(underscore) }
            result.append(contentsOf: token)
        }
        return result
    }

    /// Appends a label's name: every character that is no letter, digit or underscore becomes an
    /// underscore; a leading digit gets `key_` in front, a single leading underscore `key`.
    static func appendLabel(_ name: Span<UInt8>, to output: inout [UInt8]) {
        guard !name.isEmpty else { return }
        if isDigit(name[0]) {
            output.append(contentsOf: "key_".utf8)
        } else if !isLabelByte(name[0]) || name[0] == underscore {
            let isDouble = name.count > 1 && (!isLabelByte(name[1]) || name[1] == underscore)
            if !isDouble { output.append(contentsOf: "key".utf8) }
        }
        for index in name.indices {
            let byte = name[index]
            if isLabelByte(byte) {
                output.append(byte)
            } else if byte & 0xc0 != 0x80 {
                // One underscore a character: what continues one in UTF-8 is left out.
                output.append(underscore)
            }
        }
    }

    private static func addUnit(_ unit: [UInt8], to tokens: inout [ArraySlice<UInt8>]) {
        guard !unit.isEmpty else { return }
        let parts = unit.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        var main = part(parts[0], names: units)
        var per: [UInt8] = []
        if parts.count > 1 {
            per = part(parts[1], names: perUnits)
            if per.last == underscore { per.removeLast() }
            if !per.isEmpty { per.insert(contentsOf: "per_".utf8, at: 0) }
        }
        if tokens.contains(where: { $0.elementsEqual(main) }) { main = [] }
        if tokens.contains(where: { $0.elementsEqual(per) }) { per = [] }
        if !per.isEmpty, main.last == underscore { main.removeLast() }
        if !main.isEmpty { tokens.append(main[...]) }
        if !per.isEmpty { tokens.append(per[...]) }
    }

    /// The word for one side of a unit's slash; empty for an annotation in braces.
    private static func part(
        _ text: ArraySlice<UInt8>, names: [(String, String)]
    ) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        var trimmed = text.drop(while: isSpace)
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        if trimmed.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
            return []
        }
        if let known = names.first(where: { trimmed.elementsEqual($0.0.utf8) }) {
            return Array(known.1.utf8)
        }
        var result: [UInt8] = []
        for byte in trimmed where byte & 0xc0 != 0x80 {
            let clean = isTokenByte(byte) ? byte : underscore
            if clean == underscore, result.last == underscore || result.isEmpty { continue }
            result.append(clean)
        }
        return result
    }

    private static func move(_ word: String, toEndOf tokens: inout [ArraySlice<UInt8>]) {
        tokens.removeAll { $0.elementsEqual(word.utf8) }
        tokens.append(Array(word.utf8)[...])
    }

    private static let underscore = UInt8(ascii: "_")

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    @inline(__always)
    private static func isLabelByte(_ byte: UInt8) -> Bool {
        byte | 0x20 &- UInt8(ascii: "a") < 26 || isDigit(byte) || byte == underscore
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (isLabelByte(byte) && byte != underscore) || byte == UInt8(ascii: ":")
    }

    private static let units = [
        ("s", "seconds"), ("ms", "milliseconds"), ("us", "microseconds"), ("ns", "nanoseconds"),
        ("d", "days"), ("h", "hours"), ("min", "minutes"), ("By", "bytes"), ("KiBy", "kibibytes"),
        ("MiBy", "mebibytes"), ("GiBy", "gibibytes"), ("TiBy", "tibibytes"), ("KBy", "kilobytes"),
        ("MBy", "megabytes"), ("GBy", "gigabytes"), ("TBy", "terabytes"), ("m", "meters"),
        ("V", "volts"), ("A", "amperes"), ("J", "joules"), ("W", "watts"), ("g", "grams"),
        ("Cel", "celsius"), ("Hz", "hertz"), ("1", ""), ("%", "percent"),
    ]

    private static let perUnits = [
        ("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"),
        ("mo", "month"), ("y", "year"),
    ]
}
