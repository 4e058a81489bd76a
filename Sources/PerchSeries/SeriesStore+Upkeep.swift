import Logging
import PerchFiles
package import PerchModel

extension SeriesStore {
    // MARK: What is due

    /// Whether a segment should be made of what is in memory.
    func isSegmentDue(_ nowMillis: Int64) -> Bool {
        let view = head.view
        let summary = view.active.summary
        guard summary.firstSequence > 0 else { return false }
        if isFull(summary) { return true }
        guard let begun = summary.begunMillis else { return false }
        return nowMillis.lessClamped(begun) >= options.headMillisMax
    }

    private func isFull(_ summary: Memtable.Summary) -> Bool {
        summary.sampleCount >= options.headSampleCountMax
            || summary.byteCount >= options.headByteCountMax
    }

    /// Refuses when the disk has not taken segments for so long that memory would run over.
    func checkRoom() throws(StoreFailure) {
        let view = head.view
        guard view.frozen.count >= Limits.frozenCountMax, isFull(view.active.summary) else {
            return
        }
        wakeKeeper()
        throw .overloaded(
            "\(view.frozen.count) times \(options.headSampleCountMax) samples wait to become "
                + "segments")
    }

    // MARK: What is done

    /// Makes segments that are due, merges them, and removes what retention and the disk limit do
    /// not allow.
    ///
    /// Runs by itself when there is much to do; call it now and then as well, for a store that gets
    /// little.
    package func maintain() async {
        await turnstile.enter()
        defer { turnstile.leave() }
        do throws(StoreFailure) {
            if isSegmentDue(clock() / 1_000_000) || !head.view.frozen.isEmpty { try await cut() }
            try await mergeSegments(fully: false)
        } catch  where error == .closed {
            // The next start goes on.
            return
        } catch {
            logger.error(
                "segments could not be made or merged; it is tried again",
                metadata: ["error": "\(error)"])
        }
        removeSurplus()
        dropUnusedIndexes()
    }

    /// Makes a segment of what is in memory.
    package func flush() async throws(StoreFailure) {
        await turnstile.enter()
        defer { turnstile.leave() }
        try await cut()
    }

    /// Makes segments of what is in memory, merges as many as the limits allow, and takes out what
    /// was deleted.
    package func compact() async throws(StoreFailure) {
        await turnstile.enter()
        defer { turnstile.leave() }
        try await cut()
        try await mergeSegments(fully: true)
    }

    /// Makes samples invisible at once, and gone with the next merge.
    ///
    /// `selectors` are lists of matchers, of which one must hold as a whole. What is written later
    /// is not concerned, whatever its time.
    package func delete(
        _ selectors: [[LabelMatcher]], times: ClosedRange<Int64>
    ) async throws(StoreFailure) {
        let plans = try selectors.map { matchers throws(StoreFailure) in
            try MatcherPlan(matchers)
        }
        await turnstile.enter()
        defer { turnstile.leave() }
        try await cut()
        let view = head.view
        guard let lastLog = view.segments.map(\.header.lastLog).max() else { return }
        let number =
            max(
                view.deletions.map(\.number).max() ?? 0,
                view.segments.map(\.header.appliedDeletion).max() ?? 0) + 1
        let added = selectors.enumerated().map { index, matchers in
            Deletion(
                number: number + UInt64(index), lastLog: lastLog, matchers: matchers, times: times)
        }
        try setDeletions(view.deletions + added)
        for plan in plans {
            let refs = try view.active.index.withSeries { series throws(StoreFailure) in
                Array(plan.series(of: series).numbers)
            }
            view.active.forgetNewest(refs, times)
        }
        wakeKeeper()
    }

    private func setDeletions(_ deletions: [Deletion]) throws(StoreFailure) {
        do {
            try folder.write(deletions)
        } catch {
            throw StoreFailure(file: error)
        }
        head.set(deletions)
    }

    /// The same for a snapshot, which is its caller's turn already.
    func cutForSnapshot() async throws(StoreFailure) { try await cut() }

    /// Freezes what is in memory at the border of a file of the log, and writes it.
    private func cut() async throws(StoreFailure) {
        head.forgetIdleSeries(
            idleMillis: max(options.outOfOrderMillis, options.headMillisMax),
            bounds: options.bounds, seed: options.hashSeed)
        head.beginCut()
        do {
            try await log.rotate()
        } catch {
            throw StoreFailure(error)
        }
        head.finishCut()
        for memtable in head.view.frozen { try await write(memtable) }
    }

