import Crypto
import Foundation
import Synchronization

/// Decides whether a request may pass.
package final class Authenticator: Sendable {
    /// Who may do what without a credential.
    package enum Mode: Sendable {
        case loopback
        case keys
        case none
    }

    /// The answer.
    package enum Decision: Sendable, Equatable {
        case allowed(Principal)
        /// 401: a credential is needed, or the one given is wrong.
        case unauthorized(String)
        /// 403: the credential does not open this door.
        case forbidden(String)
        /// 429: too many wrong credentials from this address.
        case tooManyAttempts
    }

    private struct State {
        /// Secrets that scrypt has verified, by their keyed hash, so that it runs once a secret.
        var verified: [SymmetricDigest: Principal] = [:]
        /// Wrong credentials by peer in the current minute.
        var failures: [String: Int] = [:]
        var failuresMinute: Int64 = 0
    }

    private typealias SymmetricDigest = [UInt8]

    /// Bounds of the two tables; when one is full it starts again.
    private static let verifiedMax = 1_024
    private static let failurePeersMax = 4_096
    private static let failuresPerMinuteMax = 20

    private let mode: Mode
    private let trustedProxies: Set<String>
    private let service: AccessService
    private let now: @Sendable () -> Int64
    private let cacheKey = SymmetricKey(size: .bits256)
    private let state = Mutex(State())

    /// - Parameter now: nanoseconds since 1970.
    package init(
        mode: Mode, trustedProxies: [String], service: AccessService,
        now: @escaping @Sendable () -> Int64
    ) {
        self.mode = mode
        self.trustedProxies = Set(trustedProxies)
        self.service = service
        self.now = now
    }

    /// The decision for one request. Throws only when the store of keys fails.
    package func decide(_ presented: PresentedCredential, door: Door) async throws -> Decision {
        guard mode != .none else {
            return .allowed(Principal(rights: Set(Right.allCases)))
        }
        let principal: Principal?
        if let authorization = presented.authorization {
            let peer = presented.peer ?? ""
            guard !hasTooManyFailures(peer) else { return .tooManyAttempts }
            principal = try await verify(authorization)
            if principal == nil, door != .open {
                countFailure(peer)
                return .unauthorized("the credential is not valid")
            }
        } else if let token = presented.sessionToken,
            let user = try await service.user(ofSession: token)
        {
            principal = Principal(
                rights: Set(Right.allCases), user: user, sessionToken: token)
        } else if mode == .loopback, isLocal(presented) {
            principal = Principal(rights: [.ingest, .read])
        } else {
            principal = nil
        }
        guard case .needs(let right) = door else {
            return .allowed(principal ?? Principal(rights: []))
        }
        guard let principal else {
            return .unauthorized("this needs a credential with the right \(right.rawValue)")
        }
        if principal.rights.contains(right) { return .allowed(principal) }
        let isAnonymous = presented.authorization == nil && principal.user == nil
        let message = "this needs the right \(right.rawValue)"
        return isAnonymous ? .unauthorized(message) : .forbidden(message)
    }

    /// Forgets verified secrets, after a key was taken back.
    package func forgetVerified() {
        state.withLock { $0.verified = [:] }
    }

    /// Whether the request comes from this machine: the peer is loopback and nobody in between
    /// says otherwise. A proxy's word counts only when it is a trusted one.
    private func isLocal(_ presented: PresentedCredential) -> Bool {
        guard let peer = presented.peer else { return false }
        guard let forwarded = presented.forwardedFor else { return Address.isLoopback(peer) }
        guard trustedProxies.contains(peer),
            let client = forwarded.split(separator: ",").last
        else { return false }
        return Address.isLoopback(client.trimmingCharacters(in: .whitespaces))
    }

    private func verify(_ authorization: String) async throws -> Principal? {
        guard let secret = CredentialParser.secret(authorization), secret.utf8.count <= 512 else {
            return nil
        }
        let digest = Array(
            HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: cacheKey))
        if let known = state.withLock({ $0.verified[digest] }) { return known }
        guard let principal = try await service.principal(ofSecret: secret) else { return nil }
        state.withLock { state in
            if state.verified.count >= Self.verifiedMax { state.verified = [:] }
            state.verified[digest] = principal
        }
        return principal
    }

    private func hasTooManyFailures(_ peer: String) -> Bool {
        let minute = now() / 60_000_000_000
        return state.withLock {
            $0.failuresMinute == minute && $0.failures[peer] ?? 0 >= Self.failuresPerMinuteMax
        }
    }

    private func countFailure(_ peer: String) {
        let minute = now() / 60_000_000_000
        state.withLock { state in
            if state.failuresMinute != minute || state.failures.count >= Self.failurePeersMax {
                state.failures = [:]
                state.failuresMinute = minute
            }
            state.failures[peer, default: 0] += 1
        }
    }
}
