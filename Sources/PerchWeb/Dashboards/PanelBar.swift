import PerchDashboards

/// A bar from nothing to a share of its place.
struct PanelBar {
    var share: Double
    var colour: Colour?
    var form = BarForm.basic
    /// Of equal steps, for forms of several colours.
    var scale: [Colour?] = []
    var size = ""

    private static let height = 8.0

    var html: Markup {
        tag(
            .svg, size.isEmpty ? nil : .class(size), .attribute("viewBox", "0 0 100 8"), .stretched,
            .hidden
        ) {
            if form == .basic || scale.isEmpty {
                rectangle(0, share * 100, colour)
            } else if form == .lcd {
                lamps
            } else {
                shades
            }
        }
    }

    /// Each step is lit in its colour, or faint.
    private var lamps: Markup {
        let width = 100 / Double(scale.count)
        return group {
            for (place, colour) in scale.enumerated() {
                let isLit = (Double(place) + 0.5) / Double(scale.count) <= share
                rectangle(
                    Double(place) * width, width * 0.78, colour, opacity: isLit ? 1 : 0.14)
            }
        }
    }

    /// The colours on the way to the end, faint at first.
    private var shades: Markup {
        let width = 100 / Double(scale.count)
        let end = share * 100
        return group {
            for (place, colour) in scale.enumerated() where Double(place) * width < end {
                let start = Double(place) * width
                let part = (start + width) / max(end, width)
                rectangle(
                    start, min(width, end - start), colour, opacity: 0.35 + 0.65 * min(part, 1))
            }
        }
    }

    private func rectangle(
        _ start: Double, _ width: Double, _ colour: Colour?, opacity: Double = 1
    ) -> Markup {
        tag(
            .rect, start > 0 ? .number("x", start) : nil, .number("width", max(width, 0)),
            .number("height", Self.height), .fill(colour),
            opacity < 1 ? .number("fill-opacity", opacity) : nil)
    }
}