    private func write(_ memtable: Memtable) async throws(StoreFailure) {
        let segment: Segment?
        let newestTime = max(0, head.maxTime)
        do {
            let header = try await offPool {
                try MemtableFlush.run(
                    memtable, self.folder, metadata: self.sortedMetadata, newestTime: newestTime,
                    self.counters)
            }
            segment = try header.map { try folder.add($0) }
        } catch {
            let failure = StoreFailure(any: error)
            if failure != .closed { counters.add { $0.failedFlushCount += 1 } }
            throw failure
        }
        counters.add { counts in
            counts.flushCount += 1
            counts.droppedExemplarCount += memtable.summary.droppedExemplarCount
        }
        head.replace(memtable, with: segment)
        let last = memtable.summary.lastSequence
        for file in log.files where file.sequence <= last {
            do {
                try await log.remove(sequence: file.sequence)
            } catch {
                throw StoreFailure(error)
            }
        }
    }

    private var sortedMetadata: [MetricMetadata] {
        head.metadata.sorted { $0.family < $1.family }
    }

    // MARK: Merging

    private var mergePlan: MergePlan {
        // A tenth of the retention, so that whole segments can be removed without keeping much.
        let span = options.retentionMillis.map { max($0 / 10, 86_400_000) } ?? 31 * 86_400_000
        let byteCount = options.diskByteCountMax.map { $0 / 10 } ?? (4 << 30)
        return MergePlan(spanMax: span, byteCountMax: byteCount)
    }

    private func mergeSegments(fully: Bool) async throws(StoreFailure) {
        while !Task.isCancelled {
            try counters.checkStop()
            let view = head.view
            let parts = view.segments.map { segment in
                MergePlan.Part(
                    level: segment.header.level, minTime: segment.header.minTime,
                    maxTime: segment.header.maxTime, byteCount: segment.byteCount,
                    isTouched: view.deletions.contains { $0.applies(to: segment.header) })
            }
            let plan = mergePlan
            guard let range = fully ? plan.nextFull(parts) : plan.next(parts) else { break }
            try await merge(Array(view.segments[range]), view.deletions)
        }
        try dropCarriedOutDeletions()
    }

    private func merge(
        _ segments: [Segment], _ deletions: [Deletion]
    ) async throws(StoreFailure) {
        let merged: Segment?
        do {
            let header = try await offPool {
                try SegmentMerge.run(
                    segments, deletions: deletions, self.folder, metadata: self.sortedMetadata,
                    self.counters)
            }
            merged = try header.map { try folder.add($0) }
        } catch {
            throw StoreFailure(any: error)
        }
        counters.add { $0.mergeCount += 1 }
        head.replace(segments, with: merged)
        do {
            for segment in segments { try folder.remove(segment) }
        } catch {
            throw StoreFailure(any: error)
        }
    }

    private func dropCarriedOutDeletions() throws(StoreFailure) {
        let view = head.view
        let left = view.deletions.filter { deletion in
            view.segments.contains { deletion.applies(to: $0.header) }
        }
        if left.count < view.deletions.count { try setDeletions(left) }
    }

    // MARK: Removing

    /// Removes segments that retention or the disk limit does not allow, oldest first.
    private func removeSurplus() {
        let oldest = options.retentionMillis.map { clock() / 1_000_000 - $0 } ?? .min
        var byteCount = stats.byteCountOnDisk
        for segment in head.view.segments {
            let isTooOld = segment.header.maxTime < oldest
            guard isTooOld || byteCount > options.diskByteCountMax ?? .max else { continue }
            head.replace([segment], with: nil)
            do {
                try folder.remove(segment)
            } catch {
                logger.error(
                    "an old segment could not be removed",
                    metadata: ["file": "\(segment.path.text)", "error": "\(error)"])
                return
            }
            byteCount -= segment.byteCount
            counters.add { counts in
                counts.removedFileCount += 1
                counts.removedSampleCount += segment.header.sampleCount
                counts.removedByteCount += segment.byteCount
            }
            logger.info(
                "an old segment was removed by \(isTooOld ? "retention" : "the disk limit")",
                metadata: [
                    "file": "\(segment.path.text)", "samples": "\(segment.header.sampleCount)",
                    "bytes": "\(segment.byteCount)",
                ])
        }
    }

    /// Gives memory back that indexes take which were not used lately.
    private func dropUnusedIndexes() {
        var loaded: [(segment: Segment, byteCount: Int, lastUse: UInt64)] = []
        for segment in head.view.segments {
            if let use = segment.indexUse { loaded.append((segment, use.byteCount, use.lastUse)) }
        }
        var byteCount = loaded.reduce(0) { $0 + $1.byteCount }
        for entry in loaded.sorted(by: { $0.lastUse < $1.lastUse })
        where byteCount > Limits.indexByteCountMax {
            entry.segment.dropIndex()
            byteCount -= entry.byteCount
        }
    }
}

extension StoreFailure {
    init(any error: any Error) {
        self =
            switch error {
            case let failure as StoreFailure: failure
            case let failure as FileFailure: StoreFailure(file: failure)
            case let failure as WriteLogFailure: StoreFailure(failure)
            default: .failed("\(error)")
            }
    }

    init(file failure: FileFailure) {
        self = failure.code == .noSpace ? .noSpace(failure.message) : .failed(failure.message)
    }
}
