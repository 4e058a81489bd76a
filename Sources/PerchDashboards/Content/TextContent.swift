import PerchModel

/// A text panel.
package enum TextContent: Sendable, Hashable {
    case markdown([Markdown.Block])
    /// Text as it is: code, and HTML, which is never put into a page.
    case plain(String, language: String)

    init(_ panel: Panel, _ interpolator: Interpolator) {
        let options = panel.options
        let raw = options?.at("content")?.scalarText ?? panel.json.at("content")?.scalarText ?? ""
        let content = interpolator.text(raw)
        switch options?.at("mode")?.scalarText ?? panel.json.at("mode")?.scalarText ?? "markdown" {
        case "code":
            self = .plain(content, language: options?.at("code", "language")?.scalarText ?? "")
        case "html": self = .plain(content, language: "html")
        default: self = .markdown(Markdown.blocks(content))
        }
    }
}
