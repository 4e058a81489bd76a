/// Reads values from bytes, one after the other.
///
/// It keeps the array alive instead of copying it. A failed read leaves the position where it was.
@frozen
@usableFromInline
package struct ByteReader: Sendable {
    @usableFromInline let bytes: ArraySlice<UInt8>

    @usableFromInline var offset = 0

    /// How many bytes were read; positions in failures count likewise.
    @inlinable
    package var position: Int { offset }

    /// Reads all of `bytes`.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    /// Reads a part of an array, as a record inside a larger buffer.
    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// How many bytes are left.
    @inlinable
    package var remainingByteCount: Int { bytes.count - offset }

    /// Whether everything was read.
    @inlinable
    package var isAtEnd: Bool { offset == bytes.count }

    /// One number.
    @inlinable
    package mutating func read<Value: LittleEndianValue>(
        _ type: Value.Type
    ) throws(ByteFailure) -> Value {
        let value = try LittleEndian.load(type, from: bytes.span, at: offset)
        offset &+= MemoryLayout<Value>.size
        return value
    }

    /// One varint.
    @inlinable
    package mutating func readVarint() throws(ByteFailure) -> UInt64 {
        var place = offset
        let value = try Varint.read(bytes.span, at: &place)
        offset = place
        return value
    }

    /// One signed varint.
    @inlinable
    package mutating func readZigzag() throws(ByteFailure) -> Int64 {
        Varint.unzigzag(try readVarint())
    }

    /// A varint that counts things of at least `elementByteCountMin` bytes each that follow.
    ///
    /// A count that the remaining bytes cannot hold is refused, so that it is safe to reserve by it.
    @inlinable
    package mutating func readCount(elementByteCountMin: Int = 1) throws(ByteFailure) -> Int {
        let start = offset
        let count = try readVarint()
        guard count <= UInt64(remainingByteCount / max(1, elementByteCountMin)) else {
            offset = start
            throw .countTooLarge(atByte: start)
        }
        return Int(count)
    }

    /// A column of `count` numbers.
    @inlinable
    package mutating func readArray<Value: LittleEndianValue>(
        _ type: Value.Type, count: Int
    ) throws(ByteFailure) -> [Value] {
        let values = try LittleEndian.loadArray(
            type, count: count, from: bytes.span, at: offset)
        offset &+= count &* MemoryLayout<Value>.size
        return values
    }

    /// The next `count` bytes, not copied.
    @inlinable
    package mutating func readBytes(count: Int) throws(ByteFailure) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remainingByteCount else {
            throw .truncated(atByte: bytes.count)
        }
        let start = bytes.startIndex + offset
        offset &+= count
        return bytes[start..<(start + count)]
    }

    /// A varint length and that many bytes, not copied.
    @inlinable
    package mutating func readBlob() throws(ByteFailure) -> ArraySlice<UInt8> {
        try readBytes(count: readCount())
    }

    /// A varint length and that much UTF-8; what is not UTF-8 becomes U+FFFD.
    @inlinable
    package mutating func readString() throws(ByteFailure) -> String {
        String(decoding: try readBlob(), as: UTF8.self)
    }
}

/// Writes what `ByteReader` reads.
package enum ByteWriter {
    /// Adds a varint length and the bytes.
    package static func appendBlob(_ blob: some Collection<UInt8>, to bytes: inout [UInt8]) {
        Varint.append(UInt64(blob.count), to: &bytes)
        bytes.append(contentsOf: blob)
    }

    /// Adds a varint length and the UTF-8 of `text`.
    package static func appendString(_ text: String, to bytes: inout [UInt8]) {
        appendBlob(text.utf8, to: &bytes)
    }
}
