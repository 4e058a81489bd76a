import Logging
import PerchFiles
import PerchModel

/// Fills the head at the start, from the files of the write log that are in no segment.
struct SeriesReplay: Sendable {
    private(set) var sampleCount = 0
    private(set) var skippedRecordCount = 0
    private(set) var damagedByteCount = 0
    var durationNanos: Int64 = 0

    /// What a ref stands for in the head, while a file is read.
    private struct FileRefs {
        /// By ref, as far as those are dense.
        var dense: [UInt32] = []
        var sparse: [UInt32: UInt32] = [:]

        mutating func set(_ ref: UInt32, _ number: UInt32) {
            guard ref < Limits.denseRefCountMax else {
                sparse[ref] = number
                return
            }
            if ref >= dense.count {
                dense.append(
                    contentsOf: repeatElement(HeadSeries.noRef, count: Int(ref) + 1 - dense.count))
            }
            dense[Int(ref)] = number
        }
    }

    mutating func run(
        _ log: WriteLog, _ index: HeadIndex, into head: SeriesHead, _ logger: Logger
    ) throws {
        for file in log.files { try load(file, log, index, into: head, logger) }
    }

    private mutating func load(
        _ file: WriteLogFile, _ log: WriteLog, _ index: HeadIndex, into head: SeriesHead,
        _ logger: Logger
    ) throws {
        var refs = FileRefs()
        var unreadableCount = 0
        let report = try log.replay(file: file.sequence) { payload in
            guard var payload = try? SamplePayload.decode(payload) else {
                unreadableCount += 1
                return
            }
            sampleCount += payload.times.count
            if !load(&payload, &refs, index, into: head, file.sequence) { unreadableCount += 1 }
        }
        skippedRecordCount += report.skippedRecordCount + unreadableCount
        damagedByteCount += report.damagedByteCount
        if report.isDamaged || unreadableCount > 0 {
            logger.error(
                "a log file is damaged; its readable samples are kept",
                metadata: [
                    "file": "\(file.sequence)",
                    "unreadable": "\(unreadableCount + report.skippedRecordCount)",
                    "detail": "\(report.message ?? "")",
                ])
        }
    }

    /// False when samples had to be left out: their series' definition was lost, or is over the
    /// limit of series.
    private func load(
        _ payload: inout SamplePayload, _ refs: inout FileRefs, _ index: HeadIndex,
        into head: SeriesHead, _ sequence: UInt64
    ) -> Bool {
        var definitions = SampleBatch()
        for definition in payload.definitions {
            _ = definitions.addSeries(Labels(canonical: definition.labels))
        }
        let resolved = index.resolve(definitions)
        for (definition, number) in zip(payload.definitions, resolved.refs) {
            refs.set(definition.ref, number)
        }
        var batch = payload.takeBatch()
        if !refs.sparse.isEmpty { batch.makeDense(&refs.dense, refs.sparse) }
        let isWhole = batch.limit(to: refs.dense)
        let context = CommitContext(refCount: resolved.count, sequence: sequence, nowMillis: 0)
        // What was refused before is refused again, and was counted then.
        _ = head.commit(batch, refs: refs.dense, of: index, context)
        return isWhole
    }
}

extension SamplePayload {
    /// The samples, with the file's refs in the place of series.
    fileprivate mutating func takeBatch() -> SampleBatch {
        var batch = SampleBatch()
        swap(&batch.seriesIndexes, &refs)
        swap(&batch.times, &times)
        swap(&batch.values, &values)
        swap(&batch.histograms, &histograms)
        swap(&batch.exemplars, &exemplars)
        swap(&batch.metadata, &metadata)
        return batch
    }
}

extension SampleBatch {
    /// Gives refs that are far from the others places at the end of the dense ones.
    fileprivate mutating func makeDense(_ dense: inout [UInt32], _ sparse: [UInt32: UInt32]) {
        var places: [UInt32: UInt32] = [:]
        func place(_ ref: UInt32) -> UInt32 {
            guard ref >= Limits.denseRefCountMax, let number = sparse[ref] else { return ref }
            if let place = places[ref] { return place }
            dense.append(number)
            places[ref] = UInt32(dense.count - 1)
            return UInt32(dense.count - 1)
        }
        for index in seriesIndexes.indices { seriesIndexes[index] = place(seriesIndexes[index]) }
        for index in histograms.indices {
            histograms[index].series = place(histograms[index].series)
        }
        for index in exemplars.indices { exemplars[index].series = place(exemplars[index].series) }
    }

    /// Takes out what is of no known series; whether there was nothing of the kind.
    fileprivate mutating func limit(to refs: [UInt32]) -> Bool {
        func isKnown(_ ref: UInt32) -> Bool {
            Int(ref) < refs.count && refs[Int(ref)] != HeadSeries.noRef
        }
        let rowCount = times.count + histograms.count + exemplars.count
        if !seriesIndexes.allSatisfy(isKnown) {
            let kept = seriesIndexes.indices.filter { isKnown(seriesIndexes[$0]) }
            times = kept.map { times[$0] }
            values = kept.map { values[$0] }
            seriesIndexes = kept.map { seriesIndexes[$0] }
        }
        histograms = histograms.filter { isKnown($0.series) }
        exemplars = exemplars.filter { isKnown($0.series) }
        return rowCount == times.count + histograms.count + exemplars.count
    }
}
