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

    /// Whether all matchers hold.
    static func match(_ bytes: [UInt8], _ matchers: [LabelMatcher]) -> Bool {
        matchers.allSatisfy { matcher in
            let name = Array(matcher.name.utf8)
            var value: ArraySlice<UInt8> = []
            forEach(bytes.span) { part in
                if bytes[part.name].elementsEqual(name) { value = bytes[part.value] }
            }
            return value.elementsEqual(matcher.value.utf8) == (matcher.operation == .equal)
        }
    }
}
