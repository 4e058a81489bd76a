package import PerchAccess

/// Which path needs which right.
package enum Access {
    /// The doors of senders.
    private static let ingest: Set<String> = [
        "/v1/logs", "/v1/traces", "/v1/metrics", "/ingest/json", "/insert/jsonline",
    ]
    /// What needs nothing: health checks, and what a browser needs to log in.
    private static let open: Set<String> = [
        "/-/healthy", "/-/ready", "/login", "/logout", "/first-run", "/about", "/about/licences",
        "/favicon.ico",
    ]
    /// What only administrators may see.
    private static let admin: Set<String> = ["/-/flush", "/-/reload", "/-/compact", "/keys"]

    /// The door behind a path.
    ///
    /// What nobody named needs reading rights, and a change needs admin rights: a forgotten route
    /// is closed rather than open.
    package static func door(method: String, path: String) -> Door {
        if open.contains(path) || path.hasPrefix("/assets/") { return .open }
        if ingest.contains(path) || path.hasPrefix("/v1/") { return .needs(.ingest) }
        if admin.contains(path) || path.hasPrefix("/keys/") { return .needs(.admin) }
        return .needs(["GET", "HEAD"].contains(method) ? .read : .admin)
    }
}
