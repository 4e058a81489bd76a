import PerchBytes
import PerchModel

/// Numbers of one width in bits, one after the other: any of them is read by itself.
struct BitPack {
    let least: Int64
    let width: Int
    private let mask: UInt64
    let bytes: ArraySlice<UInt8>

    /// Reads what ``IntegerCodec`` calls a pack.
    init(count: Int, _ reader: inout ByteReader) throws {
        let least = try reader.readZigzag()
        let place = reader.position
        let width = Int(try reader.read(UInt8.self))
        guard let byteCount = Self.byteCount(count, width) else {
            throw ByteFailure.invalid(atByte: place)
        }
        self.init(least: least, width: width, try reader.readBytes(count: byteCount))
    }

    /// Takes the bytes of as many numbers as there are.
    init(least: Int64, width: Int, _ bytes: ArraySlice<UInt8>) {
        self.least = least
        self.width = width
        mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        self.bytes = bytes
    }

    /// The bytes of some numbers; nil for a width that there is not.
    static func byteCount(_ count: Int, _ width: Int) -> Int? {
        let (bitCount, overflow) = count.multipliedReportingOverflow(by: width)
        guard width >= 0, width <= 64, count >= 0, !overflow else { return nil }
        return bitCount / 8 + (bitCount % 8 > 0 ? 1 : 0)
    }

    /// The number at a place, which there is.
    subscript(index: Int) -> Int64 {
        guard width > 0 else { return least }
        let source = bytes.span
        let bit = index &* width
        let start = bit >> 3
        // Fast path: eight bytes hold a whole number wherever in a byte it begins.
        if width <= 57, start &+ 8 <= source.count {
            let distance = word(source, at: start).littleEndian >> UInt64(bit & 7)
            return least &+ Int64(truncatingIfNeeded: distance & mask)
        }
        var distance: UInt64 = 0
        var shift = -(bit & 7)
        var position = start
        while shift < width {
            let byte = UInt64(source[position])
            distance |= shift < 0 ? byte >> UInt64(-shift) : byte << UInt64(shift)
            shift += 8
            position += 1
        }
        return least &+ Int64(truncatingIfNeeded: distance & mask)
    }
}
