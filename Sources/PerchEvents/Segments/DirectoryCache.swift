import PerchModel
import Synchronization

/// What the lists of columns of a segment's blocks say, once they were read.
///
/// All segments together keep a bounded number of columns' entries; what is beyond is read anew.
final class DirectoryCache: Sendable {
    private struct State {
        var directories: [Int: SegmentDirectory] = [:]
        var cost = 0
    }

    /// Entries and attributes of all caches.
    private static let total = Atomic<Int>(0)
    private let state = Mutex(State())

    deinit {
        Self.total.subtract(state.withLock { $0.cost }, ordering: .relaxed)
    }

    /// What is known of a block, or what `read` finds.
    func directory(
        of block: SegmentBlock, read: () throws -> SegmentDirectory
    ) throws -> SegmentDirectory {
        if let known = state.withLock({ $0.directories[block.directory.offset] }) { return known }
        var directory = try read()
        let cost = directory.cost
        guard Self.total.load(ordering: .relaxed) + cost <= Limits.cachedDirectoryCostMax else {
            return directory
        }
        state.withLock { state in
            guard state.directories[block.directory.offset] == nil else { return }
            // The senders of one block are mostly those of the one before: they are kept once.
            if let like = state.directories.values.first(where: {
                $0.resources == directory.resources
            }) {
                directory.resources = like.resources
            }
            state.directories[block.directory.offset] = directory
            state.cost += cost
            Self.total.add(cost, ordering: .relaxed)
        }
        return directory
    }
}

extension SegmentDirectory {
    /// How much memory it takes, counted in entries.
    fileprivate var cost: Int {
        columns.count + resources.reduce(0) { $0 + 1 + $1.attributes.count }
    }
}
