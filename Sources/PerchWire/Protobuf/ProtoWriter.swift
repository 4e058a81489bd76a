import PerchModel

/// Writes protobuf's wire format.
///
/// Source: protobuf.dev/programming-guides/encoding.
package struct ProtoWriter: Sendable {
    /// What is written so far; the content of an open field may be appended here.
    package var bytes: [UInt8] = []

    package init() {}

    package mutating func varint(field: UInt32, _ value: UInt64) {
        append(UInt64(field) << 3)
        append(value)
    }

    package mutating func fixed64(field: UInt32, _ value: UInt64) {
        append(UInt64(field) << 3 | 1)
        var rest = value
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    package mutating func fixed32(field: UInt32, _ value: UInt32) {
        append(UInt64(field) << 3 | 5)
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
        }
    }

    package mutating func bytes(field: UInt32, _ value: [UInt8]) {
        bytes(field: field, value.span)
    }

    package mutating func bytes(field: UInt32, _ value: Span<UInt8>) {
        append(UInt64(field) << 3 | 2)
        append(UInt64(value.count))
        bytes.append(value)
    }

    /// Writes the bytes behind hex digits of either case.
    ///
    /// False, and nothing is written, for an odd count or another character.
    package mutating func hex(field: UInt32, _ digits: Span<UInt8>) -> Bool {
        guard digits.count.isMultiple(of: 2) else { return false }
        let start = bytes.count
        append(UInt64(field) << 3 | 2)
        append(UInt64(digits.count / 2))
        guard Hex.append(digits, to: &bytes) else {
            bytes.removeLast(bytes.count - start)
            return false
        }
        return true
    }

    /// Writes an OTLP attribute with a string.
    package mutating func attribute(field: UInt32, _ key: Span<UInt8>, string: Span<UInt8>) {
        let inner = 1 + Self.byteCount(UInt64(string.count)) + string.count
        attribute(field: field, key, valueByteCount: inner)
        bytes(field: 1, string)
    }

    /// Writes an OTLP attribute with an integer.
    package mutating func attribute(field: UInt32, _ key: Span<UInt8>, int: Int64) {
        let value = UInt64(bitPattern: int)
        attribute(field: field, key, valueByteCount: 1 + Self.byteCount(value))
        varint(field: 3, value)
    }

    /// Writes an OTLP attribute up to the content of its value.
    @inline(__always)
    private mutating func attribute(field: UInt32, _ key: Span<UInt8>, valueByteCount: Int) {
        let outer =
            1 + Self.byteCount(UInt64(key.count)) + key.count + 1
            + Self.byteCount(UInt64(valueByteCount)) + valueByteCount
        append(UInt64(field) << 3 | 2)
        append(UInt64(outer))
        bytes(field: 1, key)
        append(0x12)
        append(UInt64(valueByteCount))
    }

    /// The bytes of a varint.
    @inline(__always)
    private static func byteCount(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// Begins a field whose length is known later, and answers where to ``close(_:)``.
    ///
    /// Leaves room for the length as a varint of five bytes, which readers accept although it
    /// is longer than need be; so nothing has to be moved when the length is known.
    package mutating func open(field: UInt32) -> Int {
        append(UInt64(field) << 3 | 2)
        for _ in 0..<4 { bytes.append(0x80) }
        bytes.append(0)
        return bytes.count
    }

    /// Ends the field that began at `start`.
    ///
    /// Its length must be below 2^35.
    package mutating func close(_ start: Int) {
        var length = bytes.count - start
        for offset in 0..<5 {
            let more: UInt8 = offset < 4 ? 0x80 : 0
            bytes[start - 5 + offset] = UInt8(length & 0x7f) | more
            length >>= 7
        }
    }

    @inline(__always)
    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
