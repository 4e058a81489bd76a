import PerchModel

/// Copies JSON that ``JSONReader`` has checked in the form columns keep: on one line, without white
/// space, in UTF-8, and with strings for the numbers that JSON lacks.
enum JSONCompact {
    /// Appends the value in `range`.
    static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        let start = output.count
        var position = range.lowerBound
        let end = range.upperBound
        while position < end {
            let runStart = position
            while position < end, !isSpecial(bytes[position]) { position &+= 1 }
            output.append(bytes.extracting(runStart..<position))
            guard position < end else { break }
            switch bytes[position] {
            case UInt8(ascii: "\""): copyString(bytes, &position, end, to: &output)
            case UInt8(ascii: "N"):
                output.append(contentsOf: #""NaN""#.utf8)
                position += 3
            case UInt8(ascii: "I"):
                let isNegative = position > range.lowerBound && output.last == UInt8(ascii: "-")
                if isNegative { output.removeLast() }
                output.append(contentsOf: (isNegative ? #""-Infinity""# : #""Infinity""#).utf8)
                position += 8
            // White space.
            default: position += 1
            }
        }
        UTF8Check.repair(&output, from: start)
    }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "N")
            || byte == UInt8(ascii: "I")
    }

    private static func copyString(
        _ bytes: Span<UInt8>, _ position: inout Int, _ end: Int, to output: inout [UInt8]
    ) {
        let start = position
        position += 1
        while position < end, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position + 1, end)
        output.append(bytes.extracting(start..<position))
    }
}
