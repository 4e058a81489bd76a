package import Hummingbird

/// Who asks for a page, as the server knows them.
package struct Visitor: Sendable, Hashable {
    /// The name of a login; nil without one.
    package var name: String?
    package var canRead: Bool
    package var isAdmin: Bool

    package init(name: String? = nil, canRead: Bool, isAdmin: Bool) {
        self.name = name
        self.canRead = canRead
        self.isAdmin = isAdmin
    }
}

/// How a form that changes access ended.
package enum AccessOutcome: Sendable, Hashable {
    /// Done; the value of a `Set-Cookie` header when a session begins or ends.
    case done(setCookie: String?)
    /// Refused, with a sentence for the reader.
    case refused(String)
}

/// How making a key ended.
package enum KeyOutcome: Sendable, Hashable {
    /// The secret, to be shown once.
    case created(secret: String)
    case refused(String)
}

/// What shows that a form came from a page of ours, in this visitor's browser.
package struct FormGuard: Sendable, Hashable {
    /// Goes into every form.
    package var token: String
    /// A `Set-Cookie` value that the token needs, for a visitor without a session.
    package var setCookie: String?

    package init(token: String, setCookie: String? = nil) {
        self.token = token
        self.setCookie = setCookie
    }
}

/// What pages need of logins and keys.
///
/// The server fills it in; pages check nothing themselves but ask before they show or change
/// anything.
package struct WebAccess<Context: RequestContext>: Sendable {
    /// Who asks.
    package var visitor: @Sendable (Request, Context) async -> Visitor
    /// What the forms of this visitor carry.
    package var formGuard: @Sendable (Request, Context) async -> FormGuard
    /// Whether a form's token belongs to this visitor, in constant time.
    package var checkCSRF: @Sendable (Request, Context, _ token: String) async -> Bool
    package var login:
        @Sendable (Request, Context, _ name: String, _ password: String) async -> AccessOutcome
    package var logout: @Sendable (Request, Context) async -> AccessOutcome
    /// Whether the secret of a first-run link is good and unused.
    package var isFirstRunToken: @Sendable (_ token: String) async -> Bool
    package var setFirstPassword:
        @Sendable (Request, Context, _ token: String, _ name: String, _ password: String) async ->
            AccessOutcome
    package var listKeys: @Sendable () async throws -> [KeyRow]
    package var createKey: @Sendable (_ name: String, _ kind: KeyKind) async -> KeyOutcome
    package var revokeKey: @Sendable (_ id: String) async -> AccessOutcome
    /// A new secret for a link, and what is kept of one: its hash.
    package var makeSecret: @Sendable () -> String
    package var hash: @Sendable (_ secret: String) -> String

    package init(
        visitor: @escaping @Sendable (Request, Context) async -> Visitor,
        formGuard: @escaping @Sendable (Request, Context) async -> FormGuard,
        checkCSRF: @escaping @Sendable (Request, Context, String) async -> Bool,
        login: @escaping @Sendable (Request, Context, String, String) async -> AccessOutcome,
        logout: @escaping @Sendable (Request, Context) async -> AccessOutcome,
        isFirstRunToken: @escaping @Sendable (String) async -> Bool,
        setFirstPassword:
            @escaping @Sendable (Request, Context, String, String, String) async -> AccessOutcome,
        listKeys: @escaping @Sendable () async throws -> [KeyRow],
        createKey: @escaping @Sendable (String, KeyKind) async -> KeyOutcome,
        revokeKey: @escaping @Sendable (String) async -> AccessOutcome,
        makeSecret: @escaping @Sendable () -> String,
        hash: @escaping @Sendable (String) -> String
    ) {
        self.visitor = visitor
        self.formGuard = formGuard
        self.checkCSRF = checkCSRF
        self.login = login
        self.logout = logout
        self.isFirstRunToken = isFirstRunToken
        self.setFirstPassword = setFirstPassword
        self.listKeys = listKeys
        self.createKey = createKey
        self.revokeKey = revokeKey
        self.makeSecret = makeSecret
        self.hash = hash
    }
}
