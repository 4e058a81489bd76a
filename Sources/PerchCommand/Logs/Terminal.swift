import Foundation

/// What a terminal can show.
enum Terminal {
    enum Colour: String {
        case red = "31"
        case yellow = "33"
        case green = "32"
        case cyan = "36"
        case grey = "90"
        case bold = "1"
    }

    /// Whether standard output is a terminal whose user wants colours.
    static var hasColor: Bool {
        isatty(FileHandle.standardOutput.fileDescriptor) == 1
            && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
    }

    static func paint(_ text: String, _ colour: Colour?, _ hasColor: Bool) -> String {
        guard let colour, hasColor else { return text }
        return "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m"
    }

    /// Text from outside without what would steer the terminal.
    static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0a: result += "\n    "
            case 0x09: result += "    "
            case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069: result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The width of a column for its texts.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Nanoseconds as people read them.
    static func duration(_ nanos: Double) -> String {
        let (value, unit) =
            switch abs(nanos) {
            case ..<1e3: (nanos, "ns")
            case ..<1e6: (nanos / 1e3, "µs")
            case ..<1e9: (nanos / 1e6, "ms")
            default: (nanos / 1e9, "s")
            }
        let digits = abs(value) < 10 ? 2 : abs(value) < 100 ? 1 : 0
        let style = FloatingPointFormatStyle<Double>.number.precision(.fractionLength(0...digits))
            .grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
        return "\(value.formatted(style)) \(unit)"
    }
}
