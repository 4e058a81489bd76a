import PerchFiles
package import PerchModel

extension EventStore {
    package func read(_ query: EventQuery) -> any EventCursor {
        let query = kept(query)
        return cursor(query, snapshot(query))
    }

    package func read(_ query: EventQuery, parts: Int) -> [any EventCursor] {
        let query = kept(query)
        var snapshot = snapshot(query)
        // By time, so that each cursor gets some of the newest: a limit is met early in all.
        snapshot.parts.sort { $0.times.max > $1.times.max }
        let count = max(1, min(parts, snapshot.parts.count))
        return (0..<count).map { first in
            var share = snapshot
            share.parts = stride(from: first, to: snapshot.parts.count, by: count).map {
                snapshot.parts[$0]
            }
            return cursor(query, share)
        }
    }

    /// What a query reads, without rows that are too old or deleted.
    private func snapshot(_ query: EventQuery) -> EventSnapshot {
        // Deletions first: one that is carried out meanwhile is not needed where it was.
        let visibility = EventVisibility(
            query.dataset, EventRetention(options: options, now: clock()), deletions.all)
        var snapshot = head.snapshot(query.dataset, query.times, log)
        snapshot.parts = snapshot.parts.flatMap { visibility.pieces(of: $0) }
        return snapshot
    }

    /// The query without what is too old to be shown.
    private func kept(_ query: EventQuery) -> EventQuery {
        var query = query
        query.times = EventRetention(options: options, now: clock()).kept(
            query.times, of: query.dataset)
        return query
    }

    private func cursor(_ query: EventQuery, _ snapshot: EventSnapshot) -> any EventCursor {
        let onDamage: @Sendable (UInt64, String) -> Void = { [self] sequence, reason in
            noteDamage(segment: sequence, reason)
        }
        guard query.order == .unordered else {
            return EventReader(
                query, snapshot, log: log, waitingByteCountMax: options.readByteCountMax,
                counts: readCounts, onDamage: onDamage)
        }
        // A file of the log may be much at once: the reader in order bounds what it holds.
        var files = snapshot
        files.parts.removeAll { !$0.isFile }
        var blocks = snapshot
        blocks.parts.removeAll(where: \.isFile)
        return EventScan(
            query, blocks,
            rest: files.parts.isEmpty
                ? nil
                : EventReader(
                    query, files, log: log, waitingByteCountMax: options.readByteCountMax,
                    counts: readCounts, onDamage: onDamage), counts: readCounts,
            onDamage: onDamage)
    }

    package func fields(
        of dataset: Dataset, times: Range<Int64>
    ) async throws(StoreFailure) -> [EventField] {
        var list = EventFieldList()
        let snapshot = head.snapshot(dataset, times, log)
        var seen: Set<UInt64> = []
        for part in snapshot.parts {
            guard !Task.isCancelled else { throw .cancelled }
            switch part.source {
            case .block(let block): list.add(block.batch)
            case .segment(let segment, _):
                guard seen.insert(segment.sequence).inserted else { continue }
                segment.addFields(of: dataset, to: &list) {
                    noteDamage(segment: segment.sequence, "\($0)")
                }
            case .file(let file):
                do {
                    _ = try log.replay(held: file) { payload, summary in
                        guard !Task.isCancelled else { throw StoreFailure.cancelled }
                        let range = EventTimes(min: summary.minTime, max: summary.maxTime)
                        guard range.overlaps(times), EventPayload.dataset(of: payload) == dataset
                        else { return }
                        // A payload that cannot be read is counted when its file is loaded.
                        if let batch = try? EventPayload.decode(payload) { list.add(batch) }
                    }
                } catch let failure as StoreFailure {
                    throw failure
                } catch {
                    throw .failed("cannot read log file \(file.sequence) back: \(error)")
                }
            }
        }
        return list.fields
    }
}
