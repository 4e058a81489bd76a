/// What a caller may do.
package enum Right: String, Sendable, CaseIterable {
    case ingest
    case read
    case admin
}

/// The kinds of keys for programs.
package enum KeyKind: String, Sendable, CaseIterable {
    /// All doors.
    case ingest
    /// The Sentry door only, since it stands in the source of pages.
    case dsn
    case read
    case admin

    package var rights: Set<Right> {
        switch self {
        case .ingest: [.ingest]
        case .dsn: []
        case .read: [.read]
        case .admin: [.ingest, .read, .admin]
        }
    }
}

/// Who asks, once that is known.
package struct Principal: Sendable, Hashable {
    package var rights: Set<Right>
    /// The person, when it is one.
    package var user: String?
    /// The token of their session.
    package var sessionToken: String?

    package init(rights: Set<Right>, user: String? = nil, sessionToken: String? = nil) {
        self.rights = rights
        self.user = user
        self.sessionToken = sessionToken
    }
}

/// What a path needs.
package enum Door: Sendable, Hashable {
    /// Nothing: health, the login page, assets.
    case open
    case needs(Right)
}

/// What a request shows of itself.
package struct PresentedCredential: Sendable {
    /// The `Authorization` header.
    package var authorization: String?
    /// The session's cookie.
    package var sessionToken: String?
    /// The peer's address, without its port; nil when there is none.
    package var peer: String?
    /// The `X-Forwarded-For` or `Forwarded` header.
    package var forwardedFor: String?

    package init(
        authorization: String? = nil, sessionToken: String? = nil, peer: String? = nil,
        forwardedFor: String? = nil
    ) {
        self.authorization = authorization
        self.sessionToken = sessionToken
        self.peer = peer
        self.forwardedFor = forwardedFor
    }
}
