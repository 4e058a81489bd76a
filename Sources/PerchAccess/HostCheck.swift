/// Refuses requests that reached this server under a name it was not given: a page elsewhere may
/// point its own name at a loopback address (DNS rebinding) and then read what comes back.
package struct HostCheck: Sendable {
    private let hosts: Set<String>

    /// - Parameter hosts: names besides the loopback ones, with or without ports. The unspecified
    ///   addresses are left out: browsers reach a loopback listener by them from any page.
    package init(hosts: [String]) {
        self.hosts = Set(hosts.map { Self.configuredName($0) }).subtracting(["0.0.0.0", "::", ""])
    }

    /// Whether the value of a `Host` header is ours.
    package func accepts(_ header: String?) -> Bool {
        guard let header, let name = Self.name(header) else { return false }
        return Address.isLoopback(name) || name == "localhost" || hosts.contains(name)
    }

    /// The name without port, brackets and a dot at the end, in lower case; nil when the text is
    /// not `NAME`, `NAME:PORT`, `[IPV6]` or `[IPV6]:PORT` (RFC 9110, section 7.2).
    static func name(_ header: String) -> String? {
        let text = header.lowercased()
        var name: Substring
        var rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            name = text[..<colon]
            rest = text[colon...]
            if name.hasSuffix(".") { name = name.dropLast() }
        }
        if rest.hasPrefix(":") { rest = rest.dropFirst() } else if !rest.isEmpty { return nil }
        guard !name.isEmpty, rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return String(name)
    }

    /// As `name`, and takes an IPv6 address without brackets, as people write it in a file.
    private static func configuredName(_ text: String) -> String {
        name(text) ?? text.lowercased()
    }
}
