/// Runs of bytes that are copied and compared many times a request: names and values of labels.
///
/// Most are shorter than 16 bytes, where a call of `memcpy` costs more than the copy.
package enum ByteCopy {
    /// How much room after a copy's place makes it quick.
    package static let slack = 16

    /// Copies a range of `source` to a place of `target`, which must be large enough.
    ///
    /// Up to ``slack`` bytes after the place may be overwritten: fill from the front.
    @inlinable
    @inline(__always)
    package static func copy(
        _ source: Span<UInt8>, _ range: Range<Int>, to target: inout [UInt8], at place: Int
    ) {
        let count = range.count
        precondition(
            range.lowerBound >= 0 && range.upperBound <= source.count && place >= 0
                && count <= target.count - place, "copy outside of the bytes")
        // Safe: the precondition keeps both ranges inside; a quick copy moves 16 bytes only where
        // both have them.
        unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                if count <= slack, place + slack <= to.count,
                    range.lowerBound + slack <= from.count
                {
                    // Fast path: two words, whatever the count.
                    let low = unsafe from.loadUnaligned(
                        fromByteOffset: range.lowerBound, as: UInt64.self)
                    let high = unsafe from.loadUnaligned(
                        fromByteOffset: range.lowerBound + 8, as: UInt64.self)
                    unsafe to.storeBytes(of: low, toByteOffset: place, as: UInt64.self)
                    unsafe to.storeBytes(of: high, toByteOffset: place + 8, as: UInt64.self)
                } else {
                    unsafe UnsafeMutableRawBufferPointer(rebasing: to[place..<(place + count)])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: from[range]))
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
        var all: UInt64 = 0
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            // Safe: eight bytes from `place` are within the range, which is inside of the span.
            all |= unsafe word(bytes, place)
            place += 8
        }
        while place < range.upperBound {
            all |= UInt64(bytes[place])
            place += 1
        }
        return all & 0x8080_8080_8080_8080 == 0
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
