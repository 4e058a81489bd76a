package import PerchModel

/// A search under a name, for everyone who reads.
package struct SavedSearch: Sendable, Hashable {
    /// What documents of this kind are called in the store.
    package static let kind = "search"

    package var name: String
    /// The address of its page, from the path on: `/logs?q=…`.
    package var address: String
    /// Nanoseconds since 1970.
    package var savedNanos: Int64

    package init(_ document: StoredDocument) {
        name = document.name
        address = document.text
        savedNanos = document.updatedNanos
    }
}

/// The menu of kept searches on the pages of logs and traces.
struct LogsSaved {
    /// What would be kept.
    var link: Link
    var saved: [SavedSearch]

    var menu: Markup {
        tag(.details, .class("log-saved")) {
            tag(.summary, .class("button quiet")) { "Saved searches" }
            tag(.div, .class("popover")) {
                if saved.isEmpty {
                    tag(.p, .class("faint small")) {
                        "None yet. What is saved here, everyone sees."
                    }
                } else {
                    tag(.ul, .class("log-saved-list")) {
                        for search in saved {
                            if let path = LocalPath(search.address) {
                                tag(.li) {
                                    tag(.a, .href(path.link)) { cut(search.name, 100) }
                                }
                            }
                        }
                    }
                }
                tag(.p, .class("small")) {
                    tag(
                        .a,
                        .href(Link("/logs/saved", query: [("at", link.text)]))
                    ) { "Save this search, or tidy up" }
                }
            }
        }
    }
}

/// Kept searches: a form for one more, and the list.
package struct SavedSearchesPage: Sendable {
    var saved: [SavedSearch]
    var address: LocalPath?
    var name: String
    var message: String?

    /// `address` is what the form would keep.
    package init(
        saved: [SavedSearch], address: LocalPath?, name: String = "", message: String? = nil
    ) {
        self.saved = saved
        self.address = address
        self.name = name
        self.message = message
    }

    /// The address of a page whose searches may be kept, or nil.
    package static func address(_ text: String) -> LocalPath? {
        let path = text.prefix { $0 != "?" }
        guard text.utf8.count <= Limits.savedAddressBytesMax, path == "/logs" || path == "/traces"
        else { return nil }
        return LocalPath(text)
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Saved searches", .logs) {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(address?.link ?? Link("/logs"))) { "Back to the search" }
                    }
                    tag(.h1) { "Saved searches" }
                }
            }
            if let message { tag(.p, .class("notice"), .attribute("role", "alert")) { message } }
            if let address, frame.isAdmin { form(address, frame) }
            list(frame)
        }
    }

    private func form(_ address: LocalPath, _ frame: Frame) -> Markup {
        tag(
            .form, .class("card filters log-save"), .attribute("method", "post"),
            .action(Link("/logs/saved"))
        ) {
            frame.csrfField
            hiddenFields([("at", address.text)])
            tag(.label, .class("field")) {
                tag(.span) { "Name" }
                tag(
                    .input, .type("text"), .name("name"), .value(name), .flag("required"),
                    .attribute("maxlength", String(Limits.savedNameBytesMax)),
                    .attribute("autocomplete", "off"))
            }
            tag(.button, .class("primary"), .type("submit")) { "Save" }
            tag(.p, .class("faint small")) {
                "Everyone who reads this server sees it. A name that is taken gets the new search."
            }
            tag(.p, .class("small")) { tag(.code) { cut(Self.words(address.text), 400) } }
        }
    }

    private func list(_ frame: Frame) -> Markup {
        group {
            if saved.isEmpty {
                tag(.section, .class("empty")) {
                    tag(.h2) { "No search is saved" }
                    tag(.p) { "On the page Logs, “Save this search” keeps what you look at." }
                }
            } else {
                tag(.table, .class("card cards")) {
                    tag(.caption, .class("visually-hidden")) { "Saved searches by name" }
                    tag(.thead) {
                        tag(.tr) {
                            for words in ["Name", "Search", "Saved", ""] {
                                tag(.th, .attribute("scope", "col")) { words }
                            }
                        }
                    }
                    tag(.tbody) { for search in saved { row(search, frame) } }
                }
            }
        }
    }

    private func row(_ search: SavedSearch, _ frame: Frame) -> Markup {
        tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                if let path = LocalPath(search.address) {
                    tag(.a, .href(path.link)) { cut(search.name, 100) }
                } else {
                    cut(search.name, 100)
                }
            }
            tag(.td, .attribute("data-label", "Search")) {
                tag(.code) { cut(Self.words(search.address), 200) }
            }
            tag(.td, .attribute("data-label", "Saved")) { frame.ago(search.savedNanos) }
            tag(.td, .class("act")) {
                if frame.isAdmin {
                    tag(
                        .form, .class("inline"), .attribute("method", "post"),
                        .action(Link("/logs/saved/delete"))
                    ) {
                        frame.csrfField
                        hiddenFields([("name", search.name)])
                        tag(
                            .button, .class("quiet danger"),
                            .attribute("data-confirm", "Delete this search for everyone?")
                        ) { "Delete" }
                    }
                }
            }
        }
    }

    /// What an address asks, for people.
    private static func words(_ address: String) -> String {
        let query = address.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let pairs = FormParameters(String(query)).pairs.filter { !$0.value.isEmpty }
        let words = pairs.map { $0.name == "q" ? $0.value : "\($0.name)=\($0.value)" }
        return words.isEmpty ? "everything" : words.joined(separator: "  ")
    }
}
