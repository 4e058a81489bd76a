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
    guard name.count >= 8 else {
        for position in name.indices where bytes[start &+ position] != name[position] {
            return false
        }
        return true
    }
    var position = 0
    while position < name.count {
        // The last word begins early, so that it ends where the name does.
        let place = min(position, name.count &- 8)
        if word(bytes, at: start &+ place) != word(name, at: place) { return false }
        position &+= 8
    }
    return true
}
