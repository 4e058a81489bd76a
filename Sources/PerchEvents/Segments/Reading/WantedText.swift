import PerchModel

/// A text that is looked for as a whole, split as those are that stand as patterns.
struct WantedText {
    private let text: [UInt8]
    /// Its pattern among those of a column; nil if no text of the column is split like it.
    private(set) var pattern: Int?
    private(set) var numbers: [Int64] = []
    /// Two digits a byte, each run by itself.
    private var runs: [(digitCount: Int, bytes: [UInt8])] = []

    init(_ text: [UInt8], _ patterns: TextSource) {
        self.text = text
        var scanner = TextScanner()
        guard scanner.scan(text.span, text.indices) else { return }
        let own = scanner.pattern
        pattern = (0..<patterns.count).first { index in
            let range = patterns.range(index)
            return range.count == own.count
                && stands(own.span, in: patterns.bytes.span, at: range.lowerBound)
        }
        numbers = scanner.numbers
        for range in scanner.hex {
            var bytes: [UInt8] = []
            TextTemplates.pack(hex: text.span, range, to: &bytes)
            runs.append((digitCount: range.count, bytes: bytes))
        }
    }

    /// Whether a run of hex digits is the one of this number.
    func isRun(_ run: Int, of digitCount: Int, _ bytes: Span<UInt8>, _ start: Int) -> Bool {
        let wanted = runs[run]
        return wanted.digitCount == digitCount
            && stands(wanted.bytes.span, in: bytes, at: start)
    }

    /// Whether a text without a pattern is this one.
    func `is`(_ others: TextSource, _ index: Int) -> Bool {
        let range = others.range(index)
        return range.count == text.count
            && stands(text.span, in: others.bytes.span, at: range.lowerBound)
    }
}
