import Foundation

/// The spans of a trace by their parents, with the logs of each.
struct TraceTree {
    private let spans: [LogLine]
    private let logs: [LogLine]
    /// Indexes of spans by the id of their parent.
    private var children: [String: [Int]] = [:]
    private var roots: [Int] = []
    private var logsBySpan: [String: [LogLine]] = [:]
    private var otherLogs: [LogLine] = []
    private let start: Int64

    /// How deep the tree is drawn; deeper spans stand at this depth.
    private static let depthMax = 100

    init(spans: [LogLine], logs: [LogLine]) {
        self.spans = spans.sorted { $0.timeNanos < $1.timeNanos }
        self.logs = logs.sorted { $0.timeNanos < $1.timeNanos }
        start = min(
            self.spans.first?.timeNanos ?? .max, self.logs.first?.timeNanos ?? .max)
        let ids = Set(self.spans.compactMap { $0.string("span_id") })
        for (index, span) in self.spans.enumerated() {
            let parent = span.string("parent_span_id") ?? ""
            if ids.contains(parent), parent != span.string("span_id") {
                children[parent, default: []].append(index)
            } else {
                roots.append(index)
            }
        }
        for log in self.logs {
            let id = log.string("span_id") ?? ""
            if ids.contains(id) {
                logsBySpan[id, default: []].append(log)
            } else {
                otherLogs.append(log)
            }
        }
    }

    /// The tree for people.
    func text(hasColor: Bool) -> String {
        var seen: Set<Int> = []
        var shownLogs: Set<String> = []
        var text = header(hasColor)
        for root in roots { append(root, "", "", &text, &seen, &shownLogs, hasColor) }
        // Spans whose parents are each other's hang from none.
        for index in spans.indices where !seen.contains(index) {
            append(index, "", "", &text, &seen, &shownLogs, hasColor)
        }
        for log in otherLogs { text += line(of: log, "", hasColor) }
        return text
    }

    private func header(_ hasColor: Bool) -> String {
        let services = Set(spans.map(\.service)).count
        let errors = spans.count { Self.isError($0) }
        let end = spans.map { $0.timeNanos &+ Int64($0.number("duration") ?? 0) }.max() ?? start
        var parts = ["\(spans.count) spans", "\(services) services", "\(logs.count) logs"]
        parts.append(
            Terminal.paint("\(errors) errors", errors > 0 ? .red : nil, hasColor))
        parts.append(Terminal.duration(Double(end &- start)))
        parts.append(LogLine.time(start))
        return parts.joined(separator: ", ") + "\n"
    }

    /// A span with what hangs from it.
    ///
    /// The stack is this loop's own, so that a chain of spans is as long as it likes.
    private func append(
        _ root: Int, _ lead: String, _ below: String, _ text: inout String,
        _ seen: inout Set<Int>, _ shownLogs: inout Set<String>, _ hasColor: Bool
    ) {
        var open = [(index: root, lead: lead, below: below, depth: 0)]
        while let next = open.popLast() {
            guard seen.insert(next.index).inserted else { continue }
            let span = spans[next.index]
            let id = span.string("span_id") ?? ""
            text += next.lead + line(of: span, hasColor)
            let below = children[id] ?? []
            // A second span of the same id brings neither children nor logs again.
            if shownLogs.insert(id).inserted {
                for log in logsBySpan[id] ?? [] {
                    text += line(of: log, next.below + (below.isEmpty ? "  " : "│ "), hasColor)
                }
            }
            for (place, child) in below.enumerated().reversed() {
                let isLast = place == below.count - 1
                let isDeep = next.depth >= Self.depthMax
                open.append(
                    (
                        child, next.below + (isDeep ? "" : isLast ? "└─ " : "├─ "),
                        next.below + (isDeep ? "" : isLast ? "   " : "│  "), next.depth + 1
                    ))
            }
        }
    }

    private func line(of span: LogLine, _ hasColor: Bool) -> String {
        let isError = Self.isError(span)
        var parts = [
            Terminal.paint(Terminal.safe(span.service), .cyan, hasColor),
            Terminal.paint(
                Terminal.safe(span.string("name") ?? ""), isError ? .red : .bold, hasColor),
            Terminal.duration(span.number("duration") ?? 0),
            Terminal.paint(
                "+" + Terminal.duration(Double(span.timeNanos &- start)), .grey, hasColor),
        ]
        if isError {
            let message = span.string("status_message") ?? ""
            parts.append(
                Terminal.paint(
                    "ERROR" + (message.isEmpty ? "" : ": \(Terminal.safe(message))"), .red,
                    hasColor))
        }
        return parts.joined(separator: " ") + "\n"
    }

    private func line(of log: LogLine, _ lead: String, _ hasColor: Bool) -> String {
        let isBad = ["ERROR", "FATAL"].contains(log.level)
        return lead + "· "
            + [
                Terminal.paint(Terminal.safe(log.level), isBad ? .red : .grey, hasColor),
                Terminal.safe(log.string("body") ?? ""),
                Terminal.paint(
                    "+" + Terminal.duration(Double(log.timeNanos &- start)), .grey, hasColor),
            ].joined(separator: " ") + "\n"
    }

    private static func isError(_ span: LogLine) -> Bool { span.number("status_code") == 2 }
}
