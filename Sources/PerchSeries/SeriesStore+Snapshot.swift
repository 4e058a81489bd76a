package import PerchFiles
package import PerchModel

extension SeriesStore {
    /// Gives all samples of this moment a second home in `directory`, which must not be there: a
    /// store can be opened on it.
    ///
    /// Segments are not copied, only named again, so that they take no room until this store
    /// merges or removes them. With `skipsHead`, what is in no segment yet is left out; without it,
    /// a segment is made of that first.
    package func snapshot(
        to directory: FilePath, skipsHead: Bool
    ) async throws(StoreFailure) {
        await turnstile.enter()
        defer { turnstile.leave() }
        if !skipsHead { try await cutForSnapshot() }
        let view = head.view
        do {
            try await offPool { [folder] in
                try folder.link(view.segments, view.deletions, into: directory)
            }
        } catch {
            throw StoreFailure(any: error)
        }
    }
}
