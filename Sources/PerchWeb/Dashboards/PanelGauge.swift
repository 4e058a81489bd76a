import PerchDashboards

/// Values against their ranges: arcs, or bars.
struct PanelGauge {
    var gauge: GaugeContent

    private static let arc = "M 12 62 A 50 50 0 0 1 112 62"

    var html: Markup {
        tag(.div, .class("stats")) {
            for item in gauge.items {
                tag(.div, .class("stat"), .title("\(item.min.text) to \(item.max.text)")) {
                    picture(item)
                    if gauge.showsNames { tag(.span, .class("name")) { cut(item.name, 120) } }
                }
            }
        }
    }

    private func picture(_ item: GaugeContent.Item) -> Markup {
        tag(
            .svg, .class("value"), .attribute("viewBox", "0 0 124 70"), .attribute("role", "img"),
            .label("\(item.name): \(item.value.text)")
        ) {
            stroke("var(--sunken)", from: 0, share: 1, width: 12)
            stroke(PanelView.paint(item.value.colour), from: 0, share: item.share, width: 12)
            if gauge.showsThresholdMarkers {
                for (place, step) in item.thresholds.enumerated() {
                    let end =
                        place + 1 < item.thresholds.count ? item.thresholds[place + 1].share : 1
                    stroke(
                        PanelView.paint(step.colour), from: step.share, share: end - step.share,
                        width: 3, isOuter: true)
                }
            }
            tag(
                .text, .number("x", 62), .number("y", 58), .attribute("text-anchor", "middle"),
                .attribute("font-size", item.value.text.count > 8 ? "13" : "18"),
                .attribute("font-weight", "600"),
                .attribute("fill", PanelView.paint(item.value.colour))
            ) { cut(item.value.text, 24) }
        }
    }

    /// A part of the arc, whose length counts as 100.
    private func stroke(
        _ colour: String, from: Double, share: Double, width: Double, isOuter: Bool = false
    ) -> Markup {
        guard share > 0 else { return .empty }
        return tag(
            .path, .attribute("d", isOuter ? "M 3 62 A 59 59 0 0 1 121 62" : Self.arc),
            .attribute("pathLength", "100"), .attribute("fill", "none"),
            .attribute("stroke", colour), .number("stroke-width", width),
            .attribute("stroke-dasharray", "\(ChartJSON.number(share * 100)) 200"),
            .attribute("stroke-dashoffset", ChartJSON.number(-from * 100)))
    }

    var bars: Markup {
        tag(.div, .class("meters")) {
            for item in gauge.items {
                PanelMeter(
                    name: item.name, value: gauge.valueForm == .hidden ? "" : item.value.text,
                    share: item.share, colour: item.value.colour, links: item.links,
                    form: gauge.form, scale: item.scale,
                    isValueColoured: gauge.valueForm == .coloured
                ).html
            }
        }
    }
}

/// A row with a bar.
struct PanelMeter {
    var name: String
    var value: String
    var share: Double
    var colour: Colour?
    var links: [PanelLink] = []
    var form = BarForm.basic
    var scale: [Colour?] = []
    var isValueColoured = false

    var html: Markup {
        tag(.div, .class("row")) {
            tag(.span, .class("name"), .title(name)) {
                if let link = links.first {
                    PanelView.link(link, cut(name, 120))
                } else {
                    cut(name, 120)
                }
            }
            PanelBar(share: share, colour: colour, form: form, scale: scale).html
            tag(.b, isValueColoured ? .ink(colour) : nil) { value }
        }
    }
}
