/// An address of another server that a reader may follow; nothing is loaded from it.
package struct OuterLink: Sendable, Hashable {
    package let text: String

    /// Nil unless it begins with `https://` or `http://`: no other scheme may stand in a page.
    package init?(_ text: String) {
        let lower = text.prefix(8).lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://"),
            text.utf8.count <= 4_096, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 })
        else { return nil }
        self.text = text
    }
}

extension Attribute {
    static func href(_ link: OuterLink) -> Attribute { attribute("href", link.text) }
}
