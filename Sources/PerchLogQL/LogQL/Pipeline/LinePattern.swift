/// A pattern such as `<ip> - <_> "<method> <path>"`: texts, and names for what stands between.
///
/// Source: Grafana Loki, "LogQL", pattern parser and pattern match filter.
struct LinePattern: Sendable {
    enum Part: Sendable, Hashable {
        case literal([UInt8])
        /// Nil for `<_>`.
        case capture(String?)
    }

    let parts: [Part]
    /// In the order in which they stand.
    let names: [String]
    private let needles: [ByteNeedle?]

    /// Reads a pattern: one for a parser names something, one for a filter names nothing.
    init(_ text: String, isFilter: Bool) throws(LogQLFailure) {
        var parts: [Part] = []
        var literal: [UInt8] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "<"), let end = Self.captureEnd(bytes, place) else {
                literal.append(bytes[place])
                place += 1
                continue
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
            let name = String(decoding: bytes[place + 1..<end], as: UTF8.self)
            if case .capture? = parts.last {
                throw .parse(
                    "found consecutive capture '\(LogQLText.quote(text))': invalid pattern")
            }
            parts.append(.capture(name == "_" ? nil : name))
            place = end + 1
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        let names = parts.compactMap { part -> String? in
            if case .capture(let name) = part { return name }
            return nil
        }
        if isFilter {
            guard names.isEmpty else { throw .parse("named captures are not allowed") }
        } else {
            guard !names.isEmpty else {
                throw .parse("at least one capture is required: invalid pattern")
            }
            guard Set(names).count == names.count else {
                throw .parse("duplicate capture name: invalid pattern")
            }
        }
        self.parts = parts
        self.names = names
        needles = parts.map {
            if case .literal(let bytes) = $0 { return ByteNeedle(bytes) }
            return nil
        }
    }

    private static func captureEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        var place = start + 1
        guard place < bytes.count, bytes[place].isLogQLLetter else { return nil }
        while place < bytes.count, bytes[place].isLogQLLetter || bytes[place].isLogQLDigit {
            place += 1
        }
        return place < bytes.count && bytes[place] == UInt8(ascii: ">") ? place : nil
    }

    /// Texts of which each stands in every line that fits.
    var literals: [[UInt8]] {
        parts.compactMap {
            if case .literal(let bytes) = $0 { return bytes }
            return nil
        }
    }

    /// Whether the whole line fits; what stands between texts is never empty.
    func matches(_ line: Span<UInt8>) -> Bool {
        guard line.count > 0, !parts.isEmpty else { return line.count == 0 && parts.isEmpty }
        var offset = 0
        for index in parts.indices {
            guard let needle = needles[index] else { continue }
            guard let place = needle.firstIndex(in: line, from: offset) else { return false }
            if (index == 0) != (place == offset) { return false }
            offset = place + needle.count
        }
        var endsOpen = false
        if case .capture? = parts.last { endsOpen = true }
        return endsOpen == (offset != line.count)
    }

    /// Adds the place of each name among all and its range; those that the line ends before are
    /// left out.
    func find(in line: Span<UInt8>, _ found: inout [(name: Int, range: Range<Int>)]) {
        guard line.count > 0 else { return }
        var offset = 0
        var index = 0
        var place = 0
        func take(_ name: String?, _ range: Range<Int>) {
            guard name != nil else { return }
            found.append((place, range))
            place += 1
        }
        if let needle = needles.first ?? nil {
            guard needle.firstIndex(in: line, from: 0) == 0 else { return }
            offset = needle.count
            index = 1
        }
        while index < parts.count {
            guard case .capture(let name) = parts[index] else { return }
            guard index + 1 < parts.count, let needle = needles[index + 1],
                let end = needle.firstIndex(in: line, from: offset)
            else {
                take(name, offset..<line.count)
                return
            }
            take(name, offset..<end)
            offset = end + needle.count
            index += 2
        }
    }
}

/// Finds bytes within bytes, each as it is.
struct ByteNeedle: Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    func firstIndex(in text: Span<UInt8>, from start: Int) -> Int? {
        guard let first = bytes.first else { return start }
        guard text.count - start >= bytes.count else { return nil }
        var place = start
        let last = text.count - bytes.count
        while place <= last {
            if text[place] == first {
                var index = 1
                while index < bytes.count, text[place &+ index] == bytes[index] { index += 1 }
                if index == bytes.count { return place }
            }
            place += 1
        }
        return nil
    }
}
