/// The spans of a trace as boxes: time goes to the right, callees below their callers.
struct TraceFlame {
    var page: TracePage

    var html: Markup {
        let spans = page.trace.spans
        let lanes = page.shape.lanes(spans, under: page.top, lanesMax: Limits.traceLanesMax)
        let (start, whole) = page.times
        // The longest are drawn: the others would be thinner than a pixel.
        let drawn = lanes.keys.sorted { left, right in
            (spans[right].durationNanos, left) < (spans[left].durationNanos, right)
        }.prefix(Limits.traceFlameMax)
        let rows = (drawn.compactMap { lanes[$0] }.max() ?? 0) + 1
        return group {
            let count = page.top.map { page.shape.descendantCount($0) + 1 } ?? spans.count
            if drawn.count < count {
                notices([
                    "The \(Units.count(drawn.count)) longest of \(Units.count(count)) spans are "
                        + "drawn."
                ])
            }
            tag(.section, .class("card flame"), .label("Spans as boxes")) {
                tag(.div, .class("ticks"), .hidden) {
                    for quarter in 0...4 {
                        tag(.span) { Units.duration(whole * Double(quarter) / 4) }
                    }
                }
                tag(
                    .svg, .attribute("width", "100%"), .attribute("height", String(rows * 22)),
                    .attribute("role", "group"), .label("Spans; each opens what is under it")
                ) {
                    for index in drawn.sorted() {
                        if let lane = lanes[index] { box(index, lane, start, whole) }
                    }
                }
            }
        }
    }

    private func box(_ index: Int, _ lane: Int, _ start: Int64, _ whole: Double) -> Markup {
        let span = page.trace.spans[index]
        let x = max(0, (Double(span.startNanos) - Double(start)) / whole * 100)
        let width = max(0.08, Double(max(0, span.durationNanos)) / whole * 100)
        let words =
            "\(cut(span.name, 120)) · \(cut(span.service, 80)) · "
            + Units.duration(Double(span.durationNanos)) + (span.isError ? " · error" : "")
        let isCritical = page.path.stretches[index] != nil
        return tag(.a, .href(page.focus(index)), .label(words)) {
            tag(.title) { words }
            tag(
                .svg, .attribute("x", Units.fixed(min(100, x), 3) + "%"),
                .attribute("y", String(lane * 22)),
                .attribute("width", Units.fixed(min(100, width), 3) + "%"),
                .attribute("height", "21")
            ) {
                tag(
                    .rect, .class(span.isError ? "bad" : colour(of: span.service)),
                    .attribute("width", "100%"), .attribute("height", isCritical ? "18" : "21"))
                if isCritical {
                    tag(
                        .rect, .class("critical"), .attribute("y", "18"),
                        .attribute("width", "100%"), .attribute("height", "3"))
                }
                if width > 4 {
                    tag(.text, .attribute("x", "4"), .attribute("y", "14")) { cut(span.name, 80) }
                }
            }
        }
    }
}

/// A small picture of a whole trace.
struct TraceMap {
    var page: TracePage

    var html: Markup {
        let spans = page.trace.spans
        let lanes = page.shape.lanes(spans, under: nil, lanesMax: 40)
        let start = Double(page.trace.startNanos)
        let whole = max(1, Double(page.trace.endNanos) - start)
        // Lines of one colour in one path; what would fall upon the same pixels is drawn once.
        var paths: [String: String] = [:]
        var seen: Set<String> = []
        let order = lanes.keys.sorted { left, right in
            (spans[right].durationNanos, left) < (spans[left].durationNanos, right)
        }
        for index in order where seen.count < Limits.traceMapMax {
            let x = (Double(spans[index].startNanos) - start) / whole * 1_000
            let width = max(1, Double(max(0, spans[index].durationNanos)) / whole * 1_000)
            let name = spans[index].isError ? "bad" : colour(of: spans[index].service)
            let step = "M\(Units.fixed(max(0, min(999, x)), 0)) \((lanes[index] ?? 0) * 2 + 1)h"
            guard seen.insert(name + step).inserted else { continue }
            paths[name, default: ""] += step + Units.fixed(min(1_000, width), 0)
        }
        let rows = (lanes.values.max() ?? 0) + 1
        return tag(
            .svg, .class("trace-map card"), .attribute("viewBox", "0 0 1000 \(rows * 2)"),
            .attribute("preserveAspectRatio", "none"), .attribute("role", "img"),
            .label("The whole trace, small")
        ) {
            if let top = page.top {
                let span = spans[top]
                let x = (Double(span.startNanos) - start) / whole * 1_000
                let width = max(4, Double(max(0, span.durationNanos)) / whole * 1_000)
                tag(
                    .rect, .class("here"), .attribute("x", Units.fixed(max(0, x), 1)),
                    .attribute("width", Units.fixed(width, 1)),
                    .attribute("height", String(rows * 2)))
            }
            for (name, path) in paths.sorted(by: { $0.key < $1.key }) {
                tag(
                    .path, .class(name), .attribute("d", path),
                    .attribute("vector-effect", "non-scaling-stroke"))
            }
        }
    }
}
