import PerchAccess
import PerchModel

/// A service with a key of each kind, a person who is logged in, and an authenticator.
struct AccessFixture {
    static let ingestSecret = "an-ingest-key-of-the-environment"
    static let password = "correct horse battery"

    let clock = Clock()
    let store = MemoryAccessStore()
    let service: AccessService
    let authenticator: Authenticator

    init(_ mode: Authenticator.Mode = .keys, trustedProxies: [String] = []) throws {
        let clock = clock
        service = try AccessService(
            store: store, environmentSecrets: [(Self.ingestSecret, .ingest)],
            now: { clock.now })
        authenticator = Authenticator(
            mode: mode, trustedProxies: trustedProxies, service: service, now: { clock.now })
    }

    func decide(
        bearer: String? = nil, authorization: String? = nil, session: String? = nil,
        peer: String? = "192.0.2.7", forwarded: String? = nil, _ door: Door = .needs(.read)
    ) async throws -> Authenticator.Decision {
        try await authenticator.decide(
            PresentedCredential(
                authorization: authorization ?? bearer.map { "Bearer \($0)" },
                sessionToken: session, peer: peer, forwardedFor: forwarded),
            door: door)
    }
}

extension Authenticator.Decision {
    /// The HTTP status of the answer.
    var status: Int {
        switch self {
        case .allowed: 200
        case .unauthorized: 401
        case .forbidden: 403
        case .tooManyAttempts: 429
        }
    }
}
