import PerchModel

/// Work on the canonical bytes of labels without strings.
extension Labels {
    /// Where a label stands in the bytes.
    private struct Part {
        var whole: Range<Int>
        var name: Range<Int>
        var value: Range<Int>
    }

    /// Calls `body` with each label until it says false.
    private func forEachPart(_ body: (Part) -> Bool) {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            guard let name = Self.text(bytes, &offset), let value = Self.text(bytes, &offset),
                body(Part(whole: start..<offset, name: name, value: value))
            else { return }
        }
    }

    private static func text(_ bytes: [UInt8], _ offset: inout Int) -> Range<Int>? {
        var length = 0
        var shift = 0
        while true {
            guard offset < bytes.count, shift < 35 else { return nil }
            let byte = bytes[offset]
            offset += 1
            length |= Int(byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        guard length <= bytes.count - offset else { return nil }
        defer { offset += length }
        return offset..<offset + length
    }

    /// Calls `body` with where each label's name and value stand in the bytes.
    func forEachPair(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        forEachPart { part in
            body(part.name, part.value)
            return true
        }
    }

    /// The value of the label with the name, as bytes.
    func valueBytes(_ name: [UInt8]) -> ArraySlice<UInt8>? {
        var result: ArraySlice<UInt8>?
        forEachPart { part in
            guard bytes[part.name].elementsEqual(name) else { return true }
            result = bytes[part.value]
            return false
        }
        return result
    }

    /// Only the labels with these names, or all but those.
    func filtered(_ names: [[UInt8]], keeps: Bool) -> Labels {
        if names.isEmpty { return keeps ? Labels(canonical: []) : self }
        let span = bytes.span
        var result: [UInt8] = []
        var offset = 0
        while offset < span.count {
            let start = offset
            guard let name = Self.text(bytes, &offset), Self.text(bytes, &offset) != nil else {
                break
            }
            var isNamed = false
            for wanted in names where wanted.count == name.count {
                if Self.isSame(span, name, wanted.span) {
                    isNamed = true
                    break
                }
            }
            if isNamed == keeps { result.append(contentsOf: bytes[start..<offset]) }
        }
        return Labels(canonical: result)
    }

    /// Whether a part of `bytes` is `other`, which is as long.
    @inline(__always)
    private static func isSame(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ other: Span<UInt8>
    ) -> Bool {
        var index = 0
        while index < other.count {
            if bytes[range.lowerBound + index] != other[index] { return false }
            index += 1
        }
        return true
    }

    /// These labels with those of some names taken over from others, or away where the others have
    /// none.
    func replacing(_ names: [[UInt8]], from other: Labels) -> Labels {
        func parts(_ labels: Labels, areNamed: Bool) -> [Part] {
            var parts: [Part] = []
            labels.forEachPart { part in
                let isNamed = names.contains { labels.bytes[part.name].elementsEqual($0) }
                if isNamed == areNamed { parts.append(part) }
                return true
            }
            return parts
        }
        let kept = parts(self, areNamed: false)
        let taken = parts(other, areNamed: true)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        var next = 0
        for part in kept {
            while next < taken.count,
                other.bytes[taken[next].name].lexicographicallyPrecedes(bytes[part.name])
            {
                result.append(contentsOf: other.bytes[taken[next].whole])
                next += 1
            }
            result.append(contentsOf: bytes[part.whole])
        }
        for part in taken[next...] { result.append(contentsOf: other.bytes[part.whole]) }
        return Labels(canonical: result)
    }

    func keeping(_ names: [String]) -> Labels {
        filtered(names.map { Array($0.utf8) }, keeps: true)
    }

    func dropping(_ names: [String]) -> Labels {
        filtered(names.map { Array($0.utf8) }, keeps: false)
    }

    /// The labels that describe a series' metric, not what it belongs to.
    static let metadataNames = ["__name__", "__type__", "__unit__"].map { Array($0.utf8) }
    static let nameBytes = Array("__name__".utf8)

    var droppingMetadata: Labels { filtered(Self.metadataNames, keeps: false) }

    /// The labels with some of them set; an empty value takes a label away.
    func setting(_ changes: [(name: String, value: String)]) -> Labels {
        replacing(changes.map { Array($0.name.utf8) }, from: Labels(changes))
    }

    /// Whether these labels come before others in Prometheus' order: label by label, names before
    /// values.
    static func isBefore(_ left: Labels, _ right: Labels) -> Bool {
        var (l, r) = (0, 0)
        while true {
            guard l < left.bytes.count else { return r < right.bytes.count }
            guard r < right.bytes.count else { return false }
            for _ in 0..<2 {
                guard let a = text(left.bytes, &l), let b = text(right.bytes, &r) else {
                    return false
                }
                let (first, second) = (left.bytes[a], right.bytes[b])
                if first.elementsEqual(second) { continue }
                return first.lexicographicallyPrecedes(second)
            }
        }
    }
}
