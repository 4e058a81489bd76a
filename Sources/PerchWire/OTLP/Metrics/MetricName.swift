import PerchModel

/// Names of metrics and labels as Prometheus gives them to OTLP's.
///
/// Source: prometheus/otlptranslator, as Prometheus 3 uses it.
enum MetricName {
    /// What of a metric's type shows in its name.
    enum Suffix {
        case none
        /// `_total`: a sum that only grows.
        case total
        /// `_ratio` when the unit is 1: a gauge.
        case ratio
    }

    /// The metric's name; empty when nothing of `name` can stand in one.
    static func translate(
        _ name: [UInt8], unit: [UInt8], suffix: Suffix,
        _ strategy: OTLPMetricsOptions.Strategy = .underscoresWithSuffixes
    ) -> [UInt8] {
        switch strategy {
        case .underscoresWithSuffixes: escaped(name, unit: unit, suffix: suffix)
        case .underscoresWithoutSuffixes: escaped(name)
        case .unchangedWithSuffixes:
            name.isEmpty ? [] : suffixed(UTF8Check.repaired(name), unit: unit, suffix: suffix)
        case .unchanged: UTF8Check.repaired(name)
        }
    }

    /// Runs of other characters become one underscore; underscores of the name stay.
    private static func escaped(_ name: [UInt8]) -> [UInt8] {
        let parts = name.split { !isTokenByte($0) && $0 != underscore }
        var result = Array(parts.joined(separator: [underscore]))
        if let first = result.first, isDigit(first) { result.insert(underscore, at: 0) }
        let isBlank = result != name && result.allSatisfy { $0 == underscore }
        return isBlank ? [] : result
    }

    /// The name with unit and type behind it, in the order unit, per unit, `total`, `ratio`; what
    /// of these it ends in already is not repeated.
    private static func suffixed(_ name: [UInt8], unit: [UInt8], suffix: Suffix) -> [UInt8] {
        var result = name
        var ends: [[UInt8]] = []
        func move(_ word: [UInt8]) {
            // With the word goes the character before it, whatever that is.
            if result.count > word.count + 1, result.reversed().starts(with: word.reversed()) {
                result.removeLast(word.count + 1)
            }
            ends.insert([underscore] + word, at: 0)
        }
        if suffix == .ratio, unit.elementsEqual("1".utf8) { move(Array("ratio".utf8)) }
        if suffix == .total { move(Array("total".utf8)) }
        let (main, per) = words(unit) { Array($0) }
        if !per.isEmpty { move(per) }
        if !main.isEmpty, !result.reversed().starts(with: main.reversed()) {
            result += [underscore] + main
        }
        return result + ends.joined()
    }

    private static func escaped(_ name: [UInt8], unit: [UInt8], suffix: Suffix) -> [UInt8] {
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
    static func appendLabel(
        _ name: Span<UInt8>, _ style: LabelStyle = LabelStyle(), to output: inout [UInt8]
    ) {
        guard !name.isEmpty else { return }
        guard style.escapes else {
            output.append(name)
            return
        }
        if isDigit(name[0]) {
            output.append(contentsOf: "key_".utf8)
        } else if style.prefixesUnderscores, !isLabelByte(name[0]) || name[0] == underscore {
            // A run that becomes one underscore is a single one.
            let isDouble =
                style.keepsUnderscoreRuns && name.count > 1
                && (!isLabelByte(name[1]) || name[1] == underscore)
            if !isDouble { output.append(contentsOf: "key".utf8) }
        }
        let start = output.count
        for index in name.indices {
            let byte = name[index]
            // One underscore a character: what continues one in UTF-8 is left out.
            if byte & 0xc0 == 0x80 { continue }
            let clean = isLabelByte(byte) ? byte : underscore
            if clean == underscore, !style.keepsUnderscoreRuns, output.count > start,
                output[output.count - 1] == underscore
            {
                continue
            }
            output.append(clean)
        }
    }

    private static func addUnit(_ unit: [UInt8], to tokens: inout [ArraySlice<UInt8>]) {
        var (main, per) = words(unit, clean)
        if per.last == underscore { per.removeLast() }
        if tokens.contains(where: { $0.elementsEqual(main) }) { main = [] }
        if tokens.contains(where: { $0.elementsEqual(per) }) { per = [] }
        if !per.isEmpty, main.last == underscore { main.removeLast() }
        if !main.isEmpty { tokens.append(main[...]) }
        if !per.isEmpty { tokens.append(per[...]) }
    }

    /// The words for both sides of a unit's slash, the second with `per_` before it; `clean` is for
    /// units that have no word.
    private static func words(
        _ unit: [UInt8], _ clean: (ArraySlice<UInt8>) -> [UInt8]
    ) -> (main: [UInt8], per: [UInt8]) {
        guard !unit.isEmpty else { return ([], []) }
        let parts = unit.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        let main = word(parts[0], names: units, clean)
        guard parts.count > 1 else { return (main, []) }
        let per = word(parts[1], names: perUnits, clean)
        return (main, per.isEmpty ? [] : Array("per_".utf8) + per)
    }

    /// The word for one side; empty for an annotation in braces.
    private static func word(
        _ text: ArraySlice<UInt8>, names: [(String, String)],
        _ clean: (ArraySlice<UInt8>) -> [UInt8]
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
        return clean(trimmed)
    }

    /// Runs of other characters become one underscore, and leading ones go.
    private static func clean(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text where byte & 0xc0 != 0x80 {
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
