import PerchAccess
import PerchModel
import Testing

/// Users, sessions, the first link, and tokens of forms.
@Suite struct PeopleTests {
    private let fixture: AccessFixture
    private var service: AccessService { fixture.service }

    init() throws {
        fixture = try AccessFixture()
    }

    private func addAda() async throws {
        try await service.setPassword(name: "ada", password: AccessFixture.password)
    }

    @Test func aPasswordIsChecked() async throws {
        try await addAda()
        #expect(try await service.login(name: "ada", password: "incorrect horse") == nil)
        #expect(try await service.login(name: "bob", password: AccessFixture.password) == nil)
        let token = try await service.login(name: "ada", password: AccessFixture.password)
        #expect(try await service.user(ofSession: try #require(token)) == "ada")
    }

    @Test func onlyTheHashOfATokenIsKept() async throws {
        try await addAda()
        let token = try #require(
            try await service.login(name: "ada", password: AccessFixture.password))
        #expect(fixture.store.sessionHashes.count == 1)
        #expect(!fixture.store.sessionHashes.contains(token))
        let secret = try await service.createKey(.read, name: "k")
        let key = try #require(try await service.keys().first)
        #expect(!key.hash.contains(secret) && key.hash.hasPrefix("scrypt$"))
    }

    @Test func wrongPasswordsAreBoundedPerAddressAndName() async throws {
        try await addAda()
        for _ in 0..<10 {
            let token = try await service.login(name: "ada", password: "wrong", peer: "192.0.2.1")
            #expect(token == nil)
        }
        await #expect(throws: AccessService.Failure.self) {
            try await service.login(
                name: "ada", password: AccessFixture.password, peer: "192.0.2.1")
        }
        let elsewhere = try await service.login(
            name: "ada", password: AccessFixture.password, peer: "192.0.2.2")
        #expect(elsewhere != nil)
        fixture.clock.advance(seconds: 60)
        let later = try await service.login(
            name: "ada", password: AccessFixture.password, peer: "192.0.2.1")
        #expect(later != nil)
    }

    @Test func aSessionSlidesAndEnds() async throws {
        try await addAda()
        let token = try #require(
            try await service.login(name: "ada", password: AccessFixture.password))
        let day: Int64 = 86_400
        for _ in 0..<3 {
            fixture.clock.advance(seconds: 20 * day)
            #expect(try await service.user(ofSession: token) == "ada")
        }
        fixture.clock.advance(seconds: 31 * day)
        #expect(try await service.user(ofSession: token) == nil)
    }

    @Test func aNewPasswordAndALogoutEndSessions() async throws {
        try await addAda()
        let first = try #require(
            try await service.login(name: "ada", password: AccessFixture.password))
        try await service.setPassword(name: "ada", password: "another password")
        #expect(try await service.user(ofSession: first) == nil)
        let second = try #require(
            try await service.login(name: "ada", password: "another password"))
        try await service.logout(token: second)
        #expect(try await service.user(ofSession: second) == nil)
    }

    @Test func theFirstLinkWorksOnce() async throws {
        let token = try #require(try await service.makeFirstRunToken())
        #expect(service.isFirstRunToken(token))
        #expect(!service.isFirstRunToken(token + "0") && !service.isFirstRunToken(""))
        await #expect(throws: AccessService.Failure.self) {
            try await service.createFirstUser(
                token: "wrong", name: "eve", password: AccessFixture.password)
        }
        // A password that is too short leaves the link good.
        await #expect(throws: AccessService.Failure.self) {
            try await service.createFirstUser(token: token, name: "ada", password: "short")
        }
        // So does a disk that is full.
        fixture.store.failNextWrite()
        await #expect(throws: MemoryAccessStore.Broken.self) {
            try await service.createFirstUser(
                token: token, name: "ada", password: AccessFixture.password)
        }
        try await service.createFirstUser(
            token: token, name: "ada", password: AccessFixture.password)
        #expect(!service.isFirstRunToken(token))
        await #expect(throws: AccessService.Failure.self) {
            try await service.createFirstUser(
                token: token, name: "eve", password: AccessFixture.password)
        }
        #expect(try await service.user(ofSession: token) == nil)
        #expect(try await service.makeFirstRunToken() == nil)
    }

    @Test func theFirstLinkEndsWhenSomebodyElseMadeAUser() async throws {
        let token = try #require(try await service.makeFirstRunToken())
        try await addAda()
        await #expect(throws: AccessService.Failure.self) {
            try await service.createFirstUser(
                token: token, name: "eve", password: AccessFixture.password)
        }
        #expect(!service.isFirstRunToken(token))
    }

    @Test(arguments: ["", String(repeating: "n", count: 101), "a\nb", "a\u{7f}"])
    func badNamesAreRefused(_ name: String) async throws {
        await #expect(throws: AccessService.Failure.self) {
            try await service.setPassword(name: name, password: AccessFixture.password)
        }
        await #expect(throws: AccessService.Failure.self) {
            try await service.createKey(.read, name: name)
        }
    }

    @Test func aFormsTokenBelongsToItsSession() throws {
        let token = service.csrfToken(session: "a")
        #expect(service.isCSRFToken(token, session: "a"))
        #expect(!service.isCSRFToken(token, session: "b"))
        #expect(!service.isCSRFToken("", session: "a"))
        #expect(!(try AccessFixture()).service.isCSRFToken(token, session: "a"))
    }
}
