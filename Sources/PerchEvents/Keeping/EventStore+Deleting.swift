import PerchFiles
package import PerchModel
import Synchronization

extension EventStore {
    /// Makes rows invisible at once, and gone with the next merge; answers how many events they
    /// stand for.
    ///
    /// `query` is what `predicate` was read from: it is kept, and read again after a restart. What is
    /// written later is not concerned, whatever its time.
    package func delete(
        _ dataset: Dataset, _ query: String, _ predicate: EventPredicate, times: Range<Int64>
    ) async throws(StoreFailure) -> Int64 {
        guard query.utf8.count <= Limits.deletionQueryByteCountMax else {
            throw .tooLarge(
                "a query of \(query.utf8.count) bytes is over the limit of "
                    + "\(Limits.deletionQueryByteCountMax) for deletions")
        }
        await turnstile.enter()
        defer { turnstile.leave() }
        guard !isStopped else { throw .closed }
        guard deletions.all.count < Limits.deletionCountMax else {
            throw .overloaded(
                "\(Limits.deletionCountMax) deletions wait to be carried out; a compaction does it")
        }
        // What comes from now on stands in another file.
        do { try await log.rotate() } catch { throw StoreFailure(error) }
        let segments = head.segments
        let logs = log.files.filter(\.isSealed).map(\.sequence)
        guard let lastLog = (segments.map(\.sequence) + logs).max() else { return 0 }
        let count = try await count(dataset, predicate, times)
        guard count > 0 else { return 0 }
        let applied = segments.map(\.origin.appliedDeletion)
        let number = (deletions.all.map(\.number) + applied).reduce(0, max) + 1
        let deletion = EventDeletion(
            number: number, lastLog: lastLog, dataset: dataset, times: times, query: query,
            predicate: predicate)
        try await setDeletions(deletions.all + [deletion])
        return count
    }

    private func count(
        _ dataset: Dataset, _ predicate: EventPredicate, _ times: Range<Int64>
    ) async throws(StoreFailure) -> Int64 {
        var query = EventQuery(dataset: dataset, times: times)
        query.predicate = predicate
        query.projection = .fields([])
        query.order = .unordered
        var cursor = read(query)
        var count: Int64 = 0
        while let batch = try await cursor.next() { count += batch.totalWeight }
        return count
    }

    /// Forgets deletions of which no row is left.
    func dropCarriedOutDeletions() async throws(StoreFailure) {
        // A file that could not be removed may be found again by a start.
        guard work.withLock({ $0.leftovers.isEmpty }) else { return }
        let all = deletions.all
        let left = all.filter { head.isConcerned(by: $0) }
        if left.count < all.count { try await setDeletions(left) }
    }

    private func setDeletions(_ list: [EventDeletion]) async throws(StoreFailure) {
        do {
            try await BackgroundThread.run("perch.events") { [deletions] in
                try deletions.set(list)
            }
        } catch let failure as FileFailure {
            throw failure.code == .noSpace ? .noSpace(failure.message) : .failed(failure.message)
        } catch {
            throw .failed("\(error)")
        }
    }
}
