/// What a key may do.
package enum KeyKind: String, Sendable, CaseIterable {
    case ingest
    case read
    case admin
    case dsn

    var words: String {
        switch self {
        case .ingest: "ingest: send data to every door"
        case .read: "read: query and see pages"
        case .admin: "admin: everything"
        case .dsn: "dsn: send errors from a browser or app"
        }
    }
}

/// One key of the list.
///
/// The secret is not known any more.
package struct KeyRow: Sendable, Hashable {
    package var id: String
    package var name: String
    package var kind: KeyKind
    package var createdNanos: Int64
    package var lastUsedNanos: Int64?
    package var isRevoked: Bool

    package init(
        id: String, name: String, kind: KeyKind, createdNanos: Int64, lastUsedNanos: Int64? = nil,
        isRevoked: Bool = false
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.createdNanos = createdNanos
        self.lastUsedNanos = lastUsedNanos
        self.isRevoked = isRevoked
    }
}

/// Keys: list, create, revoke.
///
/// For administrators.
package struct KeysPage: Sendable {
    var keys: [KeyRow]
    /// The secret of a key just made; shown this once.
    var secret: String?
    var message: String?

    package init(keys: [KeyRow], secret: String? = nil, message: String? = nil) {
        self.keys = keys
        self.secret = secret
        self.message = message
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Keys", .keys) {
            tag(.div, .class("title")) { tag(.h1) { "Keys" } }
            alert(message)
            if let secret { created(secret) }
            tag(.section, .class("card pad")) {
                tag(.h2) { "New key" }
                tag(
                    .form, .class("filters"), .attribute("method", "post"), .action(Link("/keys"))
                ) {
                    frame.csrfField
                    textField("Name", "name", "", kind: "text", autocomplete: "off")
                    choice(
                        "May", "kind", KeyKind.ingest.rawValue, any: nil,
                        KeyKind.allCases.map { ($0.rawValue, $0.words) })
                    tag(.button, .type("submit"), .class("primary")) { "Create" }
                }
            }
            if keys.isEmpty {
                tag(.p, .class("faint")) {
                    "No keys yet. Senders on other machines need one of kind ingest."
                }
            } else {
                table(frame)
            }
        }
    }

    private func created(_ secret: String) -> Markup {
        tag(.section, .class("card pad good"), .attribute("role", "status")) {
            tag(.h2) { "The key was created" }
            tag(.p) { "Copy it now: it is not shown again, and only its hash is kept." }
            tag(.div, .class("code")) {
                tag(.button, .type("button"), .class("quiet copy"), .flag("data-copy")) { "Copy" }
                tag(.pre) { tag(.code) { secret } }
            }
        }
    }

    /// Whether the server knows when keys were used; without that, "never" would be a lie.
    private var showsUse: Bool { keys.contains { $0.lastUsedNanos != nil } }

    private func table(_ frame: Frame) -> Markup {
        tag(.table, .class("keys cards")) {
            tag(.caption, .class("visually-hidden")) { "Keys" }
            tag(.thead) {
                tag(.tr) {
                    for words in ["Name", "Kind", "Created", showsUse ? "Last used" : nil, ""] {
                        if let words { tag(.th, .attribute("scope", "col")) { words } }
                    }
                }
            }
            tag(.tbody) {
                for key in keys {
                    tag(.tr, key.isRevoked ? .class("revoked") : nil) {
                        tag(.th, .attribute("scope", "row")) { cut(key.name) }
                        tag(.td, .attribute("data-label", "Kind")) {
                            tag(.span, .class("badge")) { key.kind.rawValue }
                        }
                        tag(.td, .attribute("data-label", "Created")) {
                            frame.time(key.createdNanos)
                        }
                        if showsUse {
                            tag(.td, .attribute("data-label", "Last used")) {
                                if let used = key.lastUsedNanos { frame.ago(used) } else { "never" }
                            }
                        }
                        tag(.td, .class("act")) { revoke(key, frame) }
                    }
                }
            }
        }
    }

    private func revoke(_ key: KeyRow, _ frame: Frame) -> Markup {
        guard !key.isRevoked else { return tag(.span, .class("faint")) { "revoked" } }
        return tag(
            .form, .class("inline"), .attribute("method", "post"), .action(Link("/keys/revoke"))
        ) {
            frame.csrfField
            hiddenFields([("id", key.id)])
            tag(
                .button, .type("submit"), .class("quiet danger"),
                .label("Revoke \(cut(key.name, 80))"),
                .attribute(
                    "data-confirm", "Revoke “\(cut(key.name, 80))”? Its users are refused at once.")
            ) { "Revoke" }
        }
    }
}
