/// Signing in.
package struct LoginPage: Sendable {
    var message: String?
    var name: String
    /// Where to go afterwards, a path of ours.
    var next: String?

    package init(message: String? = nil, name: String = "", next: String? = nil) {
        self.message = message
        self.name = name
        self.next = next
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Sign in", nil, isBare: true) {
            brand
            tag(.section, .class("narrow card")) {
                tag(.h1) { "Sign in" }
                alert(message)
                tag(.form, .attribute("method", "post"), .action(Link("/login"))) {
                    frame.csrfField
                    hiddenFields([("next", next)])
                    textField("Name", "name", name, kind: "text", autocomplete: "username")
                    textField(
                        "Password", "password", "", kind: "password",
                        autocomplete: "current-password")
                    tag(.button, .type("submit"), .class("primary")) { "Sign in" }
                }
                tag(.p, .class("small")) {
                    "Lost it? Whoever runs the server can set a new one with "
                    tag(.code) { "perch user reset NAME" }
                    "."
                }
            }
        }
    }
}

/// The first administrator sets name and password, by a link that works once.
package struct FirstRunPage: Sendable {
    /// The secret of the link, kept in the form; nil when the link is used up or wrong.
    var token: String?
    var message: String?
    var name: String

    package init(token: String?, message: String? = nil, name: String = "admin") {
        self.token = token
        self.message = message
        self.name = name
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Welcome", nil, isBare: true) {
            brand
            tag(.section, .class("narrow card")) {
                if let token {
                    tag(.h1) { "Welcome to Perch" }
                    tag(.p) {
                        "This link works once and makes the first administrator. "
                        "Choose a name and a password of at least 10 characters."
                    }
                    alert(message)
                    tag(.form, .attribute("method", "post"), .action(Link("/first-run"))) {
                        frame.csrfField
                        hiddenFields([("token", token)])
                        textField("Name", "name", name, kind: "text", autocomplete: "username")
                        textField(
                            "Password", "password", "", kind: "password",
                            autocomplete: "new-password")
                        textField(
                            "The same password again", "again", "", kind: "password",
                            autocomplete: "new-password")
                        tag(.button, .type("submit"), .class("primary")) { "Create administrator" }
                    }
                } else {
                    tag(.h1) { "This link no longer works" }
                    tag(.p) {
                        "It was used, or it is not complete. Sign in, or have whoever runs the "
                        "server start it again: it prints a new link while there is no "
                        "administrator."
                    }
                    tag(.p) { tag(.a, .class("button"), .href(Link("/login"))) { "Sign in" } }
                }
            }
        }
    }
}

/// Whose page it is, where there is no bar.
private var brand: Markup {
    tag(.p, .class("brand alone")) {
        Icons.mark
        tag(.span) { "Perch" }
    }
}

/// What went wrong with a form.
func alert(_ message: String?) -> Markup {
    guard let message else { return .empty }
    return tag(.p, .class("mistake"), .attribute("role", "alert")) { message }
}

func textField(
    _ words: String, _ name: String, _ value: String, kind: String, autocomplete: String
) -> Markup {
    tag(.label, .class("field wide")) {
        tag(.span) { words }
        tag(
            .input, .type(kind), .name(name), .value(value), .flag("required"),
            .attribute("maxlength", "200"), .attribute("autocomplete", autocomplete))
    }
}

/// A refusal or failure, in words that say what to do.
package struct ErrorPage: Sendable {
    package enum Kind: Sendable, CaseIterable {
        case notFound
        case forbidden
        case failed
        case unavailable
    }

    var kind: Kind
    var detail: String?

    package init(_ kind: Kind, detail: String? = nil) {
        self.kind = kind
        self.detail = detail
    }

    package func html(_ frame: Frame) -> Markup {
        let (title, words) = text
        return frame.page(title, nil) {
            tag(.section, .class("narrow card")) {
                tag(.h1) { title }
                tag(.p) { words }
                if let detail { tag(.p, .class("faint")) { cut(detail) } }
                tag(.p) {
                    tag(.a, .class("button"), .href(Link("/"))) { "To the start page" }
                    if kind == .forbidden, frame.user == nil {
                        tag(.a, .class("button"), .href(Link("/login"))) { "Sign in" }
                    }
                }
            }
        }
    }

    private var text: (String, String) {
        switch kind {
        case .notFound:
            ("Not found", "There is nothing at this address, or its data is past retention.")
        case .forbidden:
            ("Not allowed", "This page needs rights that this visit does not have.")
        case .failed:
            ("Something failed", "The server could not make this page. Its log says why.")
        case .unavailable:
            ("Not available now", "The store could not answer. Try again in a moment.")
        }
    }
}
