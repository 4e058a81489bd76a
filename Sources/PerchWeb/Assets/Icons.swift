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

    static var search: Markup { line("M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.5 4.5") }
    static var person: Markup {
        line(
            "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500"
        )
    }
    static var external: Markup { line("M14 4h6v6M20 4l-9 9M10 6H5v13h13v-5") }

    private static func line(_ path: String) -> Markup {
        tag(.svg, .class("icon"), .attribute("viewBox", "0 0 24 24"), .hidden) {
            tag(.path, .attribute("d", path))
        }
    }

    static let favicon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" \
        rx="5" fill="#0f766e"/><path fill="#fff" d="\(bird)"/><path fill="none" stroke="#fbbf24" \
        stroke-width="1.6" stroke-linecap="round" d="\(perch)"/></svg>
        """
}
