// What spans of bytes cannot do safely yet, in one place; each checks its bounds.

/// Eight bytes as a number of the machine's byte order.
@inlinable
@inline(__always)
package func word(_ bytes: Span<UInt8>, at position: Int) -> UInt64 {
    // Safe: bytes of integers may be read as bytes.
    let raw = unsafe bytes.bytes
    // Safe: the load checks that the 8 bytes lie in the span; any bytes are a number.
    return unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
}

/// Writes eight bytes, the lowest of the number first.
@inlinable
@inline(__always)
package func store(_ word: UInt64, in target: inout MutableSpan<UInt8>, at position: Int) {
    precondition(position >= 0 && position <= target.count &- 8, "a word outside of the bytes")
    // Safe: the eight bytes lie in the span, which was just checked.
    unsafe target.withUnsafeMutableBytes { bytes in
        unsafe bytes.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
    }
}

extension [UInt8] {
    /// Appends the bytes of a span at once.
    @inlinable
    @inline(__always)
    package mutating func append(_ span: Span<UInt8>) {
        // Safe: the pointer is used within the closure only, and `append` copies.
        unsafe span.withUnsafeBufferPointer { buffer in
            unsafe append(contentsOf: buffer)
        }
    }

    /// The bytes of a span, as an array of their own.
    @inlinable
    package init(_ span: Span<UInt8>) {
        self.init()
        reserveCapacity(span.count)
        append(span)
    }
}

/// Whether `name` stands in `bytes` at `start`, where as many bytes are.
@inlinable
@inline(__always)
package func stands(_ name: Span<UInt8>, in bytes: Span<UInt8>, at start: Int) -> Bool {
    let count = name.count
    precondition(start >= 0 && start <= bytes.count &- count, "a place outside of the bytes")
    // Safe: `count` bytes are at both pointers, as was just checked, and loads stay within them.
    return unsafe name.withUnsafeBytes { left in
        unsafe bytes.withUnsafeBytes { right in
            guard let left = left.baseAddress, let right = right.baseAddress else {
                return count == 0
            }
            return unsafe areEqual(left, right + start, count)
        }
    }
}

/// Whether as many bytes at two places are the same.
@unsafe
@inlinable
@inline(__always)
package func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    if count >= 8 {
        // The last word begins early, so that it ends where the bytes do.
        let last = count &- 8
        // Safe: whoever calls has checked that as many bytes are there.
        guard unsafe same(left, right, last, UInt64.self) else { return false }
        var place = 0
        while place < last {
            // Safe: the word ends before the last one does.
            guard unsafe same(left, right, place, UInt64.self) else { return false }
            place &+= 8
        }
        return true
    }
    if count >= 4 {
        // Safe: four bytes are there, and those before the end are.
        return unsafe same(left, right, 0, UInt32.self)
            && same(left, right, count &- 4, UInt32.self)
    }
    var place = 0
    while place < count {
        // Safe: the byte is one of as many.
        guard unsafe same(left, right, place, UInt8.self) else { return false }
        place &+= 1
    }
    return true
}

/// Whether the numbers at an offset are the same.
@unsafe
@inlinable
@inline(__always)
package func same<Number: FixedWidthInteger & BitwiseCopyable>(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ offset: Int, _: Number.Type
) -> Bool {
    // Safe: whoever calls has checked that the bytes are there; any bytes are a number.
    unsafe left.loadUnaligned(fromByteOffset: offset, as: Number.self)
        == right.loadUnaligned(fromByteOffset: offset, as: Number.self)
}
