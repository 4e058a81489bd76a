/// All of Grafana's units by their ids, as data.
enum UnitTable {
    /// The format of an id, of a form as `suffix:req/s`, or of a text that is no unit.
    static func format(_ id: String) -> UnitFormat {
        if id.isEmpty { return .none }
        if let known = known[id] { return known }
        guard let colon = id.firstIndex(of: ":"), colon > id.startIndex else {
            return fixed(id)
        }
        let rest = String(id[id.index(after: colon)...])
        switch id[..<colon] {
        case "prefix": return UnitFormat(prefix: rest)
        case "suffix": return fixed(rest)
        case "time": return UnitFormat(.date(pattern: rest, patternToday: rest))
        case "si": return custom(si: rest)
        case "count": return count(rest)
        case "currency": return currency(rest, isBehind: false)
        case "currencyFormat": return currency(rest, isBehind: false)
        case "bool":
            let halves = rest.split(
                separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            return UnitFormat(
                .boolean(
                    String(halves.first ?? ""), halves.count > 1 ? String(halves[1]) : "-"))
        default: return fixed(id)
        }
    }

    /// Every id that the table has.
    static var ids: [String] { known.keys.sorted() }

    static func isKnown(_ id: String) -> Bool { known[id] != nil }

    private static let known: [String: UnitFormat] = {
        var table: [String: UnitFormat] = [:]
        for (id, suffix) in UnitLists.fixed { table[id] = fixed(suffix) }
        for (id, symbol, offset) in UnitLists.decimal { table[id] = si(symbol, offset) }
        for (id, symbol, offset) in UnitLists.binary { table[id] = binary(symbol, offset) }
        for (id, symbol) in UnitLists.counts { table[id] = count(symbol) }
        for (id, symbol, isBehind) in UnitLists.currencies {
            table[id] = currency(symbol, isBehind: isBehind)
        }
        for (id, steps) in UnitLists.times {
            let zero = steps.firstIndex { $0.factor == 1 } ?? 0
            table[id] = UnitFormat(steps: steps, zeroStep: zero)
        }
        for (id, format) in UnitLists.special { table[id] = format }
        return table
    }()

    static func fixed(_ suffix: String) -> UnitFormat {
        UnitFormat(
            steps: [.init(atLeast: 0, factor: 1, suffix: suffix.isEmpty ? "" : " " + suffix)])
    }

    private static let decimalPrefixes = [
        "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y",
    ]

    /// Metric prefixes; an offset of 1 says that values come in thousands of the unit.
    static func si(_ symbol: String, _ offset: Int) -> UnitFormat {
        let base = 5 + min(max(offset, -5), 8)
        let steps = decimalPrefixes.enumerated().map { place, prefix in
            UnitFormat.Step(
                atLeast: NumberText.power(1_000, place - base),
                factor: NumberText.power(1_000, place - base), suffix: " " + prefix + symbol)
        }
        return UnitFormat(steps: steps, zeroStep: base)
    }

    private static let binaryPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]

    static func binary(_ symbol: String, _ offset: Int) -> UnitFormat {
        let base = min(max(offset, 0), 8)
        let steps = binaryPrefixes.enumerated().map { place, prefix in
            UnitFormat.Step(
                atLeast: NumberText.power(1_024, place - base),
                factor: NumberText.power(1_024, place - base), suffix: " " + prefix + symbol)
        }
        return UnitFormat(steps: steps, zeroStep: base)
    }

    /// Steps of a thousand with these endings.
    static func thousands(_ suffixes: [String]) -> [UnitFormat.Step] {
        suffixes.enumerated().map { place, suffix in
            UnitFormat.Step(
                atLeast: place == 0 ? 0 : NumberText.power(1_000, place),
                factor: NumberText.power(1_000, place), suffix: suffix)
        }
    }

    static func count(_ symbol: String) -> UnitFormat {
        UnitFormat(steps: thousands(["", "K", "M", "B", "T"].map { $0 + " " + symbol }))
    }

    static func currency(_ symbol: String, isBehind: Bool) -> UnitFormat {
        let suffixes = ["", "K", "M", "B", "T"]
        return UnitFormat(
            prefix: isBehind ? "" : symbol,
            steps: thousands(isBehind ? suffixes.map { $0 + " " + symbol } : suffixes))
    }

    /// `si:mF`: the first letter may be a prefix.
    private static func custom(si text: String) -> UnitFormat {
        if let first = text.first, let place = decimalPrefixes.firstIndex(of: String(first)) {
            return si(String(text.dropFirst()), place - 5)
        }
        return si(text, 0)
    }
}
