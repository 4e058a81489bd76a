/// What this is, and where its parts come from.
package struct AboutPage: Sendable {
    var version: String

    package init(version: String) {
        self.version = version
    }

    private static let keys = [
        ("Ctrl K", "go to a service, dashboard, metric, trace or request"),
        ("/", "to the search box"),
        ("Esc", "out of it; closes menus"),
        ("↑ ↓", "from record to record, from span to span"),
        ("Enter", "opens a record or span"),
        ("← →", "folds and unfolds spans; walks along bars"),
        ("Ctrl Enter", "asks what stands in an editor"),
    ]

    package func html(_ frame: Frame) -> Markup {
        frame.page("About", .about) {
            tag(.section, .class("narrow card")) {
                tag(.h1) { "Perch \(version)" }
                tag(.p) {
                    "Perch keeps logs, metrics and traces of a team's services in one folder and "
                    "shows them here. It sends nothing anywhere and loads nothing from elsewhere."
                }
                tag(.p) { tag(.a, .href(Link("/about/licences"))) { "Licences" } }
                tag(.h2) { "Keyboard" }
                tag(.dl, .class("fields keyboard")) {
                    for (keys, words) in Self.keys {
                        tag(.div) {
                            tag(.dt) { tag(.kbd) { keys } }
                            tag(.dd) { words }
                        }
                    }
                }
            }
        }
    }
}

/// The licences of Perch and of the assets in this binary.
package struct LicencesPage: Sendable {
    package struct Licence: Sendable, Hashable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    var licences: [Licence]

    package init(licences: [Licence]) {
        self.licences = licences
    }

    /// The licence texts that were built in.
    package static var builtIn: [Licence] {
        EmbeddedFiles.names.filter { $0.hasPrefix("LICENSE") }.map { name in
            let bytes = EmbeddedFiles.find(name) ?? []
            let plain = name.replacing("LICENSE.", with: "").replacing(".txt", with: "")
            return Licence(name: plain, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Licences", .about) {
            tag(.div, .class("title")) { tag(.h1) { "Licences" } }
            tag(.section, .class("card pad")) {
                tag(.p) {
                    "Perch is licensed under the Apache License, Version 2.0. Its pages use uPlot "
                    "(MIT, Leon Sorokin) and htmx (Zero-Clause BSD, Big Sky Software)."
                }
                if licences.isEmpty {
                    tag(.p, .class("faint")) { "This binary holds no files of other authors." }
                }
                for licence in licences {
                    tag(.h2) { licence.name }
                    tag(.pre) { licence.text }
                }
            }
        }
    }
}
