import PerchDashboards

/// Log lines of a panel.
struct PanelLogs {
    var logs: LogsContent
    var frame: Frame

    var html: Markup {
        group {
            if !logs.commonLabels.isEmpty {
                tag(.p, .class("small")) { Self.words(logs.commonLabels) }
            }
            tag(.ol, .class(logs.wraps ? "panel-logs" : "panel-logs one-line")) {
                for line in logs.lines { row(line) }
            }
        }
    }

    private func row(_ line: PanelData.Line) -> Markup {
        let instant = Instant(nanos: line.timeNanos)
        return tag(.li) {
            if logs.showsTime {
                tag(.time, .attribute("datetime", instant.iso)) { instant.plain }
            }
            if let level = line.level { tag(.span, .class("badge")) { cut(level, 16) } }
            " "
            if logs.showsLabels {
                tag(.span, .class("labels")) { Self.words(line.labels) }
            }
            cut(line.text, Limits.panelLineCharactersMax)
        }
    }

    private static func words(_ labels: [FrameLabel]) -> String {
        cut(labels.map { "\($0.name)=\($0.value)" }.joined(separator: " "), 400)
    }
}

/// A text panel.
struct PanelText {
    var text: TextContent

    var html: Markup {
        switch text {
        case .plain(let text, _): tag(.pre, .class("panel-text")) { tag(.code) { text } }
        case .markdown(let blocks): tag(.div, .class("panel-text")) { Self.blocks(blocks) }
        }
    }

    private static func blocks(_ blocks: [Markdown.Block]) -> Markup {
        MarkupBuilder.join(blocks.map(block))
    }

    private static func block(_ block: Markdown.Block) -> Markup {
        switch block {
        // The page and the panel have the greater headings.
        case .heading(let level, let words):
            tag(level == 1 ? .h4 : level == 2 ? .h5 : .h6) { inlines(words) }
        case .paragraph(let words): tag(.p) { inlines(words) }
        case .list(let isOrdered, let items):
            tag(isOrdered ? .ol : .ul) {
                for item in items { tag(.li) { self.item(item) } }
            }
        case .code(let text, _): tag(.pre) { tag(.code) { text } }
        case .quote(let inner): tag(.blockquote) { blocks(inner) }
        case .table(let header, let rows): table(header, rows)
        case .rule: tag(.hr)
        }
    }

    /// An item of one paragraph needs none.
    private static func item(_ item: [Markdown.Block]) -> Markup {
        guard case .paragraph(let words)? = item.first else { return blocks(item) }
        return group {
            inlines(words)
            blocks(Array(item.dropFirst()))
        }
    }

    private static func table(
        _ header: [[Markdown.Inline]], _ rows: [[[Markdown.Inline]]]
    ) -> Markup {
        tag(.table, .class("panel-table")) {
            tag(.thead) {
                tag(.tr) {
                    for cell in header { tag(.th, .attribute("scope", "col")) { inlines(cell) } }
                }
            }
            tag(.tbody) {
                for row in rows {
                    tag(.tr) { for cell in row { tag(.td) { inlines(cell) } } }
                }
            }
        }
    }

    private static func inlines(_ parts: [Markdown.Inline]) -> Markup {
        MarkupBuilder.join(parts.map(inline))
    }

    private static func inline(_ part: Markdown.Inline) -> Markup {
        switch part {
        case .text(let text): Markup(text)
        case .code(let text): tag(.code) { text }
        case .emphasis(let inner): tag(.em) { inlines(inner) }
        case .strong(let inner): tag(.strong) { inlines(inner) }
        case .struck(let inner): tag(.del) { inlines(inner) }
        case .link(let inner, let address):
            PanelView.link(address: address) { inlines(inner) }
        case .image(let words, let address):
            PanelView.link(address: address) { words.isEmpty ? address : words }
        case .lineBreak: tag(.br)
        }
    }
}
