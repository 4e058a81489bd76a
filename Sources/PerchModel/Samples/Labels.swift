/// A series' identity: label names and values, sorted by name, as one run of bytes.
///
/// Each label is the length of its name, the name, the length of its value, the value; lengths are
/// LEB128 varints. Two series are the same exactly when these bytes are. Names are unique, values
/// are never empty (an empty value is an absent label, as Prometheus has it), all are UTF-8. The
/// metric's name is the label `__name__`.
package struct Labels: Sendable, Hashable {
    /// The canonical bytes.
    package let bytes: [UInt8]

    /// Takes bytes that are canonical already.
    package init(canonical bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Sorts, drops empty values, and keeps the first of a repeated name.
    package init(_ pairs: [(name: String, value: String)]) {
        var seen: Set<String> = []
        let sorted = pairs.filter { !$0.value.isEmpty && seen.insert($0.name).inserted }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var bytes: [UInt8] = []
        for (name, value) in sorted {
            Self.append(Array(name.utf8), to: &bytes)
            Self.append(Array(value.utf8), to: &bytes)
        }
        self.bytes = bytes
    }

    /// Appends one string with its length before it.
    package static func append(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        var length = UInt(text.count)
        while length >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
        bytes.append(contentsOf: text)
    }

    package func hash(into hasher: inout Hasher) {
        // The library's hash of an array goes byte by byte.
        hasher.combine(SeededHash.hash(bytes.span))
    }

    /// The labels in order.
    ///
    /// Bytes that are not canonical end the list early.
    package var pairs: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        var offset = 0
        while let name = Self.text(in: bytes, at: &offset),
            let value = Self.text(in: bytes, at: &offset)
        {
            result.append(
                (
                    String(decoding: bytes[name], as: UTF8.self),
                    String(decoding: bytes[value], as: UTF8.self)
                ))
        }
        return result
    }

    /// The value of a label, or nil.
    package subscript(name: String) -> String? {
        var offset = 0
        while let found = Self.text(in: bytes, at: &offset),
            let value = Self.text(in: bytes, at: &offset)
        {
            if bytes[found].elementsEqual(name.utf8) {
                return String(decoding: bytes[value], as: UTF8.self)
            }
        }
        return nil
    }

    /// The metric's name, or an empty string.
    package var metricName: String { self["__name__"] ?? "" }

    private static func text(in bytes: [UInt8], at offset: inout Int) -> Range<Int>? {
        var length = 0
        var shift = 0
        repeat {
            guard offset < bytes.count, shift < 35 else { return nil }
            length |= Int(bytes[offset] & 0x7f) << shift
            shift += 7
            offset += 1
        } while bytes[offset - 1] >= 0x80
        guard length <= bytes.count - offset else { return nil }
        defer { offset += length }
        return offset..<offset + length
    }
}
