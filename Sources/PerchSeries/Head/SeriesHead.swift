import PerchModel
import Synchronization

/// What is visible: the memtables, the segments and the deletions, changed together.
///
/// Locks are taken in this order: `HeadIndex`, `SeriesHead`, `Memtable`.
final class SeriesHead: Sendable {
    /// Everything that a reader needs of one moment.
    struct View: Sendable {
        /// Takes what comes.
        var active: Memtable
        /// Wait for their segments, oldest first.
        var frozen: [Memtable] = []
        /// Oldest first, by the files of the write log that they took the place of.
        var segments: [Segment] = []
        var deletions: [Deletion] = []
    }

    private struct State {
        var view: View
        /// The time of the newest sample of all.
        var maxTime = Int64.min
        /// Whether the active memtable is to be frozen at the next file of the write log.
        var isCutDue = false
        /// What the next memtable has in the place of the index of now.
        var successor: Successor?
        var metadata: [String: MetricMetadata] = [:]
    }

    /// An index without idle series, and the refs that its series have in the old one.
    private struct Successor {
        let old: HeadIndex
        let index: HeadIndex
        let oldRefs: [Int]
    }

    private let state: Mutex<State>

    init(index: HeadIndex) {
        state = Mutex(State(view: View(active: Memtable(index: index))))
    }

    var view: View { state.withLock { $0.view } }

    /// The time of the newest sample of all; `.min` when there is none.
    var maxTime: Int64 { state.withLock { $0.maxTime } }

    var metadata: [MetricMetadata] { state.withLock { Array($0.metadata.values) } }

    // MARK: Writing

    /// Makes a durable batch visible.
    ///
    /// Called in the order of the log. `refs` are those that `index` gave for the batch's series.
    func commit(
        _ batch: SampleBatch, refs: [UInt32], of index: HeadIndex, _ context: CommitContext
    ) -> SampleRefusals {
        var (refs, index, context) = (refs, index, context)
        while true {
            let result: Result<SampleRefusals, Moved> = state.withLock { state in
                if state.isCutDue, state.view.active.summary.lastSequence != context.sequence {
                    Self.freeze(&state)
                }
                let active = state.view.active
                guard active.index === index else { return .failure(Moved(index: active.index)) }
                let refusals = active.add(batch, refs: refs, context, state.view.frozen)
                state.maxTime = max(state.maxTime, active.summary.maxTime)
                Self.add(batch.metadata, &state)
                return .success(refusals)
            }
            switch result {
            case .success(let refusals): return refusals
            case .failure(let moved):
                // The series got other refs since the batch was resolved.
                index = moved.index
                let fresh = index.resolve(batch)
                refs = zip(refs, fresh.refs).map { $0 == HeadSeries.noRef ? $0 : $1 }
                context.refCount = fresh.count
            }
        }
    }

    private struct Moved: Error {
        let index: HeadIndex
    }

    private static func add(_ metadata: [MetricMetadata], _ state: inout State) {
        for family in metadata
        where state.metadata.count < Limits.metadataCountMax || state.metadata[family.family] != nil
        {
            state.metadata[family.family] = family
        }
    }

    private static func freeze(_ state: inout State) {
        state.isCutDue = false
        let active = state.view.active
        guard active.summary.firstSequence > 0 else { return }
        state.view.frozen.append(active)
        guard let successor = state.successor, successor.old === active.index else {
            state.view.active = Memtable(index: active.index, state: active.successor())
            return
        }
        state.successor = nil
        let newest = active.newest
        state.view.active = Memtable(
            index: successor.index,
            state: MemtableState(newest: successor.oldRefs.map { newest[$0] }))
    }

    /// Freezes the active memtable with the next file of the write log.
    func beginCut() { state.withLock { $0.isCutDue = true } }

    /// Freezes it now if no batch of a new file did.
    ///
    /// To be called when the log has begun a new file: what comes later is of a later one.
    func finishCut() {
        state.withLock { state in
            if state.isCutDue { Self.freeze(&state) }
        }
    }

    /// Puts a segment in the place of the memtable that it was made of; nil when there was nothing
    /// to keep.
    func replace(_ memtable: Memtable, with segment: Segment?) {
        state.withLock { state in
            state.view.frozen.removeAll { $0 === memtable }
            if let segment { state.view.segments.append(segment) }
            state.view.segments.sort { $0.header.firstLog < $1.header.firstLog }
        }
    }

    /// Puts a segment in the place of those that were merged into it.
    func replace(_ segments: [Segment], with merged: Segment?) {
        state.withLock { state in
            state.view.segments.removeAll { segment in segments.contains { $0 === segment } }
            if let merged { state.view.segments.append(merged) }
            state.view.segments.sort { $0.header.firstLog < $1.header.firstLog }
        }
    }

    func set(_ deletions: [Deletion]) { state.withLock { $0.view.deletions = deletions } }

