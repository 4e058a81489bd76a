package import PerchBytes

/// Whole numbers in blocks of 64, each block with as many bits a number as its range needs.
///
/// See docs/format/series-segment.md, "Blocks". Arithmetic wraps, so that any numbers go through.
package enum BitBlocks {
    /// Numbers of one block; a full block of width w takes exactly 8·w bytes.
    static let count = 64

    /// The bytes that `append` would add, without their making.
    static func byteCount(_ numbers: [Int64], _ range: Range<Int>) -> Int {
        var sum = 0
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + count, range.upperBound)
            let (least, greatest) = bounds(numbers, start..<end)
            let width = 64 - (UInt64(bitPattern: greatest &- least)).leadingZeroBitCount
            sum += 1 + (width * (end - start) + 7) / 8
            if least != 0 { sum += varintByteCount(Varint.zigzag(least)) }
            start = end
        }
        return sum
    }

    /// Adds the numbers of a range.
    package static func append(_ numbers: [Int64], _ range: Range<Int>, to bytes: inout [UInt8]) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + count, range.upperBound)
            let (least, greatest) = bounds(numbers, start..<end)
            let width = 64 - (UInt64(bitPattern: greatest &- least)).leadingZeroBitCount
            bytes.append(UInt8(width) << 1 | (least != 0 ? 1 : 0))
            if least != 0 { Varint.appendZigzag(least, to: &bytes) }
            if width > 0 { pack(numbers, start..<end, least, width, &bytes) }
            start = end
        }
    }

    /// Reads as many numbers as the array has places.
    package static func read(
        _ bytes: Span<UInt8>, at offset: inout Int, into numbers: inout [Int64]
    ) throws(ByteFailure) {
        var target = numbers.mutableSpan
        let total = target.count
        var start = 0
        while start < total {
            let end = min(start + count, total)
            guard offset < bytes.count else { throw .truncated(atByte: offset) }
            let head = bytes[offset]
            let width = Int(head >> 1)
            guard width <= 64 else { throw .invalid(atByte: offset) }
            offset += 1
            let least = head & 1 == 0 ? 0 : try Varint.readZigzag(bytes, at: &offset)
            let byteCount = (width * (end - start) + 7) / 8
            guard byteCount <= bytes.count - offset else { throw .truncated(atByte: offset) }
            if width == 0 {
                for index in start..<end { target[index] = least }
            } else {
                unpack(bytes, offset, width, least, start..<end, &target)
            }
            offset += byteCount
            start = end
        }
    }

    private static func bounds(_ numbers: [Int64], _ range: Range<Int>) -> (Int64, Int64) {
        var least = numbers[range.lowerBound]
        var greatest = least
        for index in range {
            let number = numbers[index]
            least = min(least, number)
            greatest = max(greatest, number)
        }
        return (least, greatest)
    }

    private static func pack(
        _ numbers: [Int64], _ range: Range<Int>, _ least: Int64, _ width: Int,
        _ bytes: inout [UInt8]
    ) {
        var word: UInt64 = 0
        var used = 0
        for index in range {
            let number = UInt64(bitPattern: numbers[index] &- least)
            word |= number << UInt64(used)
            if used + width >= 64 {
                LittleEndian.append(word, to: &bytes)
                let taken = 64 - used
                word = taken < 64 ? number >> UInt64(taken) : 0
                used = used + width - 64
            } else {
                used += width
            }
        }
        while used > 0 {
            bytes.append(UInt8(truncatingIfNeeded: word))
            word >>= 8
            used -= 8
        }
    }

    private static func unpack(
        _ bytes: Span<UInt8>, _ start: Int, _ width: Int, _ least: Int64, _ range: Range<Int>,
        _ numbers: inout MutableSpan<Int64>
    ) {
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) &- 1
        let end = start + (width * range.count + 7) / 8
        // Fast path: a word from any place of the block stays inside the bytes.
        guard width <= 56, end + 8 <= bytes.count else {
            for (place, index) in range.enumerated() {
                let raw = slowWord(bytes, start, place * width) & mask
                numbers[index] = least &+ Int64(bitPattern: raw)
            }
            return
        }
        var bit = 0
        for index in range {
            let word = Words.load(bytes, at: start &+ (bit &>> 3))
            let raw = (word &>> UInt64(bit & 7)) & mask
            numbers[index] = least &+ Int64(bitPattern: raw)
            bit &+= width
        }
    }

    /// The 64 bits from a place on; bytes that are not there count as zeros.
    private static func slowWord(_ bytes: Span<UInt8>, _ start: Int, _ bit: Int) -> UInt64 {
        let first = start + (bit >> 3)
        let shift = UInt64(bit & 7)
        var word: UInt64 = 0
        for index in 0..<8 where first + index < bytes.count {
            word |= UInt64(bytes[first + index]) << UInt64(8 * index)
        }
        guard shift > 0 else { return word }
        let next = first + 8 < bytes.count ? UInt64(bytes[first + 8]) : 0
        return word >> shift | next << (64 - shift)
    }

    static func varintByteCount(_ value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}
