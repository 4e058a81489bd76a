import PerchDashboards
package import PerchModel

/// A dashboard's file and where it comes from.
package struct DashboardFile: Sendable {
    package enum Origin: Sendable, Hashable {
        /// Comes with the server.
        case builtIn
        /// From a folder that the configuration names; changed there.
        case folder
        /// Saved in the pages; `version` grows with each save.
        case saved(version: Int)
    }

    package var uid: String
    package var origin: Origin
    package var bytes: [UInt8]

    package init(uid: String, origin: Origin, bytes: [UInt8]) {
        self.uid = uid
        self.origin = origin
        self.bytes = bytes
    }

    package var isEditable: Bool { origin != .folder }
}

/// One row of the list of dashboards.
package struct DashboardEntry: Sendable, Hashable {
    package var uid: String
    package var title: String
    package var tags: [String]
    package var description: String
    package var panelCount: Int
    package var origin: DashboardFile.Origin
    /// Why the file cannot be drawn.
    package var failure: String?
}

/// All dashboards: what people saved goes before a folder's file of the same id, and that before
/// what comes with the server.
package struct DashboardLibrary: Sendable {
    /// A file of a folder, as its name and bytes.
    package typealias Files = @Sendable () -> [(name: String, bytes: [UInt8])]

    /// The kind of the documents in the catalog.
    static let kind = "dashboard"

    private let documents: any PageStore
    private let builtIn: [DashboardFile]
    private let folder: Files
    /// What was read of the files.
    package let cache: DashboardCache

    package init(
        documents: any PageStore, builtIn: [(name: String, bytes: [UInt8])], folder: @escaping Files
    ) {
        self.documents = documents
        self.folder = folder
        let cache = DashboardCache()
        self.cache = cache
        self.builtIn = builtIn.map { name, bytes in
            DashboardFile(uid: Self.uid(name, bytes, cache), origin: .builtIn, bytes: bytes)
        }
    }

    /// The id of a file: its own, else one made of its name.
    private static func uid(_ name: String, _ bytes: [UInt8], _ cache: DashboardCache) -> String {
        let own = (try? cache.dashboard(bytes))?.uid ?? ""
        return own.isEmpty ? slug(name) : own
    }

    /// Letters, digits and dashes of a name.
    static func slug(_ name: String) -> String {
        var result = ""
        for character in name.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                result.append(character)
            } else if !result.hasSuffix("-"), !result.isEmpty {
                result.append("-")
            }
            if result.utf8.count >= 60 { break }
        }
        while result.hasSuffix("-") { result.removeLast() }
        return result.isEmpty ? "dashboard" : result
    }

    private func files() async throws -> [DashboardFile] {
        var byID: [String: DashboardFile] = [:]
        for file in builtIn { byID[file.uid] = file }
        for (name, bytes) in folder() {
            let uid = Self.uid(name, bytes, cache)
            byID[uid] = DashboardFile(uid: uid, origin: .folder, bytes: bytes)
        }
        for document in try await documents.documents(kind: Self.kind) {
            byID[document.name] = DashboardFile(
                uid: document.name, origin: .saved(version: document.version),
                bytes: Array(document.text.utf8))
        }
        return byID.values.sorted { $0.uid < $1.uid }
    }

    package func list() async throws -> [DashboardEntry] {
        try await files().map { file in
            do throws(DashboardFailure) {
                let dashboard = try cache.dashboard(file.bytes)
                return DashboardEntry(
                    uid: file.uid, title: dashboard.title, tags: dashboard.tags,
                    description: dashboard.description, panelCount: dashboard.panels.count,
                    origin: file.origin)
            } catch {
                return DashboardEntry(
                    uid: file.uid, title: file.uid, tags: [], description: "", panelCount: 0,
                    origin: file.origin, failure: error.description)
            }
        }.sorted { ($0.title.lowercased(), $0.uid) < ($1.title.lowercased(), $1.uid) }
    }

    package func find(_ uid: String) async throws -> DashboardFile? {
        if let document = try await documents.document(kind: Self.kind, name: uid) {
            return DashboardFile(
                uid: uid, origin: .saved(version: document.version),
                bytes: Array(document.text.utf8))
        }
        for (name, bytes) in folder() where Self.uid(name, bytes, cache) == uid {
            return DashboardFile(uid: uid, origin: .folder, bytes: bytes)
        }
        return builtIn.first { $0.uid == uid }
    }

    /// How saving ended.
    package enum Saved: Sendable, Hashable {
        case done(uid: String, version: Int)
        /// Somebody else saved since this version was opened.
        case conflict
        case isInFolder
    }

    /// Keeps a dashboard unchanged, under its own id or one made of its title.
    ///
    /// `replacing` is the version that was opened; nil keeps it whatever is there.
    package func save(
        _ bytes: [UInt8], uid wanted: String?, replacing: Int?, author: String?, now: Int64
    ) async throws -> Saved {
        let dashboard = try Dashboard(reading: bytes)
        let uid =
            wanted ?? (dashboard.uid.isEmpty ? Self.slug(dashboard.title) : dashboard.uid)
        for (name, file) in folder() where Self.uid(name, file, cache) == uid { return .isInFolder }
        let version = try await documents.save(
            StoredDocument(
                kind: Self.kind, name: uid, text: String(decoding: bytes, as: UTF8.self),
                author: author, updatedNanos: now), replacing: replacing)
        return version.map { .done(uid: uid, version: $0) } ?? .conflict
    }

    package func delete(_ uid: String) async throws -> Bool {
        try await documents.deleteDocument(kind: Self.kind, name: uid)
    }
}
