/// Colours that go over into each other, for `continuous-…` and heatmaps.
package enum ColourScale {
    /// The names of the stops of a mode; nil for a mode that is no scale.
    private static func stops(_ mode: String) -> [String]? {
        switch mode {
        case "continuous-GrYlRd", "scheme-RdYlGn-reverse": ["green", "yellow", "red"]
        case "continuous-RdYlGr": ["red", "yellow", "green"]
        case "continuous-BlYlRd": ["blue", "yellow", "red"]
        case "continuous-YlRd": ["light-yellow", "red"]
        case "continuous-BlPu": ["blue", "purple"]
        case "continuous-YlBl": ["light-yellow", "blue"]
        case "continuous-blues": ["super-light-blue", "dark-blue"]
        case "continuous-reds": ["super-light-red", "dark-red"]
        case "continuous-greens": ["super-light-green", "dark-green"]
        case "continuous-purples": ["super-light-purple", "dark-purple"]
        default: mode.hasPrefix("continuous-") ? ["green", "yellow", "red"] : nil
        }
    }

    package static func isScale(_ mode: String) -> Bool { stops(mode) != nil }

    /// The colour at a share from 0 to 1.
    package static func colour(_ mode: String, at share: Double) -> Colour? {
        guard let names = stops(mode) else { return nil }
        let colours = names.compactMap(Palette.colour)
        guard let first = colours.first, let last = colours.last else { return nil }
        let place = (share.isNaN ? 0 : min(max(share, 0), 1)) * Double(colours.count - 1)
        let index = Int(place)
        guard index < colours.count - 1 else { return colours.count == 1 ? first : last }
        let part = place - Double(index)
        return Colour(
            light: mix(colours[index].light, colours[index + 1].light, part),
            dark: mix(colours[index].dark, colours[index + 1].dark, part))
    }

    private static func mix(_ left: String, _ right: String, _ part: Double) -> String {
        let a = bytes(left)
        let b = bytes(right)
        var result = "#"
        for (x, y) in zip(a, b) {
            let value = UInt8(min(max(x + (y - x) * part, 0), 255).rounded())
            let digits = String(value, radix: 16)
            result += digits.count == 1 ? "0" + digits : digits
        }
        return result
    }

    private static func bytes(_ hex: String) -> [Double] {
        let digits = hex.dropFirst().compactMap(\.hexDigitValue)
        return stride(from: 0, to: min(digits.count, 6) / 2 * 2, by: 2).map {
            Double(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
