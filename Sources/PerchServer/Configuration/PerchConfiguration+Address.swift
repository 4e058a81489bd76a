extension PerchConfiguration {
    /// How a browser reaches a listener: `https://perch.example`.
    ///
    /// A name that was configured goes first; the unspecified address is for listening, and nobody
    /// can go there.
    package func publicAddress(of listener: ListenAddress) -> String {
        guard let host = hosts.first else {
            // A proxy in front does TLS; who comes past it, on this machine, speaks plain HTTP.
            var reachable = listener
            if ["0.0.0.0", "::"].contains(listener.host) { reachable.host = "localhost" }
            return "\(tls == nil ? "http" : "https")://\(reachable)"
        }
        let scheme = tls != nil || behindProxy ? "https" : "http"
        let isIPv6 = host.count(where: { $0 == ":" }) > 1 && !host.hasPrefix("[")
        let name = isIPv6 ? "[\(host)]" : host
        let hasPort = !isIPv6 && host.contains(":") && !host.hasSuffix("]")
        // The proxy has a port of its own, the usual one when none is told.
        return hasPort || behindProxy
            ? "\(scheme)://\(name)" : "\(scheme)://\(name):\(listener.port)"
    }
}
