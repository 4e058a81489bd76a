/// An address within this server: a path and a query, percent-encoded.
///
/// There is no way to make one that names another host or a script.
package struct Link: Sendable, Hashable {
    package let text: String

    /// `path` is written by us; values that come from outside go into `query` or `segment`.
    package init(
        _ path: StaticString, segment: String? = nil,
        query: [(name: StaticString, value: String?)] = []
    ) {
        var text = String(describing: path)
        precondition(text.hasPrefix("/") && !text.hasPrefix("//"), "\(text) is no path of ours")
        if let segment { text += "/" + Self.encode(segment) }
        self.text = Self.append(query.map { (String(describing: $0.name), $0.value) }, to: text)
    }

    /// A path from outside that was checked.
    init(local path: LocalPath) {
        text = path.text
    }

    private init(text: String) {
        self.text = text
    }

    /// This path with one more part; for paths without a query.
    func appending(_ segment: String) -> Link { Link(text: text + "/" + Self.encode(segment)) }

    /// This address with further parameters, for names that are not known at compile time.
    func adding(_ query: [(name: String, value: String?)]) -> Link {
        Link(text: Self.append(query, to: text))
    }

    /// This address with a range of time.
    func adding(_ range: TimeRange) -> Link {
        adding(range.query.map { (String(describing: $0.name), $0.value) })
    }

    private static func append(
        _ query: [(name: String, value: String?)], to start: String
    ) -> String {
        var text = start
        for (name, value) in query {
            guard let value, !value.isEmpty else { continue }
            text += (text.contains("?") ? "&" : "?") + encode(name) + "=" + encode(value)
        }
        return text
    }

    /// Percent-encodes everything but the unreserved characters of RFC 3986.
    static func encode(_ value: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
