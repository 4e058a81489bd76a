/// A condition on one value, with its needle read once into every form that a column may hold.
///
/// Text compares by its bytes: no Unicode normalisation, so that a store may compare without
/// making strings.
package struct ValueTest: Sendable {
    package enum Operation: Sendable {
        case equals
        /// It is one of these.
        case isAmong(TextChoices)
        case contains
        case containsExactly
        case matches(TextPattern)
        case hasPrefix
        case compares(EventPredicate.Comparison, Double)
        case exists
    }

    package let operation: Operation
    /// The text of the condition, as it was given.
    package let needle: [UInt8]
    private let search: ByteSearch
    /// The integer whose text the needle is.
    private let int: Int64?
    /// The double whose text the needle is.
    private let double: Double?
    /// The bytes whose lower-case hex the needle is.
    private let id: [UInt8]?

    init(_ operation: Operation, _ text: String = "") {
        self.operation = operation
        needle = Array(text.utf8)
        if case .containsExactly = operation {
            search = ByteSearch(needle, isExact: true)
        } else {
            search = ByteSearch(needle)
        }
        int = Int64(text).flatMap { String($0) == text ? $0 : nil }
        double = Double(text).flatMap { String($0) == text ? $0 : nil }
        id = Hex.decode(needle).flatMap { Hex.encode($0) == text ? $0 : nil }
    }

    /// Whether one value satisfies the condition.
    package func holds(_ value: FieldValue) -> Bool {
        switch operation {
        case .exists: true
        case .equals: value.text.utf8.elementsEqual(needle)
        case .isAmong(let choices): choices.contains(text: Array(value.text.utf8).span)
        case .contains, .containsExactly: search.isContained(in: Array(value.text.utf8))
        case .matches(let pattern): pattern.holds(Array(value.text.utf8).span)
        case .hasPrefix: value.text.utf8.starts(with: needle)
        case .compares(let comparison, let number):
            switch value {
            case .int(let value): comparison.holds(Double(value), number)
            case .double(let value): comparison.holds(value, number)
            case .string(let value):
                Self.number(in: Array(value.utf8).span).map { comparison.holds($0, number) }
                    ?? false
            case .bool, .bytes, .json, .id: false
            }
        }
    }

    /// Inserts into `found` the rows of `candidates` whose value in `column` satisfies.
    package func apply(to column: Column, _ candidates: RowMask, into found: inout RowMask) {
        if case .exists = operation {
            mark(column, candidates, &found) { _ in true }
            return
        }
        if column.isDictionary {
            // Once an entry, not once a row.
            let verdicts = column.ends.indices.map { holds(entry: $0, of: column) }
            mark(column, candidates, &found) { verdicts[Int(column.codes[$0])] }
            return
        }
        switch column.kind {
        case .int: applyToInts(column, candidates, &found)
        case .bool:
            let whenTrue = holds(.bool(true))
            let whenFalse = holds(.bool(false))
            mark(column, candidates, &found) { column.ints[$0] != 0 ? whenTrue : whenFalse }
        case .double: applyToDoubles(column, candidates, &found)
        case .string, .json: applyToText(column, candidates, &found)
        case .id:
            mark(column, candidates, &found) {
                holds(id: column.bytes.span, column.entryRange($0))
            }
        case .bytes: mark(column, candidates, &found) { holds(column.value(at: $0)) }
        }
    }

    /// Which entries of a dictionary, or which values of a column, satisfy the condition.
    package func verdicts(ofEntriesOf column: Column) -> [Bool] {
        column.ends.indices.map { holds(entry: $0, of: column) }
    }

    /// Whether the condition asks for one whole number, and none but this can satisfy it; nil inside
    /// where no whole number can.
    package var wholeNumber: Int64?? {
        if case .equals = operation { .some(int) } else { .none }
    }

    /// Which of some integers satisfy the condition, by their place.
    package func places(of ints: [Int64]) -> RowMask {
        switch operation {
        case .exists: return RowMask(all: ints.count)
        case .equals:
            guard let int else { return RowMask(none: ints.count) }
            return RowMask(of: ints.span) { $0 == int }
        case .isAmong(let choices): return RowMask(of: ints.span) { choices.contains($0) }
        case .compares(let comparison, let number):
            guard let range = comparison.wholeNumbers(number) else {
                return RowMask(of: ints.span) { comparison.holds(Double($0), number) }
            }
            let least = range.lowerBound
            let width = UInt64(bitPattern: range.upperBound &- least)
            return RowMask(of: ints.span) { UInt64(bitPattern: $0 &- least) <= width }
        case .contains, .containsExactly, .matches, .hasPrefix:
            // Numbers that follow each other are often alike.
            var last: (value: Int64, holds: Bool)?
            return RowMask(of: ints.span) { value in
                if let last, last.value == value { return last.holds }
                let holds = holds(.int(value))
                last = (value, holds)
                return holds
            }
        }
    }

    /// Whether an entry of a dictionary satisfies the condition.
    private func holds(entry: Int, of column: Column) -> Bool {
        switch column.kind {
        case .string, .json: holds(column.bytes.span, column.entryRange(entry), column.kind)
        case .id: holds(id: column.bytes.span, column.entryRange(entry))
        default: holds(column.entry(entry))
        }
    }

    /// Whether an id that stands in bytes satisfies the condition; whole ones are compared as they
    /// are, others by their hex digits.
    @inline(__always)
    private func holds(id bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        switch operation {
        case .exists: return true
        case .equals:
            guard let id, id.count == range.count else { return false }
            return equal(bytes, range.lowerBound, id.span)
        case .isAmong(let choices): return choices.contains(id: bytes.extracting(range))
        case .contains, .containsExactly, .matches, .hasPrefix, .compares:
            return holds(.id(Array(bytes.extracting(range))))
        }
    }

    /// Whether a text that stands in bytes satisfies the condition.
    @inline(__always)
    package func holds(_ bytes: Span<UInt8>, _ range: Range<Int>, _ kind: ColumnKind) -> Bool {
        switch operation {
        case .exists: true
        case .equals:
            range.count == needle.count && equal(bytes, range.lowerBound, needle.span)
        case .isAmong(let choices): choices.contains(text: bytes.extracting(range))
        case .hasPrefix:
            range.count >= needle.count && equal(bytes, range.lowerBound, needle.span)
        case .contains, .containsExactly: search.firstIndex(in: bytes, range) != nil
        case .matches(let pattern): pattern.holds(bytes.extracting(range))
        case .compares(let comparison, let number):
            kind == .string
                && Self.number(in: bytes.extracting(range)).map { comparison.holds($0, number) }
                    ?? false
        }
    }

    private func applyToInts(_ column: Column, _ candidates: RowMask, _ found: inout RowMask) {
        switch operation {
        case .equals:
            guard let int else { return }
            mark(column, candidates, &found) { column.ints[$0] == int }
        case .isAmong(let choices):
            mark(column, candidates, &found) { choices.contains(column.ints[$0]) }
        case .compares(let comparison, let number):
            mark(column, candidates, &found) { comparison.holds(Double(column.ints[$0]), number) }
        case .contains, .containsExactly, .matches, .hasPrefix, .exists:
            mark(column, candidates, &found) { holds(.int(column.ints[$0])) }
        }
    }

    private func applyToDoubles(_ column: Column, _ candidates: RowMask, _ found: inout RowMask) {
        switch operation {
        case .compares(let comparison, let number):
            mark(column, candidates, &found) { comparison.holds(column.doubles[$0], number) }
        case .equals:
            // The shortest text is one number's only, but for NaN, which has many bit patterns.
            if let double, !double.isNaN {
                let bits = double.bitPattern
                mark(column, candidates, &found) { column.doubles[$0].bitPattern == bits }
            } else {
                mark(column, candidates, &found) {
                    column.doubles[$0].isNaN && holds(.double(column.doubles[$0]))
                }
            }
        case .isAmong(let choices):
            mark(column, candidates, &found) { choices.contains(column.doubles[$0]) }
        case .contains, .containsExactly, .matches, .hasPrefix, .exists:
            mark(column, candidates, &found) { holds(.double(column.doubles[$0])) }
        }
    }

    private func applyToText(_ column: Column, _ candidates: RowMask, _ found: inout RowMask) {
        switch operation {
        case .contains, .containsExactly: applySearch(column, candidates, &found)
        case .equals, .isAmong, .hasPrefix, .compares, .matches, .exists:
            let bytes = column.bytes.span
            mark(column, candidates, &found) {
                holds(bytes, column.entryRange($0), column.kind)
            }
        }
    }

    private func applySearch(_ column: Column, _ candidates: RowMask, _ found: inout RowMask) {
        guard search.byteCount > 0, candidates.count > column.rows.count / 4 else {
            mark(column, candidates, &found) {
                search.firstIndex(in: column.bytes.span, column.entryRange($0)) != nil
            }
            return
        }
        // Fast path: one search over all values' bytes; a hit that reaches into the next value is
        // none. After one nothing can stand before the next value that is long enough.
        let bytes = column.bytes.span
        var index = 0
        var position = 0
        while let hit = search.firstIndex(in: bytes, position..<bytes.count) {
            while Int(column.ends[index]) <= hit { index += 1 }
            let end = Int(column.ends[index])
            if hit + search.byteCount <= end {
                let row = Int(column.rows[index])
                if candidates.contains(row) { found.insert(row) }
                position = end
            } else {
                repeat {
                    position = Int(column.ends[index])
                    index += 1
                } while index < column.ends.count
                    && Int(column.ends[index]) - position < search.byteCount
            }
        }
    }

    @inline(__always)
    private func mark(
        _ column: Column, _ candidates: RowMask, _ found: inout RowMask, where test: (Int) -> Bool
    ) {
        let rows = column.rows.span
        for index in rows.indices {
            let row = Int(rows[index])
            if candidates.contains(row), test(index) { found.insert(row) }
        }
    }

    /// The number that decimal text reads as, or nil: hex, `inf` and `nan` are words here.
    private static func number(in bytes: Span<UInt8>) -> Double? {
        guard bytes.count > 0, bytes.count <= 64 else { return nil }
        var text: [UInt8] = []
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                text.append(bytes[index])
            default: return nil
            }
        }
        return Double(String(decoding: text, as: UTF8.self))
    }
}

extension EventPredicate.Comparison {
    /// Whether `left` compares so to `right`; never with NaN.
    package func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .equal: left == right
        }
    }
}

extension EventPredicate.Comparison {
    /// The whole numbers that compare so to a number; nil where there are none, or where a double
    /// cannot tell some apart.
    fileprivate func wholeNumbers(_ number: Double) -> ClosedRange<Int64>? {
        guard abs(number) < 9e15 else { return nil }
        let (up, down) = (Int64(number.rounded(.up)), Int64(number.rounded(.down)))
        switch self {
        case .less: return .min...(up - 1)
        case .lessOrEqual: return .min...down
        case .greater: return (down + 1)...(.max)
        case .greaterOrEqual: return up...(.max)
        case .equal: return up == down ? up...up : nil
        }
    }
}

@inline(__always)
private func equal(_ bytes: Span<UInt8>, _ start: Int, _ value: Span<UInt8>) -> Bool {
    for index in value.indices where bytes[start + index] != value[index] { return false }
    return true
}
