/// A colour for pages of light and of dark ground.
///
/// What a file gives as a number is the same on both; what it names is readable on both.
package struct Colour: Sendable, Hashable {
    package var light: String
    package var dark: String
    /// The name of the page's token that has both, as `--k-red`; nil for a colour of the file's own.
    package var token: String?

    package init(light: String, dark: String, token: String? = nil) {
        self.light = light
        self.dark = dark
        self.token = token
    }

    package init(hex: String) {
        light = hex
        dark = hex
    }
}

/// The colours that Grafana's files name, in shades of our own, and those of series.
package enum Palette {
    private static let table: [(name: String, light: String, dark: String)] = [
        ("dark-red", "#951520", "#e33b49"),
        ("semi-dark-red", "#af1926", "#e85d69"),
        ("red", "#cd1d2c", "#ec7c85"),
        ("light-red", "#df2130", "#f19ea5"),
        ("super-light-red", "#e33b49", "#f6c1c6"),
        ("dark-orange", "#7b370a", "#ca5b10"),
        ("semi-dark-orange", "#92420c", "#e46612"),
        ("orange", "#ab4d0e", "#ef8036"),
        ("light-orange", "#bb540f", "#f3a26c"),
        ("super-light-orange", "#ca5b10", "#f7c4a2"),
        ("dark-yellow", "#5e4806", "#9b760a"),
        ("semi-dark-yellow", "#705507", "#ae860b"),
        ("yellow", "#836408", "#c5970d"),
        ("light-yellow", "#8f6e09", "#e2ad0e"),
        ("super-light-yellow", "#9b760a", "#f4ca4d"),
        ("dark-green", "#1c552f", "#2f8c4e"),
        ("semi-dark-green", "#226538", "#359e58"),
        ("green", "#287742", "#3cb363"),
        ("light-green", "#2b8248", "#5ec982"),
        ("super-light-green", "#2f8c4e", "#9addb1"),
        ("dark-blue", "#124992", "#297ae4"),
        ("semi-dark-blue", "#1557ad", "#468ce8"),
        ("blue", "#1966cb", "#66a0ec"),
        ("light-blue", "#1b70de", "#8cb8f1"),
        ("super-light-blue", "#297ae4", "#b5d1f6"),
        ("dark-purple", "#6b2b95", "#a25dd0"),
        ("semi-dark-purple", "#7e33b0", "#ae72d6"),
        ("purple", "#9241c8", "#bc8add"),
        ("light-purple", "#9a50cc", "#cca7e5"),
        ("super-light-purple", "#a25dd0", "#dec6ee"),
        ("gray", "#6b6f76", "#a2a7af"),
        ("grey", "#6b6f76", "#a2a7af"),
        ("text", "#22252b", "#e6e8ec"),
        ("white", "#8a8f98", "#ffffff"),
        ("black", "#000000", "#8a8f98"),
        ("transparent", "#00000000", "#00000000"),
        ("panel-bg", "#00000000", "#00000000"),
    ]

    private static let named: [String: Colour] = Dictionary(
        table.map {
            ($0.name, Colour(light: $0.light, dark: $0.dark, token: "--k-" + $0.name))
        },
        uniquingKeysWith: { first, _ in first })

    /// The names that are known.
    package static var names: [String] { table.map(\.name) }

    /// A colour by name, `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` or `rgba(…)`; nil for anything else.
    package static func colour(_ text: String) -> Colour? {
        let trimmed = text.trimmed
        if let known = named[trimmed] { return known }
        if trimmed.hasPrefix("#") { return hex(trimmed) }
        if trimmed.hasPrefix("rgb") { return function(trimmed) }
        return nil
    }

    /// What a file does not colour.
    package static let neutral = Colour(light: "#6b6f76", dark: "#a2a7af", token: "--k-gray")

    private static func hex(_ text: String) -> Colour? {
        let digits = text.dropFirst().lowercased()
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        switch digits.count {
        case 3, 4: return Colour(hex: "#" + digits.map { "\($0)\($0)" }.joined())
        case 6, 8: return Colour(hex: "#" + digits)
        default: return nil
        }
    }

    private static func function(_ text: String) -> Colour? {
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
        let parts = text[text.index(after: open)...].dropLast()
            .split { $0 == "," || $0 == " " || $0 == "/" }.map(String.init)
        guard parts.count == 3 || parts.count == 4 else { return nil }
        var result = "#"
        for (place, part) in parts.enumerated() {
            guard let number = Double(part.hasSuffix("%") ? String(part.dropLast()) : part),
                number.isFinite
            else { return nil }
            let scaled = place == 3 ? number * (part.hasSuffix("%") ? 2.55 : 255) : number
            let byte = UInt8(min(max(scaled.rounded(), 0), 255))
            let digits = String(byte, radix: 16)
            result += digits.count == 1 ? "0" + digits : digits
        }
        return Colour(hex: result)
    }

    // MARK: - Series

    /// The colour of a series by its place; the same place has the same colour on every page.
    package static func series(_ index: Int) -> Colour {
        let place = Int(UInt(bitPattern: index) % UInt(seriesTable.count))
        let entry = seriesTable[place]
        return Colour(light: entry.light, dark: entry.dark, token: "--k-s\(place)")
    }

    /// How many colours of series there are before they begin again.
    package static var seriesCount: Int { seriesTable.count }

    /// The colour of a series by its name.
    package static func series(named name: String) -> Colour {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return series(Int(truncatingIfNeeded: hash % UInt64(seriesTable.count)))
    }

    private static let seriesTable: [(light: String, dark: String)] = [
        ("#1966cb", "#66a0ec"),
        ("#ab4d0e", "#ef8036"),
        ("#22774d", "#34b273"),
        ("#c3295d", "#e47ea0"),
        ("#9241c8", "#bc8add"),
        ("#137386", "#1dacc9"),
        ("#7e6608", "#bd9a0c"),
        ("#cb2424", "#e87f7f"),
        ("#317731", "#49b349"),
        ("#4e5ada", "#9097e7"),
        ("#ac3999", "#d581c7"),
        ("#1d7569", "#2cb09e"),
        ("#8b6023", "#ce923d"),
        ("#527226", "#7cac39"),
        ("#7154c6", "#a593db"),
        ("#406e85", "#74a4bc"),
        ("#134e9b", "#97bef2"),
        ("#833b0b", "#f4ab7b"),
        ("#1a5b3b", "#5fd098"),
        ("#962047", "#eda9bf"),
        ("#722e9f", "#d1afe8"),
        ("#0f5866", "#4acbe5"),
        ("#604e06", "#e1b70e"),
        ("#9c1c1c", "#f0aaaa"),
        ("#255b25", "#84cd84"),
        ("#2c39cf", "#b3b8ef"),
        ("#842c75", "#e3aad9"),
        ("#165a51", "#43d0bd"),
        ("#6b491b", "#deb57b"),
        ("#3f571d", "#9dca5f"),
        ("#563aad", "#c1b5e6"),
        ("#315466", "#a0c1d1"),
        ("#1d73e3", "#3381e6"),
        ("#c05610", "#d35f11"),
        ("#278556", "#2b925e"),
        ("#d5386c", "#da4f7d"),
        ("#9d54cd", "#a664d2"),
        ("#158196", "#188da5"),
        ("#8e7309", "#9b7e0a"),
        ("#db3636", "#e04f4f"),
        ("#378637", "#3c933c"),
        ("#606add", "#6e77e0"),
        ("#c042ab", "#c756b4"),
        ("#218376", "#249082"),
        ("#9d6c27", "#ac762b"),
        ("#5d802b", "#668d2f"),
        ("#7e64cb", "#8a72d0"),
        ("#487c96", "#4f88a5"),
    ]
}
