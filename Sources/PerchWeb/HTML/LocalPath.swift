import PerchModel

/// A path with a query, from outside, that stays on this server: where to go after signing in.
package struct LocalPath: Sendable, Hashable {
    package let text: String

    /// Nil for anything but a path: an address of another host begins with a scheme, with two
    /// slashes, or with a slash and a backslash, which browsers read as two slashes.
    package init?(_ text: String) {
        guard text.utf8.count <= 4_096, text.hasPrefix("/"), !text.hasPrefix("//"),
            !text.hasPrefix("/\\"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
        else { return nil }
        self.text = text
    }

    package var link: Link { Link(local: self) }

    /// A segment of a path without its percent signs; one that is wrong stays as it is.
    static func decoded(_ segment: String) -> String {
        var result: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = Hex.value(of: rest[rest.startIndex]),
                let low = Hex.value(of: rest[rest.startIndex + 1])
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
