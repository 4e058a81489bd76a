import PerchBytes

/// Writes the labels of a line as canonical bytes.
enum LabelWriter {
    typealias Text = ExpositionParser.Text
    typealias Label = ExpositionParser.Label

    private static let metricName = Array("__name__".utf8)

    /// Sorts the labels and writes them with the metric's name among them.
    ///
    /// Answers where they end, or nil when a label stands twice. `output` must have room for all
    /// and ``ByteCopy/slack`` bytes more.
    static func write(
        _ name: Text, _ labels: inout [Label], _ bytes: Span<UInt8>, _ scratch: Span<UInt8>,
        to output: inout MutableSpan<UInt8>, from start: Int
    ) -> Int? {
        guard sort(&labels, bytes, scratch) else { return nil }
        var filled = start
        var needsName = true
        for label in labels {
            if needsName {
                let order = orderToName(label.name, bytes, scratch)
                if order == 0 { return nil }
                if order > 0 {
                    filled = put(name, bytes, scratch, to: &output, from: filled)
                    needsName = false
                }
            }
            if label.value.range.isEmpty { continue }
            filled = put(label.name, bytes, scratch, to: &output, at: filled)
            filled = put(label.value, bytes, scratch, to: &output, at: filled)
        }
        return needsName ? put(name, bytes, scratch, to: &output, from: filled) : filled
    }

    /// Insertion sort: most labels come in order.
    ///
    /// False when two have the same name.
    private static func sort(
        _ labels: inout [Label], _ bytes: Span<UInt8>, _ scratch: Span<UInt8>
    ) -> Bool {
        for index in labels.indices.dropFirst() {
            var place = index
            while place > 0 {
                let order = order(labels[place].name, labels[place - 1].name, bytes, scratch)
                if order > 0 { break }
                if order == 0 { return false }
                labels.swapAt(place, place - 1)
                place -= 1
            }
        }
        return true
    }

    @inline(__always)
    private static func order(
        _ left: Text, _ right: Text, _ bytes: Span<UInt8>, _ scratch: Span<UInt8>
    ) -> Int {
        if !left.isScratch, !right.isScratch {
            // Fast path: most names differ in their first character.
            let difference =
                Int(bytes[left.range.lowerBound]) - Int(bytes[right.range.lowerBound])
            if difference != 0 { return difference }
        }
        let shorter = min(left.range.count, right.range.count)
        for offset in 0..<shorter {
            let difference =
                Int(byte(left, offset, bytes, scratch)) - Int(byte(right, offset, bytes, scratch))
            if difference != 0 { return difference }
        }
        return left.range.count - right.range.count
    }

    /// Where a label stands to `__name__`.
    private static func orderToName(
        _ name: Text, _ bytes: Span<UInt8>, _ scratch: Span<UInt8>
    ) -> Int {
        let first = byte(name, 0, bytes, scratch)
        if first != UInt8(ascii: "_") { return Int(first) - Int(UInt8(ascii: "_")) }
        for offset in 0..<min(name.range.count, 8) {
            let difference = Int(byte(name, offset, bytes, scratch)) - Int(metricName[offset])
            if difference != 0 { return difference }
        }
        return name.range.count - 8
    }

    @inline(__always)
    private static func byte(
        _ text: Text, _ offset: Int, _ bytes: Span<UInt8>, _ scratch: Span<UInt8>
    ) -> UInt8 {
        text.isScratch
            ? scratch[text.range.lowerBound + offset] : bytes[text.range.lowerBound + offset]
    }

    /// The label `__name__`.
    private static func put(
        _ name: Text, _ bytes: Span<UInt8>, _ scratch: Span<UInt8>,
        to output: inout MutableSpan<UInt8>, from start: Int
    ) -> Int {
        output[start] = 8
        ByteCopy.copy(metricName.span, 0..<8, to: &output, at: start + 1)
        return put(name, bytes, scratch, to: &output, at: start + 9)
    }

    /// A text with its length before it.
    @inline(__always)
    private static func put(
        _ text: Text, _ bytes: Span<UInt8>, _ scratch: Span<UInt8>,
        to output: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        var place = start
        var rest = text.range.count
        while rest >= 0x80 {
            output[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
        }
        output[place] = UInt8(truncatingIfNeeded: rest)
        place += 1
        if text.isScratch {
            ByteCopy.copy(scratch, text.range, to: &output, at: place)
        } else {
            ByteCopy.copy(bytes, text.range, to: &output, at: place)
        }
        return place + text.range.count
    }
}
