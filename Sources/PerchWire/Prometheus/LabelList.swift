import PerchBytes
import PerchModel

/// Labels in the order they came, to be sorted and checked: the way for those that are not in
/// order already.
struct LabelList {
    /// Ranges of a name and a value in the bytes given to each call.
    private var labels: [(name: Range<Int>, value: Range<Int>)] = []

    var count: Int { labels.count }

    mutating func removeAll() {
        labels.removeAll(keepingCapacity: true)
    }

    mutating func append(name: Range<Int>, value: Range<Int>) {
        labels.append((name, value))
    }

    /// Appends the canonical bytes to `canonical`, or says what is wrong with the labels.
    mutating func encode(_ bytes: Span<UInt8>, to canonical: inout [UInt8]) -> String? {
        for label in labels {
            guard !label.name.isEmpty else { return "a label without a name" }
            guard UTF8Check.isValid(bytes.extracting(label.name)),
                UTF8Check.isValid(bytes.extracting(label.value))
            else { return "a label that is not UTF-8" }
        }
        for index in labels.indices.dropFirst() {
            var place = index
            while place > 0,
                Self.order(bytes, labels[place].name, labels[place - 1].name) < 0
            {
                labels.swapAt(place, place - 1)
                place -= 1
            }
        }
        for index in labels.indices.dropFirst()
        where ByteCopy.equal(bytes, labels[index].name, bytes, labels[index - 1].name) {
            return "the label \(Self.text(bytes, labels[index].name)) twice"
        }
        for label in labels where !label.value.isEmpty {
            Self.append(bytes, label.name, to: &canonical)
            Self.append(bytes, label.value, to: &canonical)
        }
        return nil
    }

    /// How many characters all names and values have.
    func characterCount(_ bytes: Span<UInt8>) -> Int {
        var count = 0
        for label in labels {
            for index in label.name where bytes[index] & 0xc0 != 0x80 { count += 1 }
            for index in label.value where bytes[index] & 0xc0 != 0x80 { count += 1 }
        }
        return count
    }

    /// Below 0 when the left bytes come first, 0 when both are the same.
    static func order(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Int {
        let shorter = min(left.count, right.count)
        for offset in 0..<shorter {
            let difference =
                Int(bytes[left.lowerBound + offset]) - Int(bytes[right.lowerBound + offset])
            if difference != 0 { return difference }
        }
        return left.count - right.count
    }

    static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    private static func append(
        _ bytes: Span<UInt8>, _ range: Range<Int>, to canonical: inout [UInt8]
    ) {
        Varint.append(UInt64(range.count), to: &canonical)
        for index in range { canonical.append(bytes[index]) }
    }
}
