import PerchAccess
import PerchModel
import Testing

@testable import PerchAccess

/// What guessing costs whom.
@Suite struct GuessingTests {
    @Test func manyWrongSecretsAreStoppedForAMinute() async throws {
        let fixture = try AccessFixture()
        for attempt in 0..<Limits.wrongSecretsPerMinuteMax {
            #expect(try await fixture.decide(bearer: "wrong \(attempt)").status == 401)
        }
        #expect(try await fixture.decide(bearer: "one more").status == 429)
        // Another address is not concerned, and neither is a request without a credential.
        #expect(try await fixture.decide(bearer: "one more", peer: "192.0.2.8").status == 401)
        #expect(try await fixture.decide().status == 401)
        fixture.clock.advance(seconds: 60)
        #expect(try await fixture.decide(bearer: "one more").status == 401)
    }

    @Test func aSenderWithAnOldKeyUsesUpOneAttempt() async throws {
        let fixture = try AccessFixture()
        for _ in 0..<100 { #expect(try await fixture.decide(bearer: "old key").status == 401) }
        let secret = AccessFixture.ingestSecret
        #expect(try await fixture.decide(bearer: secret, .needs(.ingest)).status == 200)
    }

    @Test func aVerifiedSecretPassesWhileItsAddressIsStopped() async throws {
        let fixture = try AccessFixture()
        let secret = AccessFixture.ingestSecret
        #expect(try await fixture.decide(bearer: secret, .needs(.ingest)).status == 200)
        for attempt in 0...Limits.wrongSecretsPerMinuteMax {
            _ = try await fixture.decide(bearer: "wrong \(attempt)")
        }
        #expect(try await fixture.decide(bearer: "wrong again").status == 429)
        #expect(try await fixture.decide(bearer: secret, .needs(.ingest)).status == 200)
    }

    @Test func manyAtOnceGetNoFurtherThanManyInARow() async throws {
        let fixture = try AccessFixture()
        let allowed = try await withThrowingTaskGroup(of: Int.self) { group in
            for attempt in 0..<200 {
                group.addTask { try await fixture.decide(bearer: "wrong \(attempt)").status }
            }
            return try await group.reduce(into: 0) { $0 += $1 == 401 ? 1 : 0 }
        }
        #expect(allowed == Limits.wrongSecretsPerMinuteMax)
    }

    /// Behind a trusted proxy each client has attempts of its own.
    @Test func aTrustedProxysClientsAreToldApart() async throws {
        let fixture = try AccessFixture(trustedProxies: ["10.0.0.1"])
        for attempt in 0...Limits.wrongSecretsPerMinuteMax {
            _ = try await fixture.decide(
                bearer: "wrong \(attempt)", peer: "10.0.0.1", forwarded: "192.0.2.66")
        }
        let stopped = try await fixture.decide(
            bearer: "x", peer: "10.0.0.1", forwarded: "192.0.2.66")
        let other = try await fixture.decide(
            bearer: "x", peer: "10.0.0.1", forwarded: "192.0.2.67")
        #expect(stopped.status == 429)
        #expect(other.status == 401)
    }

    @Test func aRevokedKeyStopsAtOnceOrWithinTenSeconds() async throws {
        let fixture = try AccessFixture()
        let secret = try await fixture.service.createKey(.read, name: "dashboard")
        let id = try #require(try await fixture.service.keys().first?.id)
        #expect(try await fixture.decide(bearer: secret).status == 200)
        #expect(try await fixture.service.revokeKey(id: id))
        #expect(try await !fixture.service.revokeKey(id: id))
        // Another process took it back: this one still remembers.
        #expect(try await fixture.decide(bearer: secret).status == 200)
        fixture.clock.advance(seconds: 11)
        #expect(try await fixture.decide(bearer: secret).status == 401)
    }

    @Test func forgettingMakesARevocationImmediate() async throws {
        let fixture = try AccessFixture()
        let secret = try await fixture.service.createKey(.read, name: "dashboard")
        #expect(try await fixture.decide(bearer: secret).status == 200)
        for key in try await fixture.service.keys() {
            _ = try await fixture.service.revokeKey(id: key.id)
        }
        fixture.authenticator.forgetVerified()
        #expect(try await fixture.decide(bearer: secret).status == 401)
    }

    @Test func aSecretWithOneWrongCharacterIsWrong() async throws {
        let fixture = try AccessFixture()
        let secret = try await fixture.service.createKey(.admin, name: "a")
        #expect(try await fixture.decide(bearer: secret + "0").status == 401)
        #expect(try await fixture.decide(bearer: String(secret.dropLast())).status == 401)
        let other = secret.replacing("perch_admin", with: "perch_read")
        #expect(try await fixture.decide(bearer: other).status == 401)
        let long = String(repeating: "x", count: 100_000)
        #expect(try await fixture.decide(bearer: long).status == 401)
        #expect(try await fixture.decide(bearer: secret).status == 200)
    }

    @Test func theLimiterIsBoundedAndSharesWhatIsOver() {
        var limiter = AttemptLimiter(attemptsMax: 2, namesMax: 3)
        // d and e share one count of two, so f has none left; a has its own.
        let began = ["a", "b", "c", "d", "e", "f", "a", "a"].map {
            limiter.begin($0, nowNanos: 0)
        }
        #expect(began == [true, true, true, true, true, false, true, false])
        limiter.succeed("a")
        let later = [
            limiter.begin("a", nowNanos: 59_999_999_999),
            limiter.begin("a", nowNanos: 59_999_999_999),
            limiter.begin("f", nowNanos: 60_000_000_000),
        ]
        #expect(later == [true, false, true])
    }

    @Test func hashesBeyondTheQueueAreRefused() async throws {
        let worker = HashWorker(waitingMax: 1)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (try? await worker.make("secret")) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
        #expect(try await worker.make("secret").hasPrefix("scrypt$"))
    }
}
