/// Writes terms of the search language, for links that narrow a search.
package enum SearchText {
    /// The text of a term that finds `value` in `field`.
    package static func term(_ field: String, _ value: String) -> String {
        "\(name(field)):\(quoted(value))"
    }

    /// A field's name, in quotes where the language needs them.
    package static func name(_ field: String) -> String {
        let isPlain =
            field.first.map { $0.isLetter || $0 == "_" || $0 == "@" } ?? false
            && field.allSatisfy { $0.isLetter || $0.isNumber || "_.-/@".contains($0) }
        return isPlain ? field : quoted(field)
    }

    /// A regular expression in quotes for texts that begin so, in either letter case.
    package static func quotedPrefix(_ prefix: String) -> String {
        quoted("(?i)^" + SearchPattern.source(prefix, hasStars: false))
    }

    /// `value` in quotes where the language needs them.
    package static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty && Double(value) == nil && !value.contains("..")
            && value.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
        guard !isPlain else { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
