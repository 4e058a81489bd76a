/// A template with `$1`, `${1}`, `$name` and `${name}`, as Go's `Regexp.Expand` reads it.
///
/// A name is the longest run of letters, digits and underscores: `$1x` is `${1x}`. What is not a
/// group of the pattern becomes nothing, `$$` is a dollar, and a dollar that begins none of these
/// is itself.
package struct RegexTemplate: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text([UInt8])
        case group(Int)
        case name(String)
    }

    var parts: [Part] = []

    package init(_ template: String) {
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            add(rest[..<dollar])
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                add("$")
                rest = rest.dropFirst()
            } else if let (part, after) = Self.group(rest) {
                parts.append(part)
                rest = after
            } else {
                add("$")
            }
        }
        add(rest)
    }

    /// The text when no group stands in the template.
    package var literal: String? {
        switch parts.count {
        case 0: return ""
        case 1:
            guard case .text(let bytes) = parts[0] else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        default: return nil
        }
    }

    private mutating func add(_ text: Substring) {
        guard !text.isEmpty else { return }
        if case .text(let before)? = parts.last {
            parts[parts.count - 1] = .text(before + text.utf8)
        } else {
            parts.append(.text(Array(text.utf8)))
        }
    }

    private static func group(_ text: Substring) -> (Part, Substring)? {
        let isBraced = text.first == "{"
        let inner = isBraced ? text.dropFirst() : text
        let scalars = inner.unicodeScalars
        let end = scalars.firstIndex { !isWord($0) } ?? scalars.endIndex
        let name = inner[..<end]
        guard !name.isEmpty else { return nil }
        var rest = inner[end...]
        if isBraced {
            guard rest.first == "}" else { return nil }
            rest = rest.dropFirst()
        }
        return (part(name), rest)
    }

    /// A number below 10^8 without a zero before it is a group's number, as in Go.
    private static func part(_ name: Substring) -> Part {
        let isNumber = name.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        guard isNumber, name.utf8.count <= 8, name.utf8.count == 1 || name.utf8.first != 0x30,
            let number = Int(name)
        else { return .name(String(name)) }
        return .group(number)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic
            || scalar.properties.generalCategory == .decimalNumber
    }
}
