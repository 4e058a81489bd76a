import PerchModel

/// What a condition says of all texts of a pattern at once.
///
/// Most of a text is in its pattern, so most patterns need no look at a text.
struct PatternTest {
    enum Verdict {
        /// No text of the pattern satisfies.
        case none
        /// Every text does.
        case all
        /// The texts have to be looked at.
        case some
    }

    private let test: ValueTest
    private let kind: ColumnKind
    /// What must stand in a text: all of one of them.
    private let searches: [TextAutomaton]
    /// What no mark can stand for, and so stands in each pattern of texts that satisfy.
    private let core: ByteSearch?
    /// The pattern of the text that is looked for as a whole.
    private var wanted: [UInt8]?

    init(_ test: ValueTest, _ kind: ColumnKind) {
        self.test = test
        self.kind = kind
        switch test.operation {
        case .contains:
            searches = [TextAutomaton(test.needle, isExact: false)]
            core = Self.core(of: [test.needle], isExact: false)
        case .containsExactly:
            searches = [TextAutomaton(test.needle, isExact: true)]
            core = Self.core(of: [test.needle], isExact: true)
        case .matches(let pattern):
            searches = pattern.literals.map { TextAutomaton(Array($0.utf8), isExact: true) }
            core = Self.core(of: pattern.literals.map { Array($0.utf8) }, isExact: true)
        case .equals:
            searches = []
            core = nil
            var scanner = TextScanner()
            let isSplit = scanner.scan(test.needle.span, test.needle.indices)
            wanted = isSplit ? scanner.pattern : nil
        case .isAmong, .hasPrefix, .compares, .exists:
            searches = []
            core = nil
        }
    }

    /// The longest run of bytes that are no digits of a mark.
    private static func core(of texts: [[UInt8]], isExact: Bool) -> ByteSearch? {
        let runs = texts.flatMap { $0.split(whereSeparator: TextScanner.isInMark) }
        guard let run = runs.max(by: { $0.count < $1.count }), run.count > 1 else { return nil }
        return ByteSearch(run, isExact: isExact)
    }

    /// The verdict on each of some patterns.
    func verdicts(of patterns: TextSource) -> [Verdict] {
        let bytes = patterns.bytes.span
        guard let core else {
            return (0..<patterns.count).map { verdict(bytes, patterns.range($0)) }
        }
        // Most patterns do not have the core: one search passes over them.
        var verdicts = [Verdict](repeating: .none, count: patterns.count)
        var hit = core.firstIndex(in: bytes, bytes.indices)
        for index in 0..<patterns.count {
            let range = patterns.range(index)
            if let place = hit, place < range.upperBound {
                verdicts[index] = verdict(bytes, range)
                hit = core.firstIndex(in: bytes, range.upperBound..<bytes.count)
            } else if range.count == 1, bytes[range.lowerBound] == TextScanner.Mark.text {
                verdicts[index] = .some
            }
        }
        return verdicts
    }

    func verdict(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Verdict {
        var firstMark = range.upperBound
        for position in range where bytes[position] < TextScanner.Mark.end {
            if bytes[position] == TextScanner.Mark.text { return .some }
            firstMark = min(firstMark, position)
        }
        guard firstMark < range.upperBound else {
            // Every text is the pattern itself.
            return test.holds(bytes, range, kind) ? .all : .none
        }
        switch test.operation {
        case .exists: return .all
        case .contains, .containsExactly: return searches[0].verdict(bytes, range)
        case .matches:
            return searches.contains { $0.verdict(bytes, range) == .none } ? .none : .some
        case .equals:
            guard let wanted, wanted.count == range.count,
                stands(wanted.span, in: bytes, at: range.lowerBound)
            else { return .none }
            return .some
        case .hasPrefix: return prefixVerdict(bytes, range.lowerBound..<firstMark)
        case .compares: return kind == .string ? .some : .none
        case .isAmong: return .some
        }
    }

    private func prefixVerdict(_ bytes: Span<UInt8>, _ head: Range<Int>) -> Verdict {
        let count = min(head.count, test.needle.count)
        for index in 0..<count where bytes[head.lowerBound + index] != test.needle[index] {
            return .none
        }
        return count == test.needle.count ? .all : .some
    }
}

/// Looks for a text in patterns: where it stands in what stays, and where it could stand if marks
/// were other parts.
///
/// A bit a byte of the text, after Baeza-Yates and Gonnet, "A new approach to text searching": bit i
/// is set while the first i + 1 bytes fit. A mark may be any run of its digits.
struct TextAutomaton {
    private var masks = [UInt64](repeating: 0, count: 256)
    private let numberMask: UInt64
    private let hexMask: UInt64
    private let last: UInt64
    /// Of a longer text the beginning is looked for.
    private let isWhole: Bool
    private let isEmpty: Bool

    init(_ text: [UInt8], isExact: Bool) {
        let part = text.prefix(64)
        isWhole = part.count == text.count
        isEmpty = text.isEmpty
        var numberMask: UInt64 = 0
        var hexMask: UInt64 = 0
        for (index, byte) in part.enumerated() {
            let bit = UInt64(1) << UInt64(index)
            masks[Int(byte)] |= bit
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            if isLetter, !isExact { masks[Int(byte ^ 0x20)] |= bit }
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                numberMask |= bit
                hexMask |= bit
            }
            let lower = isExact ? byte : byte | 0x20
            if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") { hexMask |= bit }
        }
        self.numberMask = numberMask
        self.hexMask = hexMask
        last = part.isEmpty ? 0 : 1 << UInt64(part.count - 1)
    }

    func verdict(_ bytes: Span<UInt8>, _ range: Range<Int>) -> PatternTest.Verdict {
        if isEmpty { return .all }
        var state: UInt64 = 0
        /// Without any mark.
        var constant: UInt64 = 0
        var mayHold = false
        let masks = masks.span
        for position in range {
            let byte = bytes[position]
            if byte < TextScanner.Mark.end {
                let mask = byte == TextScanner.Mark.number ? numberMask : hexMask
                state = ((state << 1) | 1) & mask
                var more = state
                while more != 0 {
                    more = ((more << 1) | 1) & mask & ~state
                    state |= more
                }
                constant = 0
            } else {
                let mask = masks[Int(byte)]
                state = ((state << 1) | 1) & mask
                constant = ((constant << 1) | 1) & mask
                if constant & last != 0, isWhole { return .all }
            }
            if state & last != 0 { mayHold = true }
        }
        return mayHold ? .some : .none
    }
}
