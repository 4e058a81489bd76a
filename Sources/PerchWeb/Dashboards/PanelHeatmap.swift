import PerchDashboards

/// Counts by time and bucket as colours.
struct PanelHeatmap {
    var heatmap: HeatmapContent
    var frame: Frame

    var html: Markup {
        let columns = heatmap.times.count
        let rows = heatmap.buckets.count
        return group {
            tag(.div, .class("heat")) {
                tag(.ol) {
                    // As many names as there is room for.
                    let every = max(1, (rows + 11) / 12)
                    for (place, bucket) in heatmap.buckets.enumerated() where place % every == 0 {
                        tag(.li) { cut(bucket.label, 24) }
                    }
                }
                tag(
                    .svg, .attribute("viewBox", "0 0 \(max(columns, 1)) \(max(rows, 1))"),
                    .stretched,
                    .attribute("shape-rendering", "crispEdges"), .attribute("role", "img"),
                    .label(
                        "\(rows) buckets over time, at most \(ChartJSON.number(heatmap.greatest)) in one"
                    )
                ) { MarkupBuilder.join(paths) }
            }
            PanelScale(from: heatmap.times.first, to: heatmap.times.last, frame: frame).html
        }
    }

    /// One path a colour, since cells may be thousands.
    private var paths: [Markup] {
        guard heatmap.greatest > 0, !heatmap.colours.isEmpty else { return [] }
        var shapes = [String](repeating: "", count: heatmap.colours.count)
        let rows = heatmap.buckets.count
        for (row, counts) in heatmap.counts.enumerated() {
            for (column, value) in counts.enumerated() where value > 0 && value.isFinite {
                let share = (value / heatmap.greatest).squareRoot()
                let place = min(Int(share * Double(shapes.count)), shapes.count - 1)
                let y = heatmap.isReversed ? row : rows - 1 - row
                shapes[place] += "M\(column) \(y)h1v1h-1z"
            }
        }
        return shapes.indices.filter { !shapes[$0].isEmpty }.map { place in
            // Few are faint, on light pages and on dark ones.
            let opacity = 0.14 + 0.86 * Double(place + 1) / Double(shapes.count)
            return tag(
                .path, .attribute("d", shapes[place]), .fill(heatmap.colours[place]),
                .number("fill-opacity", opacity))
        }
    }
}

/// The times at both ends of a picture.
struct PanelScale {
    var from: Int64?
    var to: Int64?
    var frame: Frame

    var html: Markup {
        tag(.div, .class("scale-x")) {
            for millis in [from, to].compactMap({ $0 }) {
                let instant = Instant(
                    nanos: millis.multipliedReportingOverflow(by: 1_000_000).partialValue)
                tag(.time, .attribute("datetime", instant.iso)) { instant.plain }
            }
        }
    }
}

/// States over time, a lane each.
struct PanelTimeline {
    var timeline: StateTimelineContent
    var frame: Frame

    var html: Markup {
        let from = timeline.range.fromMillis
        let length = Double(max(timeline.range.toMillis &- from, 1))
        return group {
            tag(.div, .class("lanes")) {
                for lane in timeline.lanes {
                    tag(.div, .class("row")) {
                        tag(.span, .class("name"), .title(lane.name)) { cut(lane.name, 120) }
                        tag(
                            .svg, .attribute("viewBox", "0 0 1000 10"), .stretched,
                            .attribute("role", "img"), .label(Self.words(lane))
                        ) {
                            for segment in lane.segments.prefix(Limits.laneSegmentsMax) {
                                let start = Double(segment.fromMillis &- from) / length * 1_000
                                let end = Double(segment.toMillis &- from) / length * 1_000
                                tag(
                                    .rect, .number("x", start),
                                    .number("width", max(end - start, 1)), .number("height", 10),
                                    .fill(segment.state.colour)
                                ) { tag(.title) { segment.state.text } }
                            }
                        }
                    }
                }
            }
            PanelScale(from: from, to: timeline.range.toMillis, frame: frame).html
            if !timeline.legend.isEmpty {
                tag(.ul, .class("keys")) {
                    for state in timeline.legend {
                        tag(.li) {
                            TimeChart.key(PanelView.pen(state.colour))
                            cut(state.text, 80)
                        }
                    }
                }
            }
        }
    }

    private static func words(_ lane: StateTimelineContent.Lane) -> String {
        "\(lane.name): now \(lane.segments.last?.state.text ?? "nothing")"
    }
}
