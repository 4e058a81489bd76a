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

    /// A secret that scrypt has verified.
    private struct Verified {
        var key: AccessService.VerifiedKey
        var checkedNanos: Int64
    }

    private struct State {
        /// By the secret's keyed hash, so that neither a dump of memory nor the time of a look-up
        /// tells a secret.
        var verified: [[UInt8]: Verified] = [:]
        /// Wrong secrets of the current minute, likewise.
        var rejected: Set<[UInt8]> = []
        var rejectedMinute: Int64 = 0
        var limiter = AttemptLimiter(attemptsMax: Limits.wrongSecretsPerMinuteMax)
    }

    private enum Verification {
        case valid(Principal)
        case invalid
        case tooMany
    }

    private let mode: Mode
    private let isBehindProxy: Bool
    private let trustedProxies: Set<String>
    private let service: AccessService
    private let now: @Sendable () -> Int64
    private let cacheKey = SymmetricKey(size: .bits256)
    private let state = Mutex(State())

    /// Begins with nothing verified.
    ///
    /// `now` answers nanoseconds since 1970.
    package init(
        mode: Mode, isBehindProxy: Bool = false, trustedProxies: [String], service: AccessService,
        now: @escaping @Sendable () -> Int64
    ) {
        self.mode = mode
        self.isBehindProxy = isBehindProxy
        self.trustedProxies = Set(trustedProxies.map { Address.plain($0) })
        self.service = service
        self.now = now
    }

    /// The decision for one request.
    ///
    /// Throws only when the store of keys fails.
    package func decide(_ presented: PresentedCredential, door: Door) async throws -> Decision {
        guard mode != .none else {
            return .allowed(Principal(rights: Set(Right.allCases)))
        }
        guard case .needs(let right) = door else {
            return .allowed(try await visitor(presented))
        }
        let client = client(of: presented)
        if let authorization = presented.authorization {
            switch try await verify(authorization, from: client ?? "") {
            case .valid(let principal): return Self.decide(principal, right)
            case .invalid: return .unauthorized("the credential is not valid")
            case .tooMany: return .tooManyAttempts
            }
        }
        if let principal = try await person(presented) { return Self.decide(principal, right) }
        let isLocal = mode == .loopback && client.map { Address.isLoopback($0) } ?? false
        guard isLocal, right != .admin else {
            return .unauthorized("this needs a credential with the right \(right.rawValue)")
        }
        return .allowed(Principal(rights: [.ingest, .read]))
    }

    /// Forgets verified secrets, after a key was taken back.
    package func forgetVerified() {
        state.withLock { $0.verified = [:] }
    }

    private static func decide(_ principal: Principal, _ right: Right) -> Decision {
        principal.rights.contains(right)
            ? .allowed(principal) : .forbidden("this needs the right \(right.rawValue)")
    }

    /// Who looks at a page that needs no right.
    ///
    /// A wrong credential changes nothing there.
    private func visitor(_ presented: PresentedCredential) async throws -> Principal {
        if let person = try await person(presented) { return person }
        let isLocal =
            mode == .loopback && presented.authorization == nil
            && client(of: presented).map { Address.isLoopback($0) } ?? false
        return Principal(rights: isLocal ? [.ingest, .read] : [])
    }

    private func person(_ presented: PresentedCredential) async throws -> Principal? {
        guard let token = presented.sessionToken,
            let user = try await service.user(ofSession: token)
        else { return nil }
        return Principal(rights: Set(Right.allCases), user: user, sessionToken: token)
    }

    /// The address a request comes from; nil when it is not known and counts as remote.
    ///
    /// A proxy's word counts only when it is a trusted one: anybody can write the header. Without
    /// trust the header still says that the peer is not the sender.
    package func client(of presented: PresentedCredential) -> String? {
        guard let peer = presented.peer.map({ Address.plain($0) }) else { return nil }
        guard let forwarded = presented.forwardedFor else {
            // A proxy that tells nothing of its client must not make everybody a local one.
            return isBehindProxy ? "behind \(peer)" : peer
        }
        guard trustedProxies.contains(peer) else { return "behind \(peer)" }
        return Address.client(inForwarded: forwarded) ?? "behind \(peer)"
    }

    private func verify(_ authorization: String, from client: String) async throws -> Verification {
        guard let secret = CredentialParser.secret(authorization),
            secret.utf8.count <= Limits.secretByteCountMax
        else { return .invalid }
        let digest = Array(
            HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: cacheKey))
        if let known = try await remembered(digest) { return .valid(known) }
        switch begin(digest, from: client) {
        case .valid: break
        case .invalid: return .invalid
        case .tooMany: return .tooMany
        }
        do {
            guard let key = try await service.verify(secret: secret) else {
                state.withLock { _ = $0.rejected.insert(digest) }
                return .invalid
            }
            let nowNanos = now()
            state.withLock { state in
                state.limiter.succeed(client)
                if state.verified.count >= Limits.verifiedMax { state.verified = [:] }
                state.verified[digest] = Verified(key: key, checkedNanos: nowNanos)
            }
            return .valid(key.principal)
        } catch is HashWorker.Busy {
            return .tooMany
        }
    }

    /// The owner of a secret that was verified before, whose key is still there.
    private func remembered(_ digest: [UInt8]) async throws -> Principal? {
        guard let known = state.withLock({ $0.verified[digest] }) else { return nil }
        let nowNanos = now()
        if nowNanos &- known.checkedNanos < Limits.verifiedNanosMax { return known.key.principal }
        let isCurrent = try await service.isCurrent(known.key)
        state.withLock { state in
            guard state.verified[digest] != nil else { return }
            state.verified[digest]?.checkedNanos = nowNanos
            if !isCurrent { state.verified[digest] = nil }
        }
        return isCurrent ? known.key.principal : nil
    }

    /// Begins an attempt: `invalid` when this very secret was wrong within the minute.
    private func begin(_ digest: [UInt8], from client: String) -> Verification {
        let nowNanos = now()
        return state.withLock { state in
            let minute = nowNanos / 60_000_000_000
            if state.rejectedMinute != minute || state.rejected.count >= Limits.rejectedMax {
                state.rejected = []
                state.rejectedMinute = minute
            }
            if state.rejected.contains(digest) { return .invalid }
            guard state.limiter.begin(client, nowNanos: nowNanos) else { return .tooMany }
            return .valid(Principal(rights: []))
        }
    }
}
