import Logging
import PerchFiles
package import PerchModel
import Synchronization

extension EventStore {
    /// Seals the current file, and makes segments of all that are sealed.
    package func flush() async throws(StoreFailure) {
        do { try await log.rotate() } catch { throw StoreFailure(error) }
        await turnstile.enter()
        defer { turnstile.leave() }
        await cutSegments()
    }

    /// Makes segments of all rows, merges as many as the limits allow, and takes out what was
    /// deleted and what retention does not keep.
    package func compact() async throws(StoreFailure) {
        do { try await log.rotate() } catch { throw StoreFailure(error) }
        await turnstile.enter()
        defer { turnstile.leave() }
        await cutSegments()
        removeLeftovers()
        try await merge(fully: true)
    }

    /// Removes what retention and the disk limit do not allow, makes segments of what is sealed, and
    /// merges some.
    ///
    /// Call it now and then; by itself a store only removes, with each new file, and makes segments
    /// if its options say so.
    package func maintain() async {
        await retain()
        await turnstile.enter()
        defer { turnstile.leave() }
        await cutSegments()
        removeLeftovers()
        let now = clock()
        guard work.withLock({ $0.mergesFrom <= now }) else { return }
        do throws(StoreFailure) {
            try await merge(fully: false)
        } catch  where error == .closed || error == .cancelled {
            // The next start goes on.
            return
        } catch {
            work.withLock { $0.mergesFrom = now + Limits.mergePause }
            logger.error(
                "segments could not be merged; it is tried again",
                metadata: ["error": "\(error)"])
        }
    }

    /// Makes segments of what is sealed, while its rows are in memory: they need not be read again.
    ///
    /// A seal policy that is at work should see much at once: its store waits for `maintain`.
    func cutSealed() async {
        if let policy = options.sealPolicy, policy.isActive() { return }
        guard turnstile.enterIfFree() else { return }
        defer { turnstile.leave() }
        await cutSegments()
    }

    var isStopped: Bool { Task.isCancelled || work.withLock { $0.isClosing } }

    private func cutSegments() async {
        let segments = head.segments
        let damaged = work.withLock { $0.damagedFiles }
        let files = log.files.filter { $0.isSealed && !damaged.contains($0.sequence) }
        let cut = Set(
            files.map(\.sequence).filter { sequence in
                segments.contains { $0.origin.covers(sequence) }
            })
        // What the follower still needs: of more, the oldest go.
        var keptByteCount = files.reduce(0) { $0 + (cut.contains($1.sequence) ? $1.byteCount : 0) }
        for file in files {
            guard !isStopped else { return }
            guard cut.contains(file.sequence) else {
                guard await self.cut(file) else { return }
                continue
            }
            if keptByteCount > Limits.followedByteCountMax, !followed.mayDrop(file.sequence) {
                logger.warning(
                    "metrics of spans were not stored for long; a crash now loses some counts",
                    metadata: ["file": "\(file.sequence)"])
                await removeFromLog(file.sequence)
            } else {
                await dropFromLog(file.sequence)
            }
            keptByteCount -= file.byteCount
        }
    }

    /// Lets the files of the log go that segments were made of.
    func dropCutFiles() async {
        let segments = head.segments
        for file in log.files
        where file.isSealed && segments.contains(where: { $0.origin.covers(file.sequence) }) {
            await dropFromLog(file.sequence)
        }
    }

    /// Makes a segment of a file and then lets the log's go; whether to go on with the next.
    private func cut(_ file: WriteLogFile) async -> Bool {
        let sequence = file.sequence
        let job = SegmentCut(log: log, folder: folder, policy: options.sealPolicy) { [self] in
            work.withLock { $0.isClosing }
        }
        do {
            let rows = head.rows(file: file)
            let segment = try await BackgroundThread.run("perch.events") {
                try job.cut(file, inMemory: rows)
            }
            guard head.put(segment) else {
                // Retention was faster.
                discard(segment)
                await dropFromLog(sequence)
                return true
            }
            await dropFromLog(sequence)
            return true
        } catch SegmentCut.Failure.stopped {
            return false
        } catch SegmentCut.Failure.damaged {
            work.withLock { _ = $0.damagedFiles.insert(sequence) }
            return true
        } catch {
            logger.error(
                "a log file could not be made a segment; it is tried again",
                metadata: ["file": "\(sequence)", "error": "\(error)"])
            return false
        }
    }

