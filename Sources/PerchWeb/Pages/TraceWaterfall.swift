/// The spans of a trace as rows, each under its parent, with a bar where it ran.
///
/// Scripts fold what is under a span, and walk with the arrow keys.
struct TraceWaterfall {
    var page: TracePage
    private let selection: TraceSelection
    private let start: Int64
    private let whole: Double

    init(page: TracePage) {
        self.page = page
        (start, whole) = page.times
        let spans = page.trace.spans
        let errors = spans.indices.filter { spans[$0].isError }
            .sorted { (spans[$1].depth, $0) < (spans[$0].depth, $1) }
        selection = TraceSelection(
            spans, page.shape, top: page.top, skip: page.state.skip,
            first: page.around + errors.prefix(Limits.traceRowsMax / 4) + page.path.spans,
            countMax: Limits.traceRowsMax)
    }

    func html(_ frame: Frame) -> Markup {
        group {
            if !selection.hidden.isEmpty || hasMore || page.state.skip > 0 {
                notices([
                    "\(Units.count(selection.shown.count)) of "
                        + "\(Units.count(page.trace.spans.count)) spans stand here: those nearest to "
                        + "the top, errors and the critical path. The others open from these."
                ])
            }
            tag(.section, .class("waterfall card"), .label("Spans over time")) {
                tag(.h2, .class("visually-hidden")) { "Spans" }
                ruler
                for index in selection.shown { row(index, frame) }
                if hasMore { more }
            }
            tag(.p, .class("small faint")) {
                tag(.span, .class("critical-key"), .hidden)
                " The line below a bar is the critical path: time that the trace waited for this "
                "span itself."
            }
        }
    }

    private var ruler: Markup {
        tag(.div, .class("ruler"), .hidden) {
            tag(.span) { "Span" }
            tag(.div, .class("ticks")) {
                for quarter in 0...4 {
                    tag(.span) { Units.duration(whole * Double(quarter) / 4) }
                }
            }
        }
    }

    private var starts: [Int] { page.top.map { page.shape.children[$0] } ?? page.shape.tops }
    private var hasMore: Bool { selection.passed < starts.count }

    private var more: Markup {
        let count = starts.count - selection.passed
        let link = page.state.with { $0.skip = selection.passed }.link(page.trace.id)
        return tag(.p, .class("end")) {
            tag(.a, .class("button"), .href(link)) {
                "The next of \(Units.count(count)) further spans"
            }
        }
    }

    private func row(_ index: Int, _ frame: Frame) -> Markup {
        let span = page.trace.spans[index]
        let depth = span.depth - (page.top.map { page.trace.spans[$0].depth } ?? 0)
        return tag(
            .details,
            .class(
                (span.isError ? "span error" : "span") + (index == page.sought ? " here" : "")),
            .id(page.anchor(span)),
            .attribute("data-depth", String(depth))
        ) {
            tag(.summary) {
                tag(.span, .class("span-name d\(min(depth, 12))")) {
                    tag(.span, .class("dot \(colour(of: span.service))"), .hidden)
                    tag(.span, .class("name"), .title(cut(span.name))) {
                        cut(span.name.isEmpty ? "(no name)" : span.name)
                    }
                    if span.isError { tag(.span, .class("badge bad")) { "error" } }
                    if let badge = page.slowness(span) { badge }
                    tag(.span, .class("faint")) { span.service }
                }
                bar(index, span)
            }
            if page.trace.spans.count <= Limits.traceInlineMax {
                SpanDetails(
                    traceID: page.trace.id, span: span, traceStart: page.trace.startNanos,
                    usual: page.usual[TraceOperation(service: span.service, name: span.name)],
                    logs: page.trace.logs.filter { $0.spanID == span.id }
                ).html(frame)
            } else {
                later(span)
            }
            if let count = selection.hidden[index] {
                tag(.p, .class("record small")) {
                    tag(.a, .href(page.focus(index))) { "Show \(Units.count(count)) spans below" }
                }
            }
        }
    }

    /// Details that a script fetches when they are looked at.
    private func later(_ span: SpanRow) -> Markup {
        let link = SpanPage.link(page.trace.id, span.id)
        return tag(
            .div, .class("record span-later"), Fragment.get(link),
            Fragment.trigger("toggle from:closest details once"),
            .attribute("hx-select", "#span"), .attribute("hx-swap", "outerHTML"),
            .attribute("hx-target", "this")
        ) {
            tag(.a, .href(link)) { "Details of this span" }
        }
    }

    private func bar(_ index: Int, _ span: SpanRow) -> Markup {
        let words = Units.duration(Double(span.durationNanos))
        let from = share(span.startNanos)
        let width = max(0.25, Double(max(0, span.durationNanos)) / whole * 100)
        let end = from + width
        // The words stand where there is room: after the bar, before it, or in it.
        let place = end < 82 ? end : (from > 18 ? from : 1)
        let isInside = end >= 82 && from <= 18
        let hidden = selection.hidden[index].map { " · +\(Units.count($0))" } ?? ""
        return tag(
            .svg, .class("bar"), .attribute("width", "100%"), .attribute("height", "22"),
            .attribute("role", "img"), .label("takes \(words)")
        ) {
            for quarter in [25, 50, 75] {
                tag(
                    .line, .attribute("x1", "\(quarter)%"), .attribute("x2", "\(quarter)%"),
                    .attribute("y1", "0"), .attribute("y2", "22"))
            }
            rect(
                span.isError ? "bad" : colour(of: span.service), max(0, from), width, y: 5, 12)
            for stretch in (page.path.stretches[index] ?? []).suffix(40) {
                let length = Double(stretch.upperBound &- stretch.lowerBound) / whole * 100
                rect("critical", max(0, share(stretch.lowerBound)), max(0.1, length), y: 18, 3)
            }
            tag(
                .text, .class(isInside ? "inside" : "outside"),
                .attribute("x", Units.fixed(max(0, place), 3) + "%"),
                .attribute("dx", isInside ? "4" : end < 82 ? "6" : "-6"),
                .attribute("y", "15"),
                .attribute("text-anchor", end < 82 || from <= 18 ? "start" : "end")
            ) { words + hidden }
        }
    }

    private func share(_ nanos: Int64) -> Double {
        (Double(nanos) - Double(start)) / whole * 100
    }

    private func rect(
        _ name: String, _ x: Double, _ width: Double, y: Int, _ height: Int
    ) -> Markup {
        tag(
            .rect, .class(name), .attribute("x", Units.fixed(min(100, x), 3) + "%"),
            .attribute("y", String(y)),
            .attribute("width", Units.fixed(min(100, width), 3) + "%"),
            .attribute("height", String(height)), .attribute("rx", "2"))
    }
}
