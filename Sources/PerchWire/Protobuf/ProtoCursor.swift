import PerchBytes

/// A place in a protobuf message, and where the message ends.
///
/// The bytes come as a parameter of each call, so a cursor is three words, and reading a nested
/// message makes another cursor and copies nothing. Source: protobuf.dev/programming-guides/encoding.
package struct ProtoCursor {
    package private(set) var position: Int
    let end: Int

    /// Reads `range`, which must lie within the bytes given to each call.
    package init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The tag of the next field (number times eight, plus the wire type), or nil at the end.
    @inline(__always)
    package mutating func tag(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt32? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint(bytes)
        guard tag <= UInt64(UInt32.max), tag >= 8 else {
            throw .malformed("field number is not valid", atByte: start)
        }
        return UInt32(truncatingIfNeeded: tag)
    }

    @inline(__always)
    package mutating func varint(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt64 {
        // Fast path: one byte.
        if position < end, bytes[position] < 0x80 {
            defer { position += 1 }
            return UInt64(bytes[position])
        }
        return try longVarint(bytes)
    }

    private mutating func longVarint(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw .malformed("varint over ten bytes", atByte: start) }
        }
        throw .malformed("message ends within a varint", atByte: start)
    }

    @inline(__always)
    package mutating func fixed64(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt64 {
        guard end - position >= 8 else {
            throw .malformed("message ends within a 64-bit value", atByte: position)
        }
        // One load; the guard makes sure that it succeeds.
        let value = (try? LittleEndian.load(UInt64.self, from: bytes, at: position)) ?? 0
        position += 8
        return value
    }

    package mutating func fixed32(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt32 {
        guard end - position >= 4 else {
            throw .malformed("message ends within a 32-bit value", atByte: position)
        }
        var value: UInt32 = 0
        for offset in 0..<4 {
            value |= UInt32(bytes[position + offset]) << UInt32(offset * 8)
        }
        position += 4
        return value
    }

    mutating func double(_ bytes: Span<UInt8>) throws(WireFailure) -> Double {
        Double(bitPattern: try fixed64(bytes))
    }

    /// The range of a length-delimited field, and moves past it.
    @inline(__always)
    package mutating func range(_ bytes: Span<UInt8>) throws(WireFailure) -> Range<Int> {
        let start = position
        let length = try varint(bytes)
        guard length <= UInt64(end - position) else {
            throw .malformed("field is longer than its message", atByte: start)
        }
        let range = position..<position + Int(length)
        position = range.upperBound
        return range
    }

    /// Moves past fields of one tag below 16 with less than 128 bytes each, as long as they come.
    @inline(__always)
    mutating func skipShort(_ bytes: Span<UInt8>, tag: UInt8) {
        while position &+ 2 <= end, bytes[position] == tag {
            let length = bytes[position &+ 1]
            guard length < 0x80, Int(length) <= end &- position &- 2 else { return }
            position &+= 2 &+ Int(length)
        }
    }

    /// Moves past the value of a field that nobody reads.
    mutating func skip(_ bytes: Span<UInt8>, tag: UInt32) throws(WireFailure) {
        switch tag & 7 {
        case 0: _ = try varint(bytes)
        case 1: _ = try fixed64(bytes)
        case 2: _ = try range(bytes)
        case 5: _ = try fixed32(bytes)
        // Groups, which proto3 does not have, would need recursion.
        default: throw .malformed("wire type \(tag & 7) is not valid", atByte: position)
        }
    }
}
