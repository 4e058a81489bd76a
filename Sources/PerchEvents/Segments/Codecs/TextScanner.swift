import PerchModel

/// Splits texts into what stays and what changes: `user 42 of req_8f3a01c2` is the pattern
/// `user # of req_%` with a number and hex digits.
///
/// The split is part of the format: docs/format/event-segment.md lays it down, and filters have
/// what it found.
struct TextScanner {
    /// What stands in a pattern for a part that changes.
    enum Mark {
        /// A decimal number without zeros before it, of at most 18 digits.
        static let number: UInt8 = 0
        /// Hex digits with lower-case letters.
        static let hex: UInt8 = 1
        /// The whole text.
        static let text: UInt8 = 2
        /// No smaller byte may stand in a text that is split.
        static let end: UInt8 = 3
    }

    /// Hex digits of at least so many, letters and digits both among them.
    static let hexDigitCountMin = 8
    private static let digitCountMax = 18

    /// A part that changes.
    struct Part {
        let range: Range<Int>
        /// Of a number; -1 for hex digits.
        let number: Int64

        @inline(__always)
        var isHex: Bool { number < 0 }
    }

    /// The text's pattern in the first bytes; longer than that, so that writing it grows nothing.
    private(set) var buffer: [UInt8] = []
    private(set) var patternByteCount = 0
    /// What changes in the text, first of all; what stands behind is of texts before.
    private var parts: [Part] = []
    private(set) var partCount = 0

    /// What changes in the text, in its order; there are `partCount`.
    @inline(__always)
    func part(_ index: Int) -> Part { parts[index] }

    /// The numbers of the text.
    var numbers: [Int64] { parts[..<partCount].filter { !$0.isHex }.map(\.number) }
    /// Where the hex digits of the text stand.
    var hex: [Range<Int>] { parts[..<partCount].filter(\.isHex).map(\.range) }
    /// Where the numbers stand.
    var numberRanges: [Range<Int>] { parts[..<partCount].filter { !$0.isHex }.map(\.range) }

    private enum Kind {
        static let digit: UInt8 = 1
        static let hexLetter: UInt8 = 2
        static let otherLetter: UInt8 = 4
        static let run = digit | hexLetter | otherLetter
    }

    /// The kind of each byte: a look-up is quicker than comparisons.
    private let kinds: [UInt8] = Self.table
    private static let table: [UInt8] = (0...255).map { kind($0) }

    private static func kind(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Kind.digit
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Kind.hexLetter
        case UInt8(ascii: "g")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            Kind.otherLetter
        default: 0
        }
    }

    /// Whether a mark may stand for the byte, in either letter case.
    static func isInMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether a byte is one of those that runs are made of.
    static func isInRun(_ byte: UInt8) -> Bool { kind(byte) & Kind.run != 0 }

    /// The text's pattern, copied.
    var pattern: [UInt8] { Array(buffer[..<patternByteCount]) }

    /// Splits the text in `range`; false if it holds bytes that patterns need for themselves.
    mutating func scan(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        partCount = 0
        if buffer.count < range.count + 8 {
            buffer = [UInt8](repeating: 0, count: 2 * range.count + 64)
        }
        var target: [UInt8] = []
        swap(&target, &buffer)
        var pattern = target.mutableSpan
        var count = 0
        var marks: UInt64 = 0
        var position = range.lowerBound
        // What stays is written as it is read; what turns out to change is written over.
        while position < range.upperBound {
            let left = range.upperBound &- position
            guard bytes.count &- position >= 8 else {
                let byte = bytes[position]
                if byte &- UInt8(ascii: "0") < 10 {
                    run(bytes, range, &position, &pattern, &count)
                } else {
                    marks |= byte < Mark.end ? 1 : 0
                    pattern[count] = byte
                    (position, count) = (position &+ 1, count &+ 1)
                }
                continue
            }
            let next = word(bytes, at: position).littleEndian
            store(next, in: &pattern, at: count)
            // The top bits of the bytes that are of the text.
            var mask = Self.tops &>> UInt64(8 &* (8 &- min(8, left)))
            let digits = Self.digits(next) & mask
            if digits == 0 {
                marks |= Self.marks(next) & mask
                position &+= min(8, left)
                count &+= min(8, left)
                continue
            }
            mask = (digits & (0 &- digits)) &- 1
            marks |= Self.marks(next) & mask
            position &+= digits.trailingZeroBitCount >> 3
            count &+= digits.trailingZeroBitCount >> 3
            run(bytes, range, &position, &pattern, &count)
        }
        swap(&target, &buffer)
        patternByteCount = count
        return marks == 0
    }

    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The top bits of the bytes that are decimal digits.
    @inline(__always)
    private static func digits(_ word: UInt64) -> UInt64 {
        // Without the top bits no sum reaches the next byte.
        let low = word & ~tops
        return (low &+ 0x5050_5050_5050_5050) & ~(low &+ 0x4646_4646_4646_4646) & ~word & tops
    }

    /// The top bits of the bytes that are marks.
    @inline(__always)
    private static func marks(_ word: UInt64) -> UInt64 {
        ~((word & ~tops) &+ 0x7d7d_7d7d_7d7d_7d7d) & ~word & tops
    }

    /// The run of letters and digits around a digit, and the kinds of its bytes.
    @inline(__always)
    private func runAround(
        _ position: Int, _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> (run: Range<Int>, seen: UInt8) {
        var first = position
        var seen = Kind.digit
        let kinds = kinds.span
        while first > range.lowerBound {
            let kind = kinds[Int(bytes[first &- 1])]
            if kind & Kind.run == 0 { break }
            seen |= kind
            first &-= 1
        }
        var end = position &+ 1
        while end < range.upperBound {
            let kind = kinds[Int(bytes[end])]
            if kind & Kind.run == 0 { break }
            seen |= kind
            end &+= 1
        }
        return (first..<end, seen)
    }

    /// Splits the run of letters and digits around the first digit of it, which stands at
    /// `position`; what is before it stands at the end of the pattern already.
    @inline(__always)
    private mutating func run(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ position: inout Int,
        _ pattern: inout MutableSpan<UInt8>, _ count: inout Int
    ) {
        let (run, seen) = runAround(position, bytes, range)
        if seen == Kind.digit | Kind.hexLetter, run.count >= Self.hexDigitCountMin {
            count &-= position &- run.lowerBound
            pattern[count] = Mark.hex
            count &+= 1
            note(Part(range: run, number: -1))
        } else {
            split(bytes, position..<run.upperBound, &pattern, &count)
        }
        position = run.upperBound
    }

    @inline(__always)
    private mutating func note(_ part: Part) {
        if partCount < parts.count {
            parts[partCount] = part
        } else {
            parts.append(part)
        }
        partCount &+= 1
    }

    /// Splits the rest of a run of letters and digits into numbers and what stays.
    @inline(__always)
    private mutating func split(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ pattern: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) {
        let zero = UInt8(ascii: "0")
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            let isDigit = byte &- zero < 10
            let isZeroBefore =
                byte == zero && position &+ 1 < range.upperBound
                && bytes[position &+ 1] &- zero < 10
            guard isDigit, !isZeroBefore else {
                pattern[count] = byte
                count &+= 1
                position &+= 1
                continue
            }
            let first = position
            var value: Int64 = 0
            while position < range.upperBound, position &- first < Self.digitCountMax {
                let digit = bytes[position] &- zero
                guard digit < 10 else { break }
                value = value &* 10 &+ Int64(digit)
                position &+= 1
            }
            pattern[count] = Mark.number
            count &+= 1
            note(Part(range: first..<position, number: value))
        }
    }
}
