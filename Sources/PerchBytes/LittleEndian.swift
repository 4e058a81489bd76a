/// A number that stands on the disk as its plain little-endian bytes.
@usableFromInline
package protocol LittleEndianValue: BitwiseCopyable, Sendable {
    /// Zero, to fill a place that is then overwritten.
    static var zero: Self { get }
    /// The same value with its bytes in the order of the disk, or back.
    var inDiskOrder: Self { get }
}

extension LittleEndianValue where Self: FixedWidthInteger {
    /// The value with little-endian bytes.
    @inlinable
    package var inDiskOrder: Self { littleEndian }
}

extension UInt8: LittleEndianValue {}
extension UInt16: LittleEndianValue {}
extension UInt32: LittleEndianValue {}
extension UInt64: LittleEndianValue {}
extension Int16: LittleEndianValue {}
extension Int32: LittleEndianValue {}
extension Int64: LittleEndianValue {}

extension Double: LittleEndianValue {
    /// The value with little-endian bytes.
    ///
    /// Bit patterns are kept, those of NaN too.
    @inlinable
    package var inDiskOrder: Double { Double(bitPattern: bitPattern.littleEndian) }
}

/// Numbers to little-endian bytes and back.
@usableFromInline
package enum LittleEndian {
    /// Adds the bytes of one value.
    @inlinable
    package static func append<Value: LittleEndianValue>(
        _ value: Value, to bytes: inout [UInt8]
    ) {
        // Safe: the pointer covers the bytes of a local copy and does not outlive the call.
        unsafe withUnsafeBytes(of: value.inDiskOrder) { source in
            unsafe bytes.append(contentsOf: source)
        }
    }

    /// Adds the bytes of every value, without a count: one copy on a little-endian machine.
    @inlinable
    package static func append<Value: LittleEndianValue>(
        contentsOf values: [Value], to bytes: inout [UInt8]
    ) {
        #if _endian(little)
            // Safe: the pointer covers the array's elements, which are plain bits without padding.
            unsafe values.withUnsafeBytes { source in
                unsafe bytes.append(contentsOf: source)
            }
        #else
            for value in values { append(value, to: &bytes) }
        #endif
    }

    /// Overwrites bytes that are there already, as a length that is known only at the end.
    ///
    /// The place must exist: this writes what we are making, it never reads from outside.
    @inlinable
    package static func store<Value: LittleEndianValue>(
        _ value: Value, in bytes: inout [UInt8], at offset: Int
    ) {
        precondition(
            offset >= 0 && offset <= bytes.count - MemoryLayout<Value>.size,
            "store outside of the bytes")
        // Safe: the precondition keeps the place inside the array.
        unsafe bytes.withUnsafeMutableBytes { target in
            unsafe target.storeBytes(of: value.inDiskOrder, toByteOffset: offset, as: Value.self)
        }
    }

    /// The value whose bytes start at `offset`.
    @inlinable
    package static func load<Value: LittleEndianValue>(
        _ type: Value.Type, from bytes: Span<UInt8>, at offset: Int
    ) throws(ByteFailure) -> Value {
        guard offset >= 0, offset <= bytes.count &- MemoryLayout<Value>.size else {
            throw .truncated(atByte: bytes.count)
        }
        // Safe: the guard keeps the read inside the span; every bit pattern is a value.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
            .inDiskOrder
    }

    /// `count` values whose bytes start at `offset`: one copy on a little-endian machine.
    ///
    /// Nothing is allocated before the bytes are known to be there.
    @inlinable
    package static func loadArray<Value: LittleEndianValue>(
        _ type: Value.Type, count: Int, from bytes: Span<UInt8>, at offset: Int
    ) throws(ByteFailure) -> [Value] {
        let size = MemoryLayout<Value>.size
        guard count >= 0, offset >= 0, offset <= bytes.count,
            count <= (bytes.count &- offset) / size
        else {
            throw .truncated(atByte: bytes.count)
        }
        guard count > 0 else { return [] }
        let part = bytes.extracting(offset..<(offset &+ count &* size))
        // Safe: the array's place and the part are both `count * size` bytes, all of which are set.
        let values = unsafe [Value](unsafeUninitializedCapacity: count) { target, filled in
            unsafe part.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            }
            filled = count
        }
        #if _endian(little)
            return values
        #else
            return values.map(\.inDiskOrder)
        #endif
    }
}
