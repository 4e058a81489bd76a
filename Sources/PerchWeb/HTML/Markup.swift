/// HTML that is safe to send: text in it has been escaped.
///
/// Made by ``tag(_:_:content:)`` and by string literals and values in its builder, which escape.
package struct Markup: Sendable, Hashable {
    /// The HTML.
    package let html: String

    fileprivate init(html: String) {
        self.html = html
    }

    /// Text, escaped.
    package init(_ text: String) {
        html = Self.escape(text)
    }

    /// Nothing.
    package static let empty = Markup(html: "")

    /// A whole document.
    package static func document(_ content: Markup) -> Markup {
        Markup(html: "<!DOCTYPE html>\n" + content.html + "\n")
    }

    /// `text` with everything replaced that HTML gives a meaning, in text and in quoted attributes.
    ///
    /// Control characters that HTML forbids become U+FFFD, so that a hostile record cannot make a
    /// page that a browser refuses.
    static func escape(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): result.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): result.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): result.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): result.append(contentsOf: "&#39;".utf8)
            case 0..<9, 11, 12, 14..<32, 127: result.append(contentsOf: "\u{FFFD}".utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Puts pieces of a page one after the other.
///
/// Strings in it are escaped.
@resultBuilder
package enum MarkupBuilder {
    package static func buildExpression(_ text: String) -> Markup { Markup(text) }
    package static func buildExpression(_ markup: Markup) -> Markup { markup }
    package static func buildBlock(_ parts: Markup...) -> Markup { join(parts) }
    package static func buildOptional(_ part: Markup?) -> Markup { part ?? .empty }
    package static func buildEither(first part: Markup) -> Markup { part }
    package static func buildEither(second part: Markup) -> Markup { part }
    package static func buildLimitedAvailability(_ part: Markup) -> Markup { part }
    package static func buildArray(_ parts: [Markup]) -> Markup { join(parts) }

    static func join(_ parts: [Markup]) -> Markup {
        var html = ""
        for part in parts { html += part.html }
        return Markup(html: html)
    }
}

/// Pieces one after the other, without an element around them.
package func group(@MarkupBuilder _ content: () -> Markup) -> Markup { content() }

/// An element with its attributes and content.
package func tag(
    _ name: Tag, _ attributes: Attribute?..., @MarkupBuilder content: () -> Markup = { .empty }
) -> Markup {
    var html = "<" + name.name
    for attribute in attributes {
        guard let attribute else { continue }
        html += " " + attribute.name
        if let value = attribute.value { html += "=\"" + Markup.escape(value) + "\"" }
    }
    html += ">"
    guard !name.isVoid else { return Markup(html: html) }
    return Markup(html: html + content().html + "</" + name.name + ">" + (name.breaks ? "\n" : ""))
}
