import PerchModel

/// Whether the labels of a series are within bounds.
///
/// Reads lengths only, no text.
enum SeriesLimits {
    /// Whether canonical labels of this many bytes are within all bounds whatever they are, as
    /// those of nearly every series: a label takes four bytes at least.
    static func acceptsAny(byteCount: Int) -> Bool {
        byteCount <= min(4 * Limits.labelsMax, Limits.labelNameByteCountMax)
    }

    static func accepts(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var offset = range.lowerBound
        var labelCount = 0
        while offset < range.upperBound {
            guard let nameLength = length(bytes, &offset, range.upperBound),
                nameLength <= Limits.labelNameByteCountMax
            else { return false }
            offset += nameLength
            guard let valueLength = length(bytes, &offset, range.upperBound),
                valueLength <= Limits.labelValueByteCountMax
            else { return false }
            offset += valueLength
            labelCount += 1
        }
        return labelCount <= Limits.labelsMax
    }

    /// Reads one length and checks that so many bytes follow; nil when they do not.
    private static func length(_ bytes: [UInt8], _ offset: inout Int, _ end: Int) -> Int? {
        var value = 0
        var shift = 0
        while offset < end, shift < 35 {
            let byte = bytes[offset]
            offset += 1
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value <= end - offset ? value : nil }
            shift += 7
        }
        return nil
    }
}
