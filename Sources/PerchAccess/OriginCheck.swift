/// Refuses requests by which a page elsewhere makes a browser change something here.
package enum OriginCheck {
    /// Whether a request may pass, by what the browser says of it.
    ///
    /// Programs send none of these headers and pass. Source: Fetch Metadata, "Sec-Fetch-Site";
    /// RFC 6454 for browsers that send `Origin` only, `Referer` for those that send not even that.
    package static func accepts(
        method: String, secFetchSite: String?, origin: String?, referer: String? = nil,
        host: String?
    ) -> Bool {
        if ["GET", "HEAD", "OPTIONS"].contains(method) { return true }
        if let site = secFetchSite { return site == "same-origin" || site == "none" }
        guard let source = origin ?? referer else { return true }
        guard let host, let authority = authority(of: source) else { return false }
        return authority == host.lowercased()
    }

    /// Host and port of an address such as `https://perch.example:9700/page`, in lower case.
    private static func authority(of url: String) -> String? {
        let text = url.lowercased()
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            return String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
        }
        return nil
    }
}