    /// Begins with what a start found.
    func begin(_ segments: [Segment], _ deletions: [Deletion], _ metadata: [MetricMetadata]) {
        state.withLock { state in
            state.view.segments = segments
            state.view.deletions = deletions
            state.maxTime = segments.map(\.header.maxTime).max() ?? .min
            Self.add(metadata, &state)
        }
    }

    /// Lets series go that were not written to for long, when those are many: the next memtable
    /// gets an index without them.
    ///
    /// The old refs stay good for the memtables that have them, and for batches on their way.
    func forgetIdleSeries(idleMillis: Int64, bounds: SeriesBounds, seed: UInt64) {
        let (active, oldest) = state.withLock { state in
            (state.view.active, state.maxTime.lessClamped(idleMillis))
        }
        let newest = active.newest
        let count = min(active.index.count, newest.count)
        let alive = (0..<count).filter { newest[$0].time >= oldest }
        guard count - alive.count > max(Limits.idleSeriesCountMin, count / 4) else { return }
        let index = HeadIndex(seed: seed)
        for labels in active.index.labels(of: alive.map { UInt32($0) }) { _ = index.add(labels) }
        index.setBounds(bounds)
        let successor = Successor(old: active.index, index: index, oldRefs: alive)
        state.withLock { $0.successor = successor }
    }

    // MARK: Reading

    /// What of the memtables is visible now to a query.
    struct Snapshot: Sendable {
        var groups: [HeadGroup] = []
        var segments: [Segment] = []
        var deletions: [Deletion] = []
    }

    func snapshot(
        _ plan: MatcherPlan, _ times: ClosedRange<Int64>
    ) throws(StoreFailure) -> Snapshot {
        while true {
            let view = view
            guard ([view.active] + view.frozen).contains(where: { $0.summary.overlaps(times) })
            else {
                // Fast path: only segments have times of the range.
                var snapshot = Snapshot()
                snapshot.segments = Self.segments(view, times)
                snapshot.deletions = view.deletions
                return snapshot
            }
            let index = view.active.index
            let snapshot: Snapshot? = try index.withSeries { series throws(StoreFailure) in
                try self.snapshot(plan, times, index, &series)
            }
            if let snapshot { return snapshot }
        }
    }

    private static func segments(_ view: View, _ times: ClosedRange<Int64>) -> [Segment] {
        view.segments.filter {
            $0.header.minTime <= times.upperBound && $0.header.maxTime >= times.lowerBound
        }
    }

    /// Nil when the active memtable has another index by now.
    private func snapshot(
        _ plan: MatcherPlan, _ times: ClosedRange<Int64>, _ index: HeadIndex,
        _ series: inout HeadSeries
    ) throws(StoreFailure) -> Snapshot? {
        let refs = series.inOrder(plan.series(of: series).numbers)
        var group = HeadGroup()
        group.labels = refs.map { series.labels(of: $0) }
        group.hashes = refs.map { series.hash(of: $0) }
        group.refs = refs
        return state.withLock { state in
            guard state.view.active.index === index else { return nil }
            var snapshot = Snapshot()
            snapshot.segments = Self.segments(state.view, times)
            snapshot.deletions = state.view.deletions
            for memtable in state.view.frozen where memtable.summary.overlaps(times) {
                if memtable.index === index {
                    group.tables.append(HeadGroup.Table(memtable: memtable, marks: nil))
                } else {
                    snapshot.groups.append(HeadGroup(unmatched: memtable))
                }
            }
            if state.view.active.summary.overlaps(times) {
                group.tables.append(
                    HeadGroup.Table(
                        memtable: state.view.active, marks: state.view.active.marks(refs)))
            }
            if !group.tables.isEmpty { snapshot.groups.append(group) }
            return snapshot
        }
    }
}

/// Memtables with the same refs, and the series of a query in the order of their labels.
struct HeadGroup: Sendable {
    struct Table: Sendable {
        let memtable: Memtable
        /// What is visible of each series; nil for all.
        let marks: [Memtable.Mark]?
    }

    var refs: [UInt32] = []
    var labels: [Labels] = []
    var hashes: [SeriesHash] = []
    /// Oldest first.
    var tables: [Table] = []
    /// Whether the series are still to be looked for: the memtables do not change any more.
    var isUnmatched = false

    init() {}

    init(unmatched memtable: Memtable) {
        tables = [Table(memtable: memtable, marks: nil)]
        isUnmatched = true
    }

    /// Looks for the series when that was left for later.
    mutating func match(_ plan: MatcherPlan) throws(StoreFailure) {
        guard isUnmatched, let index = tables.first?.memtable.index else { return }
        isUnmatched = false
        (refs, labels, hashes) = try index.withSeries { series throws(StoreFailure) in
            let refs = series.inOrder(plan.series(of: series).numbers)
            return (
                refs, refs.map { series.labels(of: $0) }, refs.map { series.hash(of: $0) }
            )
        }
    }
}
