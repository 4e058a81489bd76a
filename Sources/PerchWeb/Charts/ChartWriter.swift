import PerchModel

/// Writes a chart for the page and its script (`client/charts.js`).
///
/// The element's `data-chart` is JSON with short names, since a page may have a hundred charts:
///
///     t      times, seconds            range   [first, last] seconds shown
///     lines  n name, v values, c colour, s style, w width, f fill, d dash, k stack, a axis,
///            p points shown, g gaps joined
///     units  {steps: [[factor, suffix]], prefix, decimals}; labels, min, max, log: one an axis
///     marks  t, e end, x words, c colour, h link
///     points t, v value, x words, c colour, h link
///     limits v, to, c colour, line, fill
///     dots   points are round; bare: no axes; alone: no shared cursor; brushY: both directions;
///            float: axes need not begin at zero
extension TimeChart {
    /// How a chart is placed.
    package struct Place: Sendable {
        /// The class of its height: ``low``, ``high``, ``fill`` or empty.
        package var size = ""
        /// What it shows, for who cannot see it.
        package var words: String
        package var showsLegend = true
        package var isBare = false
        package var isAlone = false
        package var brushesValues = false

        package init(_ words: String, size: String = "", showsLegend: Bool = true) {
            self.words = words
            self.size = size
            self.showsLegend = showsLegend
        }
    }

    /// The drawing with its legend.
    package func html(_ place: Place) -> Markup {
        group {
            tag(
                .div, .class(place.size.isEmpty ? "chart" : "chart \(place.size)"),
                .attribute("role", "img"), .label(place.words),
                .attribute("data-chart", json(place))
            ) {
                tag(.noscript) { tag(.p, .class("small")) { "Charts are drawn by a script." } }
            }
            if place.showsLegend, !lines.isEmpty { legend }
        }
    }

    /// Names with the newest value; a button shows that line alone.
    private var legend: Markup {
        tag(.ul, .class("keys")) {
            for (index, line) in lines.enumerated() {
                tag(.li) {
                    tag(
                        .button, .type("button"), .attribute("data-line", String(index)),
                        .title("Show this alone; with Ctrl, show or hide it")
                    ) {
                        Self.key(line.colour)
                        cut(line.name, 160)
                        if let last = line.values.last(where: { $0 != nil }) ?? nil {
                            tag(.b) { unit(line.axis).text(last) }
                        }
                    }
                }
            }
        }
    }

    /// The small patch of a line's colour.
    ///
    /// A colour of another's choice cannot be a class, so it is
    /// drawn as a picture.
    package static func key(_ colour: String) -> Markup {
        if let number = Int(colour) { return tag(.i, .class("c\(number % 8)"), .hidden) }
        return tag(
            .svg, .class("key-dot"), .attribute("viewBox", "0 0 12 4"), .hidden
        ) {
            tag(
                .rect, .attribute("width", "12"), .attribute("height", "4"),
                .attribute("fill", colour.hasPrefix("--") ? "var(\(colour))" : colour))
        }
    }

    package func unit(_ axis: Int) -> ChartUnit {
        axis < units.count ? units[axis] : units.first ?? .plain
    }

    private func json(_ place: Place) -> String {
        let seconds = { (nanos: Int64) in ChartJSON.number(Double(nanos) / 1e9) }
        var members = [
            "\"t\":" + ChartJSON.numbers(times),
            "\"lines\":" + ChartJSON.array(lines.map(Self.json)),
            "\"units\":" + ChartJSON.array(units.map(\.json)),
            "\"range\":[\(seconds(range.lowerBound)),\(seconds(range.upperBound))]",
        ]
        func add(_ name: String, _ items: [String], _ isUseful: Bool) {
            if isUseful { members.append("\"\(name)\":" + ChartJSON.array(items)) }
        }
        add("labels", axisLabels.map { $0.map(ChartJSON.string) ?? "null" }, !axisLabels.isEmpty)
        add("min", minimums.map(ChartJSON.number), minimums.contains { $0 != nil })
        add("max", maximums.map(ChartJSON.number), maximums.contains { $0 != nil })
        add(
            "log", logarithms.map { $0.map(String.init) ?? "null" },
            logarithms.contains { $0 != nil })
        let marks = marks.map { mark in
            ChartJSON.object([
                ("t", seconds(mark.timeNanos)), ("e", mark.endNanos.map(seconds)),
                ("x", ChartJSON.string(mark.words)), ("c", ChartJSON.string(mark.colour)),
                ("h", mark.link.map { ChartJSON.string($0.text) }),
            ])
        }
        add("marks", marks, !marks.isEmpty)
        let points = points.map { point in
            ChartJSON.object([
                ("t", seconds(point.timeNanos)), ("v", ChartJSON.number(point.value)),
                ("x", ChartJSON.string(point.words)), ("c", point.colour.map(ChartJSON.string)),
                ("h", point.link.map { ChartJSON.string($0.text) }),
            ])
        }
        add("points", points, !points.isEmpty)
        let limits = thresholds.filter { $0.value.isFinite }.map { threshold in
            ChartJSON.object([
                ("v", ChartJSON.number(threshold.value)),
                ("to", threshold.upTo.map(ChartJSON.number)),
                ("c", ChartJSON.string(threshold.colour)),
                ("line", threshold.hasLine ? nil : "false"),
                ("fill", threshold.hasArea ? "true" : nil),
            ])
        }
        add("limits", limits, !limits.isEmpty)
        for (name, isSet) in [
            ("dots", isScatter), ("bare", place.isBare), ("alone", place.isAlone),
            ("brushY", place.brushesValues), ("float", floats),
        ] where isSet {
            members.append("\"\(name)\":true")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func json(_ line: Line) -> String {
        ChartJSON.object([
            ("n", ChartJSON.string(line.name)), ("c", ChartJSON.string(line.colour)),
            ("s", line.style == .line ? nil : "\"\(line.style.rawValue)\""),
            ("w", line.width.map(ChartJSON.number)),
            ("f", line.fill > 0 ? ChartJSON.number(line.fill) : nil),
            ("d", line.dash.isEmpty ? nil : ChartJSON.numbers(line.dash)),
            ("k", line.stack.map(ChartJSON.string)), ("a", line.axis == 0 ? nil : "1"),
            ("p", line.showsPoints.map(String.init)), ("g", line.joinsGaps ? "true" : nil),
            ("v", ChartJSON.numbers(line.values)),
        ])
    }
}

extension ChartUnit {
    fileprivate var json: String {
        ChartJSON.object([
            (
                "steps",
                ChartJSON.array(
                    steps.map { "[\(ChartJSON.number($0.factor)),\(ChartJSON.string($0.suffix))]" })
            ),
            ("prefix", prefix.isEmpty ? nil : ChartJSON.string(prefix)),
            ("decimals", decimals.map(String.init)),
        ])
    }
}
