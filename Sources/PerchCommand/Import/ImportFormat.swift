/// How the samples of a file are written.
enum ImportFormat: String, CaseIterable {
    case auto
    case openmetrics
    case text
    /// What `promtool tsdb dump` writes.
    case dump

    /// What the first lines look like.
    ///
    /// Times tell OpenMetrics, which has seconds, from text, which has milliseconds.
    static func detect(_ lines: [[UInt8]]) -> ImportFormat {
        for line in lines where !line.isEmpty && line[0] != UInt8(ascii: "#") {
            if line[0] == UInt8(ascii: "{"), DumpLine.names(line) { return .dump }
            let sample = line.split(separator: UInt8(ascii: "#"), maxSplits: 1)
            guard let end = DumpLine.labelsEnd(line), let text = sample.first else { continue }
            let words = text.dropFirst(end).split(separator: UInt8(ascii: " "))
            guard words.count >= 2 else { continue }
            let time = String(decoding: words[1], as: UTF8.self)
            guard let number = Double(time) else { continue }
            // Milliseconds were 10^11 in 1973; seconds will be in the year 5138.
            return number.magnitude < 1e11 || time.contains(".") ? .openmetrics : .text
        }
        return .openmetrics
    }
}
