package import PerchAccess
import PerchIngest

/// Which path needs which right.
package enum Access {
    /// The doors of senders.
    private static let ingest = Set(IngestDoor.allCases.flatMap(\.paths))
    /// What needs nothing: health checks, and what a browser needs to log in.
    private static let open: Set<String> = [
        "/-/healthy", "/-/ready", "/login", "/logout", "/first-run", "/about", "/about/licences",
        "/favicon.ico",
    ]
    /// What only administrators may see.
    private static let admin: Set<String> = [
        "/-/flush", "/-/reload", "/-/compact", "/keys",
        "/api/v1/events/delete",
    ]

    /// The live tail.
    private static let tails: Set<String> = Set(["/api/v1/tail"] + lokiTails)
    /// The live tail in Loki's API, now and before.
    static let lokiTails = ["/loki/api/v1/tail", "/api/prom/tail"]

    /// Queries that are sent by POST when they are long, as Prometheus has it.
    private static let postedQueries: Set<String> = [
        "/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/series",
        "/api/v1/labels", "/api/v1/format_query", "/api/v1/parse_query",
        "/api/v1/export/openmetrics",
        "/loki/api/v1/query", "/loki/api/v1/query_range", "/loki/api/v1/format_query",
        "/loki/api/v1/labels", "/loki/api/v1/label", "/loki/api/v1/series",
        "/loki/api/v1/detected_fields", "/loki/api/v1/detected_labels", "/loki/api/v1/patterns",
        "/loki/api/v1/index/stats", "/loki/api/v1/index/volume", "/loki/api/v1/index/volume_range",
        "/api/v1/search",
    ]

    /// The door behind a path.
    ///
    /// What nobody named needs reading rights, and a change needs admin rights: a forgotten route
    /// is closed rather than open.
    package static func door(method: String, path: String) -> Door {
        if open.contains(path) || path.hasPrefix("/assets/") { return .open }
        // The secret in the path is looked at by the route.
        if ["GET", "HEAD"].contains(method), path.hasPrefix("/share/") { return .open }
        // Only what shippers send: a page or a file of ours may have that name.
        let isBulk =
            path.hasSuffix("/_bulk") && !path.hasPrefix("/api/")
            && ["POST", "PUT"].contains(method)
        if ingest.contains(path) || path.hasPrefix("/v1/") || isBulk { return .needs(.ingest) }
        // Whoever sends telemetry may also tell of its versions.
        if method == "POST", path == "/api/v1/deploys" { return .needs(.ingest) }
        if admin.contains(path) || path.hasPrefix("/keys/") { return .needs(.admin) }
        if path.hasPrefix("/api/v1/admin/") { return .needs(.admin) }
        if method == "POST", postedQueries.contains(path) { return .needs(.read) }
        return .needs(["GET", "HEAD"].contains(method) ? .read : .admin)
    }

    /// Whether a request asks the stores for something, which costs time and memory.
    static func isQuery(method: String, path: String) -> Bool {
        // The tail reads no store, and stays for as long as somebody looks.
        path.hasPrefix("/share/")
            || door(method: method, path: path) == .needs(.read) && path != "/metrics"
                && !tails.contains(path)
    }

    /// The router takes `/a/` and `//a` for `/a`, so the doors must too.
    static func normalized(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }
}
