import PerchModel

/// Log lines, with how they are shown.
package struct LogsContent: Sendable {
    /// In the order in which they are shown.
    package var lines: [PanelData.Line]
    package var showsTime: Bool
    package var showsLabels: Bool
    package var wraps: Bool
    package var isPretty: Bool
    /// Labels that all lines have, taken out of them.
    package var commonLabels: [FrameLabel]

    init?(_ panel: Panel, _ data: PanelData) {
        var all: [PanelData.Line] = []
        for answer in data.answers {
            if case .lines(let lines) = answer.body { all += lines }
        }
        guard !all.isEmpty else { return nil }
        let options = panel.options
        let isAscending = options?.at("sortOrder")?.scalarText == "Ascending"
        all.sort { isAscending ? $0.timeNanos < $1.timeNanos : $0.timeNanos > $1.timeNanos }
        lines = Self.deduplicated(all, options?.at("dedupStrategy")?.scalarText ?? "none")
        showsTime = options?.at("showTime")?.flag ?? true
        showsLabels = options?.at("showLabels").isTrue ?? false
        wraps = options?.at("wrapLogMessage")?.flag ?? true
        isPretty = options?.at("prettifyLogMessage").isTrue ?? false
        commonLabels = []
        if options?.at("showCommonLabels").isTrue ?? false, let first = lines.first {
            commonLabels = first.labels.filter { label in
                lines.allSatisfy { $0.labels.contains(label) }
            }
        }
    }

    /// Neighbours that say the same, once: exactly, or but for their numbers, or all of a message.
    private static func deduplicated(
        _ lines: [PanelData.Line], _ strategy: String
    ) -> [PanelData.Line] {
        func key(_ line: PanelData.Line) -> String? {
            switch strategy {
            case "exact": line.text
            case "numbers": line.text.filter { !($0.isASCII && $0.isNumber) }
            case "signature": line.text.filter { !$0.isLetter && !$0.isNumber }
            default: nil
            }
        }
        var result: [PanelData.Line] = []
        var before: String?
        for line in lines {
            let key = key(line)
            if let key, key == before { continue }
            before = key
            result.append(line)
        }
        return result
    }
}
