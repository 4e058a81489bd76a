/// Refuses requests by which a page elsewhere makes a browser change something here.
package enum OriginCheck {
    /// Whether a request may pass, by what the browser says of it.
    ///
    /// Programs send none of these headers and pass. Source: Fetch Metadata, "Sec-Fetch-Site";
    /// RFC 6454 for browsers that send `Origin` only.
    package static func accepts(
        method: String, secFetchSite: String?, origin: String?, host: String?
    ) -> Bool {
        if ["GET", "HEAD", "OPTIONS"].contains(method) { return true }
        if let site = secFetchSite { return site == "same-origin" || site == "none" }
        guard let origin else { return true }
        guard let host, let slash = origin.lastIndex(of: "/") else { return false }
        return origin[origin.index(after: slash)...].lowercased() == host.lowercased()
    }
}
