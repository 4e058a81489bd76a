import PerchModel

/// The text of JSON strings whose form ``JSONReader`` has checked.
enum JSONUnescape {
    /// Appends the text of a string: escapes resolved, everything that is no UTF-8 (half of a
    /// surrogate pair among it) replaced by U+FFFD.
    static func append(_ string: JSONString, of bytes: Span<UInt8>, to output: inout [UInt8]) {
        // Fast path: the bytes are the text.
        if string.isPlain {
            output.append(bytes.extracting(string.range))
            return
        }
        let start = output.count
        var position = string.range.lowerBound
        let end = string.range.upperBound
        while position < end {
            let runStart = position
            while position < end, bytes[position] != UInt8(ascii: "\\") { position &+= 1 }
            output.append(bytes.extracting(runStart..<position))
            position += 1
            guard position < end else { break }
            let kind = bytes[position]
            position += 1
            switch kind {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0c)
            case UInt8(ascii: "n"): output.append(0x0a)
            case UInt8(ascii: "r"): output.append(0x0d)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                appendScalar(bytes, &position, end: end, to: &output)
            default: output.append(kind)
            }
        }
        UTF8Check.repair(&output, from: start)
    }

    /// The code unit in four hex digits, or nil.
    static func unit(_ bytes: Span<UInt8>, at position: Int, end: Int) -> UInt32? {
        guard end - position >= 4 else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = Hex.value(of: bytes[position + offset]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func appendScalar(
        _ bytes: Span<UInt8>, _ position: inout Int, end: Int, to output: inout [UInt8]
    ) {
        guard let first = unit(bytes, at: position, end: end) else { return }
        position += 4
        var code = first
        if (0xd800..<0xdc00).contains(first), end - position >= 6,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u"),
            let second = unit(bytes, at: position + 2, end: end),
            (0xdc00..<0xe000).contains(second)
        {
            position += 6
            code = 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
