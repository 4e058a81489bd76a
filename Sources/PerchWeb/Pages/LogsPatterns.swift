import PerchLogQL

/// The forms of messages: how many records have each, when, and a way to look at them or leave
/// them out.
struct LogsPatterns {
    var patterns: LogPatterns
    var state: LogsState

    func html(_ frame: Frame) -> Markup {
        let table = patterns.table
        return group {
            if table.isPartial {
                notices(["Formed from the newest \(Units.count(Int(table.rowCount))) records."])
            }
            if table.patterns.isEmpty {
                tag(.section, .class("empty")) {
                    tag(.h2) { "No message to form patterns of" }
                    tag(.p) { "The records in this time range have no text." }
                }
            } else {
                list(table)
            }
            if table.patterns.count > Limits.patternsShownMax {
                notices([
                    "The \(Limits.patternsShownMax) most frequent of "
                        + "\(Units.count(table.patterns.count)) patterns are shown."
                ])
            }
        }
    }

    private func list(_ table: PatternTable) -> Markup {
        tag(.table, .class("card cards log-patterns")) {
            tag(.caption, .class("visually-hidden")) { "Patterns, the most frequent first" }
            tag(.thead) {
                tag(.tr) {
                    for words in ["Pattern", "Level", "Records", "Share", "Over time"] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for pattern in table.patterns.prefix(Limits.patternsShownMax) {
                    row(pattern, max(1, table.rowCount))
                }
            }
        }
    }

    private func row(_ pattern: DetectedPattern, _ rowCount: Int64) -> Markup {
        let term = LogSearchText.term(ofPattern: pattern.pattern)
        return tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                if let term {
                    tag(
                        .a, .class("log-pattern"),
                        .href(rows(term)), .title("Show these records")
                    ) { words(pattern.pattern) }
                    tag(
                        .a, .class("log-out"),
                        .href(state.adding("-" + term).link),
                        .label("Leave out this pattern"), .title("Leave these out")
                    ) { "−" }
                } else {
                    tag(.span, .class("log-pattern")) { words(pattern.pattern) }
                }
            }
            tag(.td, .attribute("data-label", "Level")) {
                let isLevel = LogLevel.allCases.contains { $0.name == pattern.level }
                tag(.span, .class("level l-\(isLevel ? pattern.level : "none")")) {
                    pattern.level.isEmpty ? "–" : cut(pattern.level, 20)
                }
            }
            tag(.td, .class("number"), .attribute("data-label", "Records")) {
                Units.count(Int(clamping: pattern.total))
            }
            tag(.td, .class("number"), .attribute("data-label", "Share")) {
                Units.share(Double(pattern.total) / Double(rowCount))
            }
            tag(.td, .attribute("data-label", "Over time")) {
                Chart.sparkline(values(pattern), words: "Records of this pattern over time")
            }
        }
    }

    private func rows(_ term: String) -> Link {
        state.adding(term).with { $0.view = .rows }.link
    }

    private func values(_ pattern: DetectedPattern) -> [Double] {
        var values = [Double](repeating: 0, count: patterns.steps.count)
        for (seconds, count) in pattern.counts {
            let (nanos, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            guard !overflow, let step = patterns.steps.index(of: nanos) else { continue }
            values[step] += Double(count)
        }
        return values
    }

    /// The fixed text, with what varies marked.
    private func words(_ pattern: String) -> Markup {
        let pieces = cut(pattern, 300).split(separator: "<_>", omittingEmptySubsequences: false)
        return group {
            for (index, piece) in pieces.enumerated() {
                if index > 0 { tag(.mark) { "…" } }
                String(piece)
            }
        }
    }
}
