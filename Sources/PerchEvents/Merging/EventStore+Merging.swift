import Logging
import PerchFiles
import PerchModel
import Synchronization

extension EventStore {
    /// Merges what the plan finds, a part of it or all; whoever calls has the turn.
    func merge(fully: Bool) async throws(StoreFailure) {
        let plan = SegmentMergePlan(
            spanMax: Limits.mergedSpanMax,
            byteCountMax: min(
                Limits.mergedByteCountMax, options.diskByteCountMax.map { $0 / 10 } ?? .max))
        var byteCountLeft = fully ? Int.max : Limits.mergedByteCountPerRun
        while byteCountLeft > 0 {
            guard !isStopped else {
                throw work.withLock { $0.isClosing } ? .closed : .cancelled
            }
            let places = head.places
            let now = clock()
            let parts = places.map { part($0.segment, isInMemory: $0.isInMemory, now) }
            guard let range = plan.next(parts, fully: fully) else { break }
            let sources = places[range].compactMap(\.segment)
            byteCountLeft -= sources.reduce(0) { $0 + $1.byteCount }
            try await merge(sources, now)
        }
        try await dropCarriedOutDeletions()
    }

    /// Segments whose rows are in memory too are left alone: there they are read faster.
    private func part(
        _ segment: EventSegment?, isInMemory: Bool, _ now: Int64
    ) -> SegmentMergePlan.Part {
        guard let segment, let first = segment.times.values.first else {
            return SegmentMergePlan.Part(
                isFree: false, isTouched: false, byteCount: 0, times: .any)
        }
        let isDamaged = work.withLock { $0.damagedSegments.contains(segment.sequence) }
        let concerned = deletions.all.filter { $0.concerns(segment) }
        // One that cannot be read is carried out when a later version can.
        let isLocked = concerned.contains { $0.predicate == nil }
        let isDue = EventRetention(options: options, now: now).isDue(segment)
        return SegmentMergePlan.Part(
            isFree: !isInMemory && !isDamaged && !isLocked,
            isTouched: !isLocked && (!concerned.isEmpty || isDue && !isDamaged),
            byteCount: segment.byteCount,
            times: segment.times.values.reduce(into: first) { $0.widen($1) })
    }

    private func merge(_ sources: [EventSegment], _ now: Int64) async throws(StoreFailure) {
        guard let first = sources.first, let last = sources.last else { return }
        let deletions = deletions.all.filter { $0.predicate != nil }
        var origin = SegmentOrigin(first: first.origin.first, last: last.origin.last)
        origin.appliedDeletion = deletions.map(\.number).max() ?? 0
        for source in sources {
            origin.appliedDeletion = max(
                origin.appliedDeletion, source.origin.appliedDeletion)
        }
        origin.checkedAt = now
        let retention = EventRetention(options: options, now: now)
        let job = SegmentMerge(
            folder: folder, sources: sources,
            visibility: Dictionary(
                uniqueKeysWithValues: Dataset.allCases.map {
                    ($0, EventVisibility($0, retention, deletions))
                }), origin: origin,
            dropsDamage: deletions.contains { deletion in
                sources.contains { deletion.concerns($0) }
            }, isStopped: { [self] in work.withLock { $0.isClosing } })
        let answer: SegmentMerge.Answer
        do {
            try checkRoom(for: sources)
            answer = try await BackgroundThread.run("perch.events") { try job.run() }
        } catch SegmentCut.Failure.stopped {
            throw .closed
        } catch let failure as FileFailure {
            throw failure.code == .noSpace ? .noSpace(failure.message) : .failed(failure.message)
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            noteDamage(in: sources, "\(error)")
            return
        }
        await finish(answer, sources)
    }

    private func finish(_ answer: SegmentMerge.Answer, _ sources: [EventSegment]) async {
        guard head.replace(sources, with: answer.segment) else {
            // Retention was faster.
            if let segment = answer.segment { discard(segment) }
            return
        }
        if answer.segment == nil { await removeFromLog(sources.map(\.origin)) }
        // One that was written anew alone has its name from the new one.
        let isAlone = answer.segment != nil && sources.count == 1
        if !isAlone { for source in sources { discard(source) } }
        work.withLock { work in
            work.mergeCount += 1
            work.mergedByteCount += answer.segment?.byteCount ?? 0
            work.droppedRowCount += answer.droppedRowCount
            work.damagedReadCount += answer.damagedBlockCount
        }
        if answer.damagedBlockCount > 0 {
            logger.error(
                "damaged blocks were left out when deleted events were taken out",
                metadata: ["blocks": "\(answer.damagedBlockCount)"])
        }
    }

    /// Finds out which segment it is, so that only that one is left alone.
    private func noteDamage(in sources: [EventSegment], _ reason: String) {
        var damaged = sources
        if sources.count > 1 {
            damaged = sources.filter { segment in
                do {
                    try segment.check()
                    return false
                } catch {
                    return true
                }
            }
        }
        // Whatever it was, it must not be tried for ever.
        if damaged.isEmpty { damaged = sources }
        work.withLock { work in
            for segment in damaged { work.damagedSegments.insert(segment.sequence) }
        }
        logger.error(
            "segments are damaged; they are not merged",
            metadata: [
                "segments": "\(damaged.map(\.sequence))", "reason": "\(reason)",
            ])
    }

    private func checkRoom(for sources: [EventSegment]) throws {
        let byteCount = sources.reduce(0) { $0 + $1.byteCount }
        let space = try folder.files.space(at: folder.path)
        guard space.availableByteCount - byteCount >= options.freeByteCountMin else {
            throw StoreFailure.noSpace("\(byteCount) bytes are needed to merge segments")
        }
    }
}
