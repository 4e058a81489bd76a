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
}
