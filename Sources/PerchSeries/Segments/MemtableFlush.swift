import PerchFiles
import PerchModel

/// Writes a memtable that is not added to any more as a segment.
enum MemtableFlush {
    /// The header of the segment, or nil when there was nothing to write.
    ///
    /// `newestTime` is the time of one that has only descriptions, so that it ages with the others.
    static func run(
        _ memtable: Memtable, _ folder: SegmentFolder, metadata: [MetricMetadata],
        newestTime: Int64, _ counters: SeriesCounters
    ) throws -> SegmentHeader? {
        let summary = memtable.summary
        guard summary.minTime <= summary.maxTime || !metadata.isEmpty else { return nil }
        // Arrays are shared with the index until it changes: nobody waits for this.
        let series = try memtable.index.withSeries { series throws(StoreFailure) in
            series.sortNow()
            return series
        }
        let pairs = SortedPairs(series.pairKeys)
        var header = SegmentHeader()
        header.sequence = folder.takeSequence()
        header.firstLog = summary.firstSequence
        header.lastLog = summary.lastSequence
        header.baseTime = summary.minTime == .max ? newestTime : summary.minTime
        var writer = try SegmentWriter(
            files: folder.files, directory: folder.path, header: header, pairKeys: pairs.keys)
        do {
            for ref in series.refsInOrder where memtable.holds(ref) {
                try counters.checkStop()
                var chunk = SeriesChunk(labels: Labels(canonical: []))
                memtable.gather(ref, nil, .min ... .max, into: &chunk)
                chunk.sortFirstWins()
                writer.beginSeries(series.pairs(of: ref).map { pairs.places[Int($0)] })
                writer.addSamples(chunk.times, chunk.values)
                writer.addHistograms(chunk.histograms)
                writer.addExemplars(chunk.exemplars)
                try writer.endSeries()
            }
            return try writer.finish(metadata: metadata)
        } catch {
            writer.abandon()
            throw error
        }
    }
}

/// Pairs in the order of their bytes.
struct SortedPairs: Sendable {
    var keys: [[UInt8]] = []
    /// Of each pair that was given its index in `keys`.
    var places: [UInt32]

    init(_ unsorted: [[UInt8]]) {
        let order = unsorted.indices.sorted { LabelBytes.precedes(unsorted[$0], unsorted[$1]) }
        places = Array(repeating: 0, count: unsorted.count)
        keys.reserveCapacity(unsorted.count)
        for number in order {
            if keys.last != unsorted[number] { keys.append(unsorted[number]) }
            places[number] = UInt32(keys.count - 1)
        }
    }
}
