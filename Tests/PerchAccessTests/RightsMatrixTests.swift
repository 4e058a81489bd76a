import PerchAccess
import Testing

/// Mode × peer × credential × door, as the design's section 11 says.
@Suite struct RightsMatrixTests {
    struct Row: CustomTestStringConvertible {
        var mode: Authenticator.Mode
        var peer: String?
        var forwarded: String? = nil
        /// Statuses for open, ingest, read and admin doors.
        var expected: [Int]

        var testDescription: String {
            "\(mode) from \(peer ?? "nobody") forwarded \(forwarded ?? "not")"
        }
    }

    static let doors: [Door] = [.open, .needs(.ingest), .needs(.read), .needs(.admin)]

    /// Without a credential.
    @Test(arguments: [
        Row(mode: .loopback, peer: "127.0.0.1", expected: [200, 200, 200, 401]),
        Row(mode: .loopback, peer: "127.9.8.7", expected: [200, 200, 200, 401]),
        Row(mode: .loopback, peer: "::1", expected: [200, 200, 200, 401]),
        Row(mode: .loopback, peer: "::ffff:127.0.0.1", expected: [200, 200, 200, 401]),
        Row(mode: .loopback, peer: "192.0.2.7", expected: [200, 401, 401, 401]),
        Row(mode: .loopback, peer: "::ffff:192.0.2.7", expected: [200, 401, 401, 401]),
        Row(mode: .loopback, peer: nil, expected: [200, 401, 401, 401]),
        // A forwarded header counts as remote, whatever it says.
        Row(
            mode: .loopback, peer: "127.0.0.1", forwarded: "192.0.2.7",
            expected: [200, 401, 401, 401]),
        Row(
            mode: .loopback, peer: "127.0.0.1", forwarded: "127.0.0.1",
            expected: [200, 401, 401, 401]),
        Row(mode: .loopback, peer: "127.0.0.1", forwarded: "", expected: [200, 401, 401, 401]),
        // 127.0.0.2 is a trusted proxy: the last address is the client.
        Row(
            mode: .loopback, peer: "127.0.0.2", forwarded: "192.0.2.7",
            expected: [200, 401, 401, 401]),
        Row(
            mode: .loopback, peer: "127.0.0.2", forwarded: "127.0.0.1, 192.0.2.7",
            expected: [200, 401, 401, 401]),
        Row(
            mode: .loopback, peer: "127.0.0.2", forwarded: "192.0.2.7, 127.0.0.1",
            expected: [200, 200, 200, 401]),
        Row(
            mode: .loopback, peer: "127.0.0.2", forwarded: "for=\"[::1]:4711\";proto=https",
            expected: [200, 200, 200, 401]),
        Row(
            mode: .loopback, peer: "127.0.0.2", forwarded: "proto=https",
            expected: [200, 401, 401, 401]),
        Row(mode: .loopback, peer: "127.0.0.2", forwarded: "", expected: [200, 401, 401, 401]),
        Row(mode: .keys, peer: "127.0.0.1", expected: [200, 401, 401, 401]),
        Row(mode: .keys, peer: "192.0.2.7", expected: [200, 401, 401, 401]),
        Row(mode: .none, peer: "127.0.0.1", expected: [200, 200, 200, 200]),
    ])
    func withoutCredential(_ row: Row) async throws {
        let fixture = try AccessFixture(row.mode, trustedProxies: ["127.0.0.2"])
        for (door, expected) in zip(Self.doors, row.expected) {
            let decision = try await fixture.decide(
                peer: row.peer, forwarded: row.forwarded, door)
            #expect(decision.status == expected, "\(door)")
        }
    }

    /// A key opens its doors and no other, from anywhere and in both modes that ask for keys.
    @Test(arguments: [
        (KeyKind.ingest, [200, 200, 403, 403]), (.dsn, [200, 403, 403, 403]),
        (.read, [200, 403, 200, 403]), (.admin, [200, 200, 200, 200]),
    ])
    func withKey(_ kind: KeyKind, _ expected: [Int]) async throws {
        for mode in [Authenticator.Mode.loopback, .keys] {
            let fixture = try AccessFixture(mode)
            let secret = try await fixture.service.createKey(kind, name: "test")
            #expect(secret.hasPrefix("perch_\(kind.rawValue)_"))
            for peer in ["127.0.0.1", "192.0.2.7"] {
                for (door, status) in zip(Self.doors, expected) {
                    let decision = try await fixture.decide(bearer: secret, peer: peer, door)
                    #expect(decision.status == status, "\(mode) \(peer) \(door)")
                }
            }
        }
    }

    @Test func aKeyOfTheEnvironmentHasItsKindsRights() async throws {
        let fixture = try AccessFixture()
        let secret = AccessFixture.ingestSecret
        #expect(try await fixture.decide(bearer: secret, .needs(.ingest)).status == 200)
        #expect(try await fixture.decide(bearer: secret, .needs(.admin)).status == 403)
    }

    @Test func aPersonMayDoAll() async throws {
        let fixture = try AccessFixture()
        try await fixture.service.setPassword(name: "ada", password: AccessFixture.password)
        let token = try #require(
            try await fixture.service.login(name: "ada", password: AccessFixture.password))
        for door in Self.doors {
            let decision = try await fixture.decide(session: token, door)
            guard case .allowed(let principal) = decision else {
                Issue.record("\(door): \(decision)")
                continue
            }
            #expect(principal.user == "ada")
        }
        #expect(try await fixture.decide(session: token + "0", .needs(.read)).status == 401)
    }

    /// Invariant 3: what loopback would get for nothing is refused with a wrong credential.
    @Test(arguments: [
        "Bearer wrong", "Bearer", "Bearer ", "Digest x", "Basic !!!", "Basic bm9jb2xvbg==", "",
    ])
    func aWrongCredentialIsRefusedEvenFromLoopback(_ authorization: String) async throws {
        let fixture = try AccessFixture(.loopback)
        let decision = try await fixture.decide(
            authorization: authorization, peer: "127.0.0.1", .needs(.read))
        #expect(decision.status == 401)
        let health = try await fixture.decide(
            authorization: authorization, peer: "127.0.0.1", .open)
        #expect(health.status == 200)
    }

    /// `user:an-ingest-key-of-the-environment`, and without a user.
    @Test(arguments: [
        "Basic dXNlcjphbi1pbmdlc3Qta2V5LW9mLXRoZS1lbnZpcm9ubWVudA==",
        "basic OmFuLWluZ2VzdC1rZXktb2YtdGhlLWVudmlyb25tZW50",
        "bearer an-ingest-key-of-the-environment", "Bearer   an-ingest-key-of-the-environment ",
    ])
    func bearerAndBasicBothCarryAKey(_ authorization: String) async throws {
        let fixture = try AccessFixture()
        let decision = try await fixture.decide(authorization: authorization, .needs(.ingest))
        #expect(decision.status == 200)
    }
}
