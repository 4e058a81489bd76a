import PerchModel

/// Documents and deploys in memory.
actor MemoryPages: PageStore {
    private var kept: [StoredDocument] = []
    private var told: [Deploy] = []

    init(deploys: [Deploy] = []) { told = deploys }

    func documents(kind: String) -> [StoredDocument] {
        kept.filter { $0.kind == kind }.sorted { $0.name < $1.name }
    }

    func document(kind: String, name: String) -> StoredDocument? {
        kept.first { $0.kind == kind && $0.name == name }
    }

    func save(_ document: StoredDocument, replacing: Int?) -> Int? {
        let present = self.document(kind: document.kind, name: document.name)?.version ?? 0
        guard replacing == nil || replacing == present else { return nil }
        var document = document
        document.version = present + 1
        kept.removeAll { $0.kind == document.kind && $0.name == document.name }
        kept.append(document)
        return document.version
    }

    func deleteDocument(kind: String, name: String) -> Bool {
        let before = kept.count
        kept.removeAll { $0.kind == kind && $0.name == name }
        return kept.count < before
    }

    func insert(_ deploy: Deploy) -> Bool {
        told.append(deploy)
        return true
    }

    func deploys(service: String?, times: Range<Int64>, limit: Int) -> [Deploy] {
        Array(
            told.filter {
                times.contains($0.timeNanos) && (service == nil || service == $0.service)
            }.sorted { $0.timeNanos > $1.timeNanos }.prefix(limit))
    }
}
