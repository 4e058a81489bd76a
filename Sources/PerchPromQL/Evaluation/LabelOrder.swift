package import PerchModel

/// Prometheus' order of series, for many at once.
package enum LabelOrder {
    /// Elements in the order of their labels; those with the same labels keep their order.
    ///
    /// Labels are compared by words of eight bytes, which beats going through them label by label.
    package static func sorted<Element>(
        _ elements: [Element], _ labels: (Element) -> Labels
    ) -> [Element] {
        guard elements.count > 1 else { return elements }
        let keys = elements.map { key(labels($0)) }
        let order = elements.indices.sorted { isBefore(keys[$0], keys[$1], $0 < $1) }
        return order.map { elements[$0] }
    }

    /// Names and values, each with a zero behind it, as numbers that compare as the bytes do.
    private static func key(_ labels: Labels) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(labels.bytes.count / 8 + 1)
        var word: UInt64 = 0
        var filled = 0
        func append(_ byte: UInt8) {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                words.append(word)
                (word, filled) = (0, 0)
            }
        }
        labels.forEachPair { name, value in
            for index in name { append(labels.bytes[index]) }
            append(0)
            for index in value { append(labels.bytes[index]) }
            append(0)
        }
        if filled > 0 { words.append(word << UInt64(8 * (8 - filled))) }
        return words
    }

    private static func isBefore(_ left: [UInt64], _ right: [UInt64], _ isFirst: Bool) -> Bool {
        let count = min(left.count, right.count)
        for index in 0..<count where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count == right.count ? isFirst : left.count < right.count
    }
}
