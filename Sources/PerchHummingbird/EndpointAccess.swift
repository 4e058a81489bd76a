import HTTPTypes
import Hummingbird
import NIOCore

/// Who may read what a process tells about itself (HLT-14, SEC-2).
public enum EndpointAccess: Sendable {
    /// Whoever can reach it.
    case open
    /// Whoever sends `Authorization: Bearer` with this.
    case token(String)
    /// Whoever sends this by basic authentication.
    case basic(user: String, password: String)

    /// Whether a request may read; compares without telling how much was right.
    func allows(_ request: Request) -> Bool {
        switch self {
        case .open: return true
        case .token(let token):
            guard let sent = Self.credential(request, scheme: "bearer") else { return false }
            return !token.isEmpty && Self.isEqual(Array(sent.utf8), Array(token.utf8))
        case .basic(let user, let password):
            guard let sent = Self.credential(request, scheme: "basic"),
                let pair = Base64.decode(Array(sent.utf8))
            else { return false }
            return !password.isEmpty && Self.isEqual(pair, Array("\(user):\(password)".utf8))
        }
    }

    var challenge: String {
        if case .basic = self { "Basic realm=\"metrics\"" } else { "Bearer" }
    }

    private static func credential(_ request: Request, scheme: String) -> String? {
        guard let text = request.headers[.authorization] else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == scheme else { return nil }
        return String(parts[1])
    }

    /// Takes as long wherever two texts of one length differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

/// Base64 with padding (RFC 4648).
enum Base64 {
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bits = 0
        let content = text.prefix { $0 != UInt8(ascii: "=") }
        guard text.count - content.count <= 2,
            text[content.count...].allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        for byte in content {
            guard let value = value(of: byte) else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return bytes
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
