/// LEB128: seven bits a byte, the lowest first; the top bit says that another byte follows.
@usableFromInline
package enum Varint {
    /// The most bytes that a 64-bit value takes.
    package static let byteCountMax = 10

    /// Adds `value` in one to ten bytes.
    @inlinable
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Adds a signed value so that small ones of either sign stay short.
    @inlinable
    package static func appendZigzag(_ value: Int64, to bytes: inout [UInt8]) {
        append(zigzag(value), to: &bytes)
    }

    /// A signed value as an unsigned one: 0, -1, 1, -2, … as 0, 1, 2, 3 and so on.
    @inlinable
    package static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }

    /// The signed value behind `zigzag`.
    @inlinable
    package static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads one value and moves `offset` past it; a failed read leaves `offset` where it was.
    @inlinable
    package static func read(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(ByteFailure) -> UInt64 {
        var place = offset
        guard place >= 0 else { throw .truncated(atByte: 0) }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count {
            let byte = bytes[place]
            // The tenth byte has room for one bit only.
            if shift == 63, byte > 1 { throw .varintTooLong(atByte: place) }
            value |= UInt64(byte & 0x7F) &<< shift
            place &+= 1
            if byte < 0x80 {
                offset = place
                return value
            }
            shift &+= 7
        }
        throw .truncated(atByte: bytes.count)
    }

    /// Reads one signed value and moves `offset` past it.
    @inlinable
    package static func readZigzag(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(ByteFailure) -> Int64 {
        unzigzag(try read(bytes, at: &offset))
    }
}
