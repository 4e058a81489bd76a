/// The address of a project of Sentry, Bugsink, or another server of their protocol (ERR-2).
///
/// `https://KEY@HOST/PATH/PROJECT`, with an old secret after the key or without.
/// Source: Sentry's developer documentation, "SDK overview", "Parsing the DSN".
public struct SentryDSN: Sendable, Hashable {
    /// The public key.
    public var key: String
    /// The secret that old servers ask for.
    public var secret: String?
    /// Where envelopes are sent.
    public var address: String
    /// The project.
    public var project: String

    /// Reads a DSN; nil for a text that is none.
    public init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let at = rest.lastIndex(of: "@") else { return nil }
        let user = rest[..<at].split(separator: ":", omittingEmptySubsequences: false)
        let place = rest[rest.index(after: at)...]
        guard let slash = place.lastIndex(of: "/"), (1...2).contains(user.count),
            Self.isWord(user[0]), user.dropFirst().allSatisfy(Self.isWord)
        else { return nil }
        let base = place[..<slash]
        let project = place[place.index(after: slash)...]
        guard let first = base.utf8.first, first != 0x2f, first != 0x3a, !project.isEmpty,
            project.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x3f && $0 != 0x23 })
        else { return nil }
        key = String(user[0])
        secret = user.count == 2 ? String(user[1]) : nil
        self.project = String(project)
        address = "\(scheme)\(base)/api/\(project)/envelope/"
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
                default: false
                }
            }
    }

    /// The header `X-Sentry-Auth` of a request.
    var authorization: String {
        let secret = secret.map { ", sentry_secret=\($0)" } ?? ""
        return "Sentry sentry_version=7, sentry_client=\(ErrorLimits.client), sentry_key=\(key)"
            + secret
    }
}
