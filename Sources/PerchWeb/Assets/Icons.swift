/// Pictures of ours: a bird on a perch, as a mark in the header and as the browser's icon.
enum Icons {
    private static let bird =
        "M4 14.5c2.6 0 4-1.2 5-3.1C10.3 8.6 12.6 7 15.4 7c1.1 0 2 .2 2.8.7l3.3.8-2.5 2c-.1 4.2-2.7 6.8-6.9 6.800H8.300z"
    private static let perch = "M3 20.500h18M11.5 17.500v3M14.5 17v3.5"

    /// Drawn in the colour of the text around it.
    static var mark: Markup {
        tag(
            .svg, .class("mark"), .attribute("viewBox", "0 0 24 24"), .hidden,
            .attribute("width", "24"), .attribute("height", "24")
        ) {
            tag(.path, .class("mark-bird"), .attribute("d", bird))
            tag(.path, .class("mark-perch"), .attribute("d", perch))
        }
    }

    static let favicon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" \
        rx="5" fill="#0f766e"/><path fill="#fff" d="\(bird)"/><path fill="none" stroke="#fbbf24" \
        stroke-width="1.6" stroke-linecap="round" d="\(perch)"/></svg>
        """
}