    /// Lets a file of the log go whose rows are in a segment, unless its follower may need it.
    func dropFromLog(_ sequence: UInt64) async {
        guard followed.mayDrop(sequence) else { return }
        await removeFromLog(sequence)
    }

    /// Lets the files of the log go that segments were made of which are to go without a trace: a
    /// start must not find their rows.
    func removeFromLog(_ origins: [SegmentOrigin]) async {
        for file in log.files where origins.contains(where: { $0.covers(file.sequence) }) {
            await removeFromLog(file.sequence)
        }
    }

    private func removeFromLog(_ sequence: UInt64) async {
        do throws(WriteLogFailure) {
            try await log.remove(sequence: sequence)
        } catch {
            // A start finds both and knows which holds.
            logger.warning(
                "a log file that is a segment now could not be removed",
                metadata: ["file": "\(sequence)", "error": "\(error)"])
        }
    }

    /// Shows the seal policy what it left in the newest segments.
    func remindSealPolicy() {
        guard let policy = options.sealPolicy, policy.isActive(), !policy.remembered.isEmpty else {
            return
        }
        var query = EventQuery(dataset: policy.dataset, times: Int64.min..<Int64.max)
        query.projection = .fields(policy.remembered)
        var blockCount = 0
        for segment in head.segments.reversed() {
            for block in segment.blocks.reversed() where block.dataset == policy.dataset {
                // Spans that come late do so soon.
                guard blockCount < Limits.rememberedBlockCountMax else { return }
                blockCount += 1
                // What cannot be read is told to those who ask for it.
                guard let rows = try? segment.rows(of: block, query) else { continue }
                guard policy.remember(rows) else { return }
            }
        }
    }

    /// Removes the file of a segment that nothing shows any more, or notes it for later.
    func discard(_ segment: EventSegment) {
        do throws(FileFailure) {
            try segment.discard()
        } catch {
            work.withLock { $0.leftovers.append(segment) }
            logger.warning(
                "a segment that is not needed any more could not be removed; it is tried again",
                metadata: ["segment": "\(segment.sequence)", "error": "\(error)"])
        }
    }

    private func removeLeftovers() {
        let leftovers = work.withLock { work in
            defer { work.leftovers = [] }
            return work.leftovers
        }
        for segment in leftovers { discard(segment) }
    }

    func retain() async {
        var ages = EventFileAges(EventRetention(options: options, now: clock()), head, log)
        var forgotten: [SegmentOrigin] = []
        await upkeep.run(
            others: {
                let inLog = Dictionary(
                    uniqueKeysWithValues: log.files.map { ($0.sequence, $0.byteCount) })
                return head.segments.map {
                    WriteLogFile(
                        sequence: $0.sequence,
                        byteCount: $0.byteCount + inLog[$0.sequence, default: 0], isSealed: true,
                        summary: nil)
                }
            },
            isExpired: { ages.isExpired($0, isNewerExpired: $1) },
            forget: { sequence in
                let removed = head.remove(file: sequence)
                if let segment = removed.segment {
                    discard(segment)
                    forgotten.append(segment.origin)
                }
                return removed.rowCount
            },
            tell: { event in
                switch event {
                case .removed(let file, let rowCount):
                    logger.info(
                        "an old file was removed by retention",
                        metadata: [
                            "file": "\(file.sequence)", "rows": "\(rowCount)",
                            "bytes": "\(file.byteCount)",
                        ])
                case .failed(let file, let failure):
                    logger.error(
                        "an old file could not be removed",
                        metadata: ["file": "\(file.sequence)", "error": "\(failure)"])
                }
            })
        await removeFromLog(forgotten)
    }
}
