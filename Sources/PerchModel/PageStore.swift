/// A small document that people made in the pages: a dashboard, a saved search.
package struct StoredDocument: Sendable, Hashable {
    /// What it is: `dashboard`, `search`.
    package var kind: String
    /// Unique within its kind.
    package var name: String
    package var text: String
    /// Who saved it last; nil where nobody has to log in.
    package var author: String?
    /// Nanoseconds since 1970.
    package var updatedNanos: Int64
    /// Grows by one with each save, so that two who edit at once notice.
    package var version: Int

    package init(
        kind: String, name: String, text: String, author: String?, updatedNanos: Int64,
        version: Int = 1
    ) {
        self.kind = kind
        self.name = name
        self.text = text
        self.author = author
        self.updatedNanos = updatedNanos
        self.version = version
    }
}

/// A version of a service that went into operation.
package struct Deploy: Sendable, Hashable {
    /// Nanoseconds since 1970.
    package var timeNanos: Int64
    package var service: String
    package var version: String
    /// Empty when nobody told.
    package var environment: String
    /// Where it is described; empty when nobody told.
    package var link: String

    package init(
        timeNanos: Int64, service: String, version: String, environment: String = "",
        link: String = ""
    ) {
        self.timeNanos = timeNanos
        self.service = service
        self.version = version
        self.environment = environment
        self.link = link
    }
}

/// Where the documents of the pages and the deploys are kept.
///
/// What a method returned from is durable.
package protocol PageStore: Sendable {
    /// All documents of a kind, by name.
    func documents(kind: String) async throws -> [StoredDocument]
    func document(kind: String, name: String) async throws -> StoredDocument?
    /// Keeps a document in place of the one of its name, whose version must be `replacing`: 0 for a
    /// new one, nil for whatever is there.
    ///
    /// Answers the new version, or nil when somebody else was quicker.
    func save(_ document: StoredDocument, replacing: Int?) async throws -> Int?
    /// Whether there was one.
    func deleteDocument(kind: String, name: String) async throws -> Bool

    /// Keeps a deploy, unless the newest before it of this service and environment is of the same
    /// version: a restart is no deploy. Answers whether it was kept.
    func insert(_ deploy: Deploy) async throws -> Bool
    /// Deploys within `times`, the newest first; of all services when `service` is nil.
    func deploys(service: String?, times: Range<Int64>, limit: Int) async throws -> [Deploy]
}
