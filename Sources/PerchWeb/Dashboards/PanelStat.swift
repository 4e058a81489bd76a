import PerchDashboards

/// Large numbers: pictures, so that they grow with the panel.
struct PanelStat {
    var stat: StatContent

    var html: Markup {
        tag(.div, .class(stat.isHorizontal == true ? "stats down" : "stats")) {
            for item in stat.items { one(item) }
        }
    }

    private func one(_ item: StatContent.Item) -> Markup {
        let showsName = stat.words == .valueAndName || stat.words == .name
        let inside = group {
            if stat.colourUse == .background { ground(item.value.colour) }
            sparkline(item)
            if stat.words == .name {
                Self.number(item.name, stat.colourUse == .none ? nil : item.value.colour)
            } else if stat.words != .none {
                Self.number(item.value.text, stat.colourUse == .none ? nil : item.value.colour)
            }
            if showsName, stat.words != .name {
                tag(.span, .class("name"), .title(item.name)) { cut(item.name, 120) }
            }
        }
        if let link = item.links.first, case .address(let address) = link.target,
            let local = LocalPath(address)
        {
            return tag(.a, .class("stat"), .href(local.link), .title(link.title)) { inside }
        }
        return tag(.div, .class("stat")) { inside }
    }

    /// Text as wide as its place.
    static func number(_ text: String, _ colour: Colour?) -> Markup {
        let shown = cut(text, 80)
        // Few digits are not larger than many, so that numbers beside each other look alike.
        let width = max(118, Double(shown.count) * 14 + 12)
        return tag(
            .svg, .class("value"), .attribute("viewBox", "0 0 \(ChartJSON.number(width)) 30"),
            .attribute("role", "img"), .label(shown)
        ) {
            tag(
                .text, .number("x", width / 2), .number("y", 22),
                .attribute("text-anchor", "middle"),
                .attribute("font-size", "20"), .attribute("font-weight", "600"),
                .attribute("fill", colour == nil ? "var(--ink)" : PanelView.paint(colour))
            ) { shown }
        }
    }

    private func ground(_ colour: Colour?) -> Markup {
        tag(
            .svg, .class("ground"), .attribute("viewBox", "0 0 1 1"), .stretched, .hidden
        ) {
            tag(
                .rect, .number("width", 1), .number("height", 1), .fill(colour),
                .attribute("fill-opacity", "0.16"))
        }
    }

    private func sparkline(_ item: StatContent.Item) -> Markup {
        PanelSparkline(
            values: item.values, colour: item.value.colour, size: "trend", opacity: 0.4
        ).html
    }
}

/// A line without axes.
struct PanelSparkline {
    /// NaN where there is none.
    var values: [Double]
    var colour: Colour?
    var size: String
    var opacity = 1.0

    var html: Markup {
        let present = values.enumerated().filter { $0.element.isFinite }
        guard present.count > 1, let low = present.map(\.element).min(),
            let high = present.map(\.element).max()
        else { return .empty }
        let last = Double(max(values.count - 1, 1))
        // Halves, where the distance itself is too large for a number.
        let scale = (high - low).isFinite ? 1 : 0.5
        let (bottom, height) = (low * scale, high * scale - low * scale)
        let points = Self.thinned(present).map { place, value in
            let y = high > low ? 28 - (value * scale - bottom) / height * 26 : 15
            return "\(ChartJSON.number(Double(place) / last * 100)),\(ChartJSON.number(y))"
        }
        return tag(
            .svg, .class(size), .attribute("viewBox", "0 0 100 30"), .stretched, .hidden
        ) {
            tag(
                .polyline, .attribute("points", points.joined(separator: " ")),
                .attribute("fill", "none"), .attribute("stroke", PanelView.paint(colour)),
                .attribute("stroke-width", "1.5"), .number("stroke-opacity", opacity),
                .attribute("vector-effect", "non-scaling-stroke"))
        }
    }

    /// Every nth, so that there are few enough, and the last.
    private static func thinned<Point>(_ points: [Point]) -> [Point] {
        let most = Limits.sparklinePointsMax
        guard points.count > most else { return points }
        let step = (points.count + most - 2) / (most - 1)
        return points.enumerated().filter { place, _ in
            place % step == 0 || place == points.count - 1
        }.map(\.element)
    }
}
