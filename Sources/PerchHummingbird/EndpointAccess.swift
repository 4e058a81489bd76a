import HTTPTypes
import Hummingbird
import NIOCore

/// Who may read what a process tells about itself (HLT-14, SEC-2).
public indirect enum EndpointAccess: Sendable {
    /// Whoever can reach it.
    case open
    /// Whoever sends `Authorization: Bearer` with this.
    case token(String)
    /// Whoever sends this by basic authentication.
    case basic(user: String, password: String)

    /// Whoever connects from an address or network of a list, such as `10.0.0.0/8`.
    ///
    /// The router's context must know the address (`RemoteAddressRequestContext`); where it does
    /// not, nobody may.
    case addresses([String])
    /// Whoever any of these lets in.
    case anyOf([EndpointAccess])

    /// Whether a request may read; compares without telling how much was right.
    func allows(_ request: Request, _ context: some RequestContext) -> Bool {
        switch self {
        case .addresses(let networks):
            let known = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress
            guard let text = known, let address = NetworkAddress(text) else { return false }
            return networks.contains { NetworkRange($0)?.contains(address) == true }
        case .anyOf(let ways): return ways.contains { $0.allows(request, context) }
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

    /// The answer to a request that may not.
    var refusal: Response {
        guard let challenge else { return Response(status: .forbidden) }
        return Response(status: .unauthorized, headers: [.wwwAuthenticate: challenge])
    }

    /// What would let a client in; nil where nothing that it could send does.
    private var challenge: String? {
        switch self {
        case .basic: "Basic realm=\"metrics\""
        case .token: "Bearer"
        case .open, .addresses: nil
        case .anyOf(let ways): ways.lazy.compactMap(\.challenge).first
        }
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
