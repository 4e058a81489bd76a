import Foundation
import GRDB

/// Opens the SQLite file of the shop and brings it to the present schema.
///
/// The API and the worker each open a pool of their own, like two programs that share a file: a
/// long write in one makes the other fail with the real "database is locked".
struct ShopDatabase: Sendable {
    let path: String
    private let isTemporary: Bool

    init(path: String?) {
        isTemporary = path == nil
        self.path =
            path
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("shop-\(UUID().uuidString).sqlite").path
    }

    func open(label: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = label
        configuration.busyMode = .timeout(Limits.databaseBusySeconds)
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { database in
            // A crash may lose the demo's last orders; nobody misses them.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// Removes the file when the demo made it up.
    func removeIfTemporary() {
        guard isTemporary else { return }
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
