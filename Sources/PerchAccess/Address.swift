/// Addresses as text.
enum Address {
    /// Whether this is a loopback address, IPv4 mapped into IPv6 included.
    static func isLoopback(_ address: String) -> Bool {
        let address = plain(address)
        if address == "::1" { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil
            }
    }

    /// The address in one spelling: lower case, an IPv4 one without the prefix of IPv6.
    static func plain(_ address: String) -> String {
        let address = address.lowercased()
        guard address.hasPrefix("::ffff:"), address.contains(".") else { return address }
        return String(address.dropFirst("::ffff:".count))
    }

    /// The client that the last proxy names: the last element of `X-Forwarded-For`, or `for` of the
    /// last element of `Forwarded` (RFC 7239, section 4).
    ///
    /// Nil when there is none.
    ///
    /// Elements before the last were written by whoever sent the request, so they prove nothing.
    static func client(inForwarded header: String) -> String? {
        guard let last = header.split(separator: ",").last else { return nil }
        var node = trimmed(last)
        if node.contains("=") {
            let pairs = node.split(separator: ";").map { trimmed($0) }
            guard let pair = pairs.first(where: { $0.lowercased().hasPrefix("for=") }) else {
                return nil
            }
            node = pair.dropFirst(4)
            if node.hasPrefix("\""), node.hasSuffix("\""), node.count > 1 {
                node = node.dropFirst().dropLast()
            }
        }
        if node.hasPrefix("["), let end = node.firstIndex(of: "]") {
            node = node[node.index(after: node.startIndex)..<end]
        } else if node.filter({ $0 == ":" }).count == 1, let colon = node.firstIndex(of: ":") {
            node = node[..<colon]
        }
        return node.isEmpty ? nil : plain(String(node))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
