/// Runs of bytes that are copied and compared many times a request: names and values of labels.
///
/// Most are shorter than 16 bytes, where a call of `memcpy` costs more than the copy.
@usableFromInline
package enum ByteCopy {
    /// How much room after a copy's place makes it quick.
    @inlinable
    package static var slack: Int { 16 }

    /// Copies a range of `source` to a place of `target`, which must be large enough.
    ///
    /// Up to ``slack`` bytes after the place may be overwritten: fill from the front.
    @inlinable
    @inline(__always)
    package static func copy(
        _ source: Span<UInt8>, _ range: Range<Int>, to target: inout MutableSpan<UInt8>,
        at place: Int
    ) {
        let count = range.upperBound &- range.lowerBound
        precondition(
            range.lowerBound >= 0 && range.upperBound <= source.count && place >= 0
                && count <= target.count &- place, "copy outside of the bytes")
        let isQuick =
            count <= slack && place <= target.count &- slack
            && range.lowerBound <= source.count &- slack
        // Safe: the precondition keeps both ranges inside; a quick copy moves 16 bytes only where
        // both have them.
        unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                guard let start = from.baseAddress, let end = to.baseAddress else {
                    return
                }
                let source = unsafe start + range.lowerBound
                let target = unsafe end + place
                if isQuick {
                    // Fast path: two words, whatever the count.
                    let low = unsafe source.loadUnaligned(as: UInt64.self)
                    let high = unsafe source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                    unsafe target.storeBytes(of: low, as: UInt64.self)
                    unsafe target.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
                } else {
                    unsafe target.copyMemory(from: source, byteCount: count)
                }
            }
        }
    }

    /// Whether two ranges hold the same bytes.
    @inlinable
    package static func equal(
        _ left: Span<UInt8>, _ leftRange: Range<Int>, _ right: Span<UInt8>,
        _ rightRange: Range<Int>
    ) -> Bool {
        let count = leftRange.count
        guard count == rightRange.count else { return false }
        precondition(
            leftRange.lowerBound >= 0 && leftRange.upperBound <= left.count
                && rightRange.lowerBound >= 0 && rightRange.upperBound <= right.count,
            "comparison outside of the bytes")
        var done = 0
        while done + 8 <= count {
            // Safe: eight bytes from `done` are within both ranges, which the precondition keeps
            // inside of the spans.
            let isSame =
                unsafe word(left, leftRange.lowerBound + done)
                == word(right, rightRange.lowerBound + done)
            guard isSame else { return false }
            done += 8
        }
        while done < count {
            guard left[leftRange.lowerBound + done] == right[rightRange.lowerBound + done] else {
                return false
            }
            done += 1
        }
        return true
    }

    /// Whether all bytes of a range are ASCII.
    @inlinable
    package static func isASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count, "range outside of the bytes")
        // Safe: all places are within the range, which is inside of the span.
        return unsafe bytes.withUnsafeBytes { buffer in
            var all: UInt64 = 0
            var place = range.lowerBound
            while place &+ 32 <= range.upperBound {
                let first = unsafe buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                let second = unsafe buffer.loadUnaligned(
                    fromByteOffset: place &+ 8, as: UInt64.self)
                let third = unsafe buffer.loadUnaligned(
                    fromByteOffset: place &+ 16, as: UInt64.self)
                let last = unsafe buffer.loadUnaligned(fromByteOffset: place &+ 24, as: UInt64.self)
                all |= first | second | third | last
                place &+= 32
            }
            while place < range.upperBound {
                all |= unsafe UInt64(buffer[place])
                place &+= 1
            }
            return all & 0x8080_8080_8080_8080 == 0
        }
    }

    /// The eight bytes at a place, which the caller has checked.
    @inlinable
    @inline(__always)
    @unsafe
    package static func word(_ bytes: Span<UInt8>, _ place: Int) -> UInt64 {
        // Safe: the caller's duty.
        unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }
}
