package import PerchAccess
import PerchCatalog
import PerchFiles
import SystemPackage

/// What an operator does to a data folder from the command line, with or without a running server.
package enum Administration {
    /// Makes a key and answers its secret, which is kept nowhere.
    package static func createKey(
        _ kind: KeyKind, name: String, dataPath: String
    ) async throws -> String {
        try await withAccess(dataPath) { try await $0.createKey(kind, name: name) }
    }

    /// Gives a user a new password, or makes the user.
    package static func resetUser(
        name: String, password: String, dataPath: String
    ) async throws {
        try await withAccess(dataPath) { try await $0.setPassword(name: name, password: password) }
    }

    private static func withAccess<Value>(
        _ dataPath: String, _ work: (AccessService) async throws -> Value
    ) async throws -> Value {
        // SQLite lets a second process write, so the folder's lock is not taken.
        let path = FilePath(dataPath)
        try LocalFiles().createDirectory(path)
        let catalog = try Catalog(path: path.appending("catalog.sqlite").string)
        let service = try AccessService(
            store: catalog, environmentSecrets: [], now: SystemClock.now)
        let value = try await work(service)
        try catalog.close()
        return value
    }
}
