import Foundation
import PerchAccess
import PerchCatalog
import PerchModel
import Testing

/// The SQLite file, and that it keeps what the store in memory keeps.
@Suite struct CatalogTests {
    private static func withFolder<Value>(
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-catalog-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.appending(path: "catalog.sqlite").path)
    }

    private static func verify(_ store: some AccessStore) async throws {
        let key = StoredKey(id: "1", kind: "read", name: "n", hash: "h", createdNanos: 5)
        try await store.insert(key)
        #expect(try await store.keys() == [key])
        #expect(try await store.key(id: "1") == key)
        #expect(try await store.key(id: "2") == nil)
        #expect(try await store.deleteKey(id: "1"))
        #expect(try await !store.deleteKey(id: "1"))

        #expect(try await store.userCount() == 0)
        var user = StoredUser(name: "ada", hash: "h", createdNanos: 5)
        try await store.upsert(user)
        #expect(try await store.user(name: "ada") == user)
        #expect(try await store.userCount() == 1)

        var session = StoredSession(tokenHash: "t", user: "ada", expiresNanos: 10)
        try await store.upsert(session)
        session.expiresNanos = 20
        try await store.upsert(session)
        #expect(try await store.session(tokenHash: "t") == session)
        try await store.deleteSessions(expiredBefore: 20)
        #expect(try await store.session(tokenHash: "t") == session)
        try await store.deleteSessions(expiredBefore: 21)
        #expect(try await store.session(tokenHash: "t") == nil)

        try await store.upsert(session)
        user.hash = "other"
        try await store.upsert(user)
        #expect(try await store.session(tokenHash: "t") == nil)
        #expect(try await store.user(name: "ada")?.hash == "other")
    }

    @Test func bothStoresKeepTheContract() async throws {
        try await Self.verify(MemoryAccessStore())
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            try await Self.verify(catalog)
            try catalog.close()
        }
    }

    @Test func whatWasWrittenIsThereAfterReopening() async throws {
        try await Self.withFolder { path in
            let clock = Clock()
            let first = try Catalog(path: path)
            let secret = try await AccessService(
                store: first, environmentSecrets: [], now: { clock.now }
            ).createKey(.read, name: "dashboard")
            try first.close()

            let second = try Catalog(path: path)
            let service = try AccessService(
                store: second, environmentSecrets: [], now: { clock.now })
            let authenticator = Authenticator(
                mode: .keys, trustedProxies: [], service: service, now: { clock.now })
            let decision = try await authenticator.decide(
                PresentedCredential(authorization: "Bearer \(secret)"), door: .needs(.read))
            #expect(decision.status == 200)
            try second.close()
        }
    }

    @Test func onlyItsOwnerMayReadTheFile() async throws {
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            try await catalog.upsert(StoredUser(name: "a", hash: "h", createdNanos: 0))
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
            try catalog.close()
        }
    }

    @Test func aSessionOfNobodyIsRefused() async throws {
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            await #expect(throws: (any Error).self) {
                try await catalog.upsert(
                    StoredSession(tokenHash: "t", user: "nobody", expiresNanos: 1))
            }
            try catalog.close()
        }
    }

    @Test func aNewerFileIsRefusedClearly() async throws {
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            try catalog.addMigrationOfNewerVersion()
            try catalog.close()
            let failure = #expect(throws: Catalog.Failure.self) { try Catalog(path: path) }
            #expect(failure?.description.contains("newer version") == true)
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() async throws {
        try await Self.withFolder { path in
            try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: path))
            #expect(throws: (any Error).self) { try Catalog(path: path) }
        }
    }

    /// Two who edit the same document: the slower one is told.
    @Test func documentsKeepTheirVersion() async throws {
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            var document = StoredDocument(
                kind: "dashboard", name: "shop", text: "{}", author: "ada", updatedNanos: 5)
            #expect(try await catalog.save(document, replacing: 0) == 1)
            #expect(try await catalog.save(document, replacing: 0) == nil)
            document.text = "{\"title\":\"x\"}"
            document.author = nil
            #expect(try await catalog.save(document, replacing: 1) == 2)
            #expect(try await catalog.save(document, replacing: nil) == 3)
            document.version = 3
            #expect(try await catalog.document(kind: "dashboard", name: "shop") == document)
            #expect(try await catalog.document(kind: "search", name: "shop") == nil)
            #expect(try await catalog.documents(kind: "dashboard") == [document])
            #expect(try await catalog.deleteDocument(kind: "dashboard", name: "shop"))
            #expect(try await !catalog.deleteDocument(kind: "dashboard", name: "shop"))
            try catalog.close()
        }
    }

    /// RUN-4: a restart with the same version is no deploy; going back to an older one is.
    @Test func deploysAreChangesOfVersion() async throws {
        try await Self.withFolder { path in
            let catalog = try Catalog(path: path)
            func insert(_ time: Int64, _ version: String, _ place: String = "") async throws -> Bool
            {
                try await catalog.insert(
                    Deploy(
                        timeNanos: time, service: "api", version: version, environment: place))
            }
            #expect(try await insert(10, "1"))
            #expect(try await !insert(20, "1"))
            #expect(try await insert(20, "1", "staging"))
            #expect(try await insert(30, "2"))
            #expect(try await insert(40, "1"))
            let all = try await catalog.deploys(service: "api", times: 0..<100, limit: 10)
            #expect(all.map(\.timeNanos) == [40, 30, 20, 10])
            let some = try await catalog.deploys(service: nil, times: 20..<40, limit: 1)
            #expect(some.map(\.version) == ["2"])
            #expect(try await catalog.deploys(service: "web", times: 0..<100, limit: 1).isEmpty)
            // Who tells later may know where it is described, and does not take it from who knew.
            for link in ["https://ci.test/7", "https://ci.test/8", ""] {
                let again = Deploy(timeNanos: 50, service: "api", version: "1", link: link)
                #expect(try await !catalog.insert(again))
            }
            let newest = try await catalog.deploys(service: "api", times: 40..<100, limit: 10)
            #expect(newest.map(\.link) == ["https://ci.test/7"])
            try catalog.close()
        }
    }
}
