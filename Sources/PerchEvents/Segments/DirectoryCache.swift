import PerchModel
import Synchronization

/// What is known of a block once its list of columns was read.
final class KnownBlock: Sendable {
    let directory: SegmentDirectory
    /// Where times stand, once the chunk of all was read and its checksum agreed.
    private let knownFrames = Mutex<TimeFrames?>(nil)
    /// Chunks whose checksum agreed, by their place.
    private let checked = Mutex<Set<Int>>([])

    init(_ directory: SegmentDirectory) {
        self.directory = directory
    }

    func noteChecked(_ chunk: SegmentChunk) {
        checked.withLock { _ = $0.insert(chunk.offset) }
    }

    func isChecked(_ chunk: SegmentChunk) -> Bool {
        checked.withLock { $0.contains(chunk.offset) }
    }

    var frames: TimeFrames? {
        get { knownFrames.withLock { $0 } }
        set { knownFrames.withLock { $0 = newValue } }
    }
}

/// What the lists of columns of a segment's blocks say, once they were read.
///
/// All segments together keep a bounded number of columns' entries; what is beyond is read anew.
final class DirectoryCache: Sendable {
    private struct State {
        var blocks: [Int: KnownBlock] = [:]
        var senders: [Set<[UInt8]>: Senders] = [:]
        var cost = 0
    }

    /// Entries, attributes and runs of times of all caches.
    private static let total = Atomic<Int>(0)
    private let state = Mutex(State())

    deinit {
        Self.total.subtract(state.withLock { $0.cost }, ordering: .relaxed)
    }

    /// What is known of a block, or what `read` finds.
    func known(
        _ block: SegmentBlock, read: () throws -> SegmentDirectory
    ) throws -> KnownBlock {
        if let known = state.withLock({ $0.blocks[block.directory.offset] }) { return known }
        var directory = try read()
        let cost = directory.cost + block.rowCount / (6 * TimeFrames.rowCount)
        guard Self.total.load(ordering: .relaxed) + cost <= Limits.cachedDirectoryCostMax else {
            return KnownBlock(directory)
        }
        let key = directory.senders.key
        return state.withLock { state in
            if let known = state.blocks[block.directory.offset] { return known }
            // The senders of one block are mostly those of the one before: they are kept once.
            if let senders = state.senders[key] {
                directory.share(senders)
            } else {
                state.senders[key] = directory.senders
            }
            let known = KnownBlock(directory)
            state.blocks[block.directory.offset] = known
            state.cost += cost
            Self.total.add(cost, ordering: .relaxed)
            return known
        }
    }
}

extension SegmentDirectory {
    /// How much memory it takes, counted in entries.
    fileprivate var cost: Int {
        columns.count + resources.reduce(0) { $0 + 1 + $1.attributes.count }
    }
}
