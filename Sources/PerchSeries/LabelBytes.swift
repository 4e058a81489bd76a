import PerchBytes
import PerchModel

/// Canonical label bytes (see ``Labels``), read without a string.
enum LabelBytes {
    /// Where one label stands: all of it with its lengths, and its name and value.
    struct Part {
        let whole: Range<Int>
        let name: Range<Int>
        let value: Range<Int>
    }

    /// Calls `body` with each label.
    ///
    /// Bytes that are not canonical end the list early.
    static func forEach(_ bytes: Span<UInt8>, _ body: (Part) -> Void) {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            guard let name = text(bytes, &offset), let value = text(bytes, &offset) else { return }
            body(Part(whole: start..<offset, name: name, value: value))
        }
    }

    private static func text(_ bytes: Span<UInt8>, _ offset: inout Int) -> Range<Int>? {
        guard let length = try? Varint.read(bytes, at: &offset),
            length <= UInt64(bytes.count - offset)
        else { return nil }
        defer { offset += Int(length) }
        return offset..<offset + Int(length)
    }

    /// Whether labels come before others in the order of their bytes.
    static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let count = min(left.count, right.count)
        var index = 0
        // Fast path: eight bytes at once, as a number with the first byte on top.
        while index + 8 <= count {
            let one = Words.load(left.span, at: index)
            let other = Words.load(right.span, at: index)
            if one != other { return one.byteSwapped < other.byteSwapped }
            index += 8
        }
        while index < count {
            if left[index] != right[index] { return left[index] < right[index] }
            index += 1
        }
        return left.count < right.count
    }
}
