/// Refuses requests that reached this server under a name it was not given: a page elsewhere may
/// point its own name at a loopback address (DNS rebinding) and then read what comes back.
package struct HostCheck: Sendable {
    private let hosts: Set<String>

    /// - Parameter hosts: names besides the loopback ones, without ports.
    package init(hosts: [String]) {
        self.hosts = Set(hosts.map { Self.name($0) })
    }

    /// Whether the value of a `Host` header is ours.
    package func accepts(_ header: String?) -> Bool {
        guard let header, !header.isEmpty else { return false }
        let name = Self.name(header)
        return Address.isLoopback(name) || name == "localhost" || hosts.contains(name)
    }

    /// The name without port, brackets and a dot at the end, in lower case.
    static func name(_ header: String) -> String {
        var name = header.lowercased()
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            return String(name[name.index(after: name.startIndex)..<end])
        }
        if name.filter({ $0 == ":" }).count == 1, let colon = name.firstIndex(of: ":") {
            name = String(name[..<colon])
        }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}

/// Addresses as text.
enum Address {
    /// Whether this is a loopback address, IPv4 mapped into IPv6 included.
    static func isLoopback(_ address: String) -> Bool {
        var address = address.lowercased()
        if address.hasPrefix("::ffff:") { address = String(address.dropFirst(7)) }
        if address == "::1" { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
