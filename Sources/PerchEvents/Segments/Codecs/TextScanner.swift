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

    /// The text's pattern in the first bytes; longer than that, so that writing it grows nothing.
    private(set) var buffer: [UInt8] = []
    private(set) var patternByteCount = 0
    private(set) var numbers: [Int64] = []
    /// Where the hex digits of the text stand.
    private(set) var hex: [Range<Int>] = []
    /// Where the numbers stand.
    private(set) var numberRanges: [Range<Int>] = []

    private enum Kind {
        static let digit: UInt8 = 1
        static let hexLetter: UInt8 = 2
        static let otherLetter: UInt8 = 4
        /// One of the marks.
        static let mark: UInt8 = 8
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
        case 0..<Mark.end: Kind.mark
        default: 0
        }
    }

    /// Whether a byte is one of those that runs are made of.
    static func isInRun(_ byte: UInt8) -> Bool { kind(byte) & Kind.run != 0 }

    /// The text's pattern, copied.
    var pattern: [UInt8] { Array(buffer[..<patternByteCount]) }

    /// Splits the text in `range`; false if it holds bytes that patterns need for themselves.
    mutating func scan(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        numbers.removeAll(keepingCapacity: true)
        numberRanges.removeAll(keepingCapacity: true)
        hex.removeAll(keepingCapacity: true)
        if buffer.count < range.count {
            buffer = [UInt8](repeating: 0, count: 2 * range.count + 64)
        }
        var target: [UInt8] = []
        swap(&target, &buffer)
        let kinds = kinds
        var pattern = target.mutableSpan
        var count = 0
        var between: UInt8 = 0
        var position = range.lowerBound
        let end = range.upperBound
        while position < end {
            let first = position
            let start = count
            var seen: UInt8 = 0
            // What stays is written as it is read; what turns out to change is written over.
            while position < end {
                let byte = bytes[position]
                let kind = kinds[Int(byte)]
                if kind & Kind.run == 0 { break }
                seen |= kind
                pattern[count] = byte
                count &+= 1
                position &+= 1
            }
            if seen == Kind.digit | Kind.hexLetter, position - first >= Self.hexDigitCountMin {
                pattern[start] = Mark.hex
                count = start &+ 1
                hex.append(first..<position)
            } else if seen & Kind.digit != 0 {
                count = Self.split(
                    bytes, first..<position, &pattern, at: start, &numbers, &numberRanges)
            }
            while position < end {
                let byte = bytes[position]
                let kind = kinds[Int(byte)]
                if kind & Kind.run != 0 { break }
                between |= kind
                pattern[count] = byte
                count &+= 1
                position &+= 1
            }
        }
        swap(&target, &buffer)
        patternByteCount = count
        return between & Kind.mark == 0
    }

    /// Splits a run of letters and digits into numbers and what stays, and answers where the pattern
    /// ends.
    @inline(__always)
    private static func split(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ pattern: inout MutableSpan<UInt8>,
        at start: Int, _ numbers: inout [Int64], _ numberRanges: inout [Range<Int>]
    ) -> Int {
        let zero = UInt8(ascii: "0")
        var position = range.lowerBound
        var count = start
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
            while position < range.upperBound, position &- first < digitCountMax {
                let digit = bytes[position] &- zero
                guard digit < 10 else { break }
                value = value &* 10 &+ Int64(digit)
                position &+= 1
            }
            pattern[count] = Mark.number
            count &+= 1
            numbers.append(value)
            numberRanges.append(first..<position)
        }
        return count
    }
}
