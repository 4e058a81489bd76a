/// Eight bytes at once, for loops that checked the place before.
@usableFromInline
package enum Words {
    /// The number whose little-endian bytes start at `offset`.
    ///
    /// The place must exist: a loop over bytes from outside checks that once for many words, where
    /// ``LittleEndian`` would throw at each.
    @inlinable
    @inline(__always)
    package static func load(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= bytes.count &- 8, "a word outside of the bytes")
        // Safe: the precondition keeps the read inside the span; every bit pattern is a value.
        return unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: offset, as: UInt64.self))
    }
}
