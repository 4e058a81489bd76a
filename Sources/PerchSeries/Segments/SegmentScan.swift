import PerchBytes
import PerchFiles
import PerchModel

/// Reads series of one segment, in any order; ascending is fastest.
struct SegmentScan: Sendable {
    let segment: Segment
    let index: SegmentIndex
    /// Ranges of time that were deleted, each for some series.
    private let deleted: [(series: SeriesSet, times: ClosedRange<Int64>)]
    private let counters: SeriesCounters

    private var window: [UInt8] = []
    private var windowOffset = 0
    private var readAhead = 0
    private var entries: [ChunkEntry] = []
    private var scratch = ChunkScratch()

    init(
        _ segment: Segment, deletions: [Deletion], _ counters: SeriesCounters,
        isForMerge: Bool = false
    ) throws(StoreFailure) {
        self.segment = segment
        self.counters = counters
        let applied = deletions.filter { $0.applies(to: segment.header) }
        index =
            try isForMerge && applied.isEmpty ? segment.indexForMerge() : segment.index()
        var deleted: [(series: SeriesSet, times: ClosedRange<Int64>)] = []
        for deletion in applied {
            deleted.append((try MatcherPlan(deletion.matchers).series(of: index), deletion.times))
        }
        self.deleted = deleted
    }

    /// Adds what a series has in a range and was not deleted.
    ///
    /// A chunk that cannot be read is left out, counted, and told once a segment.
    mutating func gather(
        _ series: Int, _ times: ClosedRange<Int64>, into chunk: inout SeriesChunk
    ) throws(StoreFailure) {
        let holes = deleted.filter { $0.series.contains(series) }.map(\.times)
        guard holes.isEmpty else {
            var part = SeriesChunk(labels: chunk.labels)
            try gatherAll(series, times, into: &part)
            part.remove(holes)
            chunk.append(part)
            return
        }
        try gatherAll(series, times, into: &chunk)
    }

    private mutating func gatherAll(
        _ series: Int, _ times: ClosedRange<Int64>, into chunk: inout SeriesChunk
    ) throws(StoreFailure) {
        try loadEntries(series)
        for index in entries.indices {
            let entry = entries[index]
            guard entry.minTime <= times.upperBound, entry.maxTime >= times.lowerBound,
                let start = try place(of: entry)
            else { continue }
            do {
                if entry.kind == .samples {
                    let bytes = window
                    // What follows the chunk is given too: numbers are read by whole words.
                    try SegmentChunk.read(
                        bytes.span.extracting(start...), entry, times, &scratch, into: &chunk)
                } else {
                    try readObjects(entry, start, times, into: &chunk)
                }
            } catch {
                counters.chunkWasDamaged(segment, "\(error)")
            }
        }
    }

    private func readObjects(
        _ entry: ChunkEntry, _ start: Int, _ times: ClosedRange<Int64>,
        into chunk: inout SeriesChunk
    ) throws {
        let end = start + entry.byteCount - SegmentChunk.checksumByteCount
        if entry.kind == .histograms {
            chunk.histograms += try SegmentChunk.readHistograms(window[start..<end], entry)
                .filter { times.contains($0.timeMillis) }
        } else {
            chunk.exemplars += try SegmentChunk.readExemplars(window[start..<end], entry)
                .filter { times.contains($0.timeMillis) }
        }
    }

    /// Whether a series has anything in a range that was not deleted.
    mutating func hasAny(
        _ series: Int, _ times: ClosedRange<Int64>
    ) throws(StoreFailure) -> Bool {
        guard !deleted.contains(where: { $0.series.contains(series) }) else {
            var chunk = SeriesChunk(labels: Labels(canonical: []))
            try gather(series, times, into: &chunk)
            return !chunk.isEmpty
        }
        try loadEntries(series)
        // Both ends of a chunk are times of samples.
        if entries.contains(where: { times.contains($0.minTime) || times.contains($0.maxTime) }) {
            return true
        }
        guard
            entries.contains(where: {
                $0.minTime < times.lowerBound && $0.maxTime > times.upperBound
            })
        else { return false }
        var chunk = SeriesChunk(labels: Labels(canonical: []))
        try gatherAll(series, times, into: &chunk)
        return !chunk.isEmpty
    }

    private mutating func loadEntries(_ series: Int) throws(StoreFailure) {
        entries.removeAll(keepingCapacity: true)
        do {
            try index.chunks(of: series, into: &entries)
        } catch {
            counters.chunkWasDamaged(segment, "\(error)")
        }
    }

    /// Where a chunk stands in the window, which is moved there; nil, counted, when it is damaged.
    private mutating func place(of entry: ChunkEntry) throws(StoreFailure) -> Int? {
        if entry.offset < windowOffset
            || entry.offset + entry.byteCount > windowOffset + window.count
        {
            // Near the window the reader goes on in order; elsewhere it starts anew.
            let gap = entry.offset - (windowOffset + window.count)
            let goesOn = readAhead > 0 && gap > -Limits.readAheadByteCountMax && gap < 65_536
            readAhead = goesOn ? min(Limits.readAheadByteCountMax, readAhead * 4) : 4096
            do {
                window = try segment.read(
                    at: entry.offset, byteCount: max(entry.byteCount, readAhead) + 8)
            } catch {
                throw .failed(error.message)
            }
            windowOffset = entry.offset
        }
        let start = entry.offset - windowOffset
        guard start + entry.byteCount <= window.count,
            SegmentChunk.isIntact(window.span.extracting(start..<(start + entry.byteCount)))
        else {
            counters.chunkWasDamaged(segment, "a checksum is wrong")
            return nil
        }
        return start
    }
}

extension SeriesChunk {
    /// Takes out what is in one of the ranges.
    mutating func remove(_ ranges: [ClosedRange<Int64>]) {
        func isKept(_ time: Int64) -> Bool { !ranges.contains { $0.contains(time) } }
        if !times.allSatisfy(isKept) {
            let kept = times.indices.filter { isKept(times[$0]) }
            (times, values) = (kept.map { times[$0] }, kept.map { values[$0] })
        }
        histograms = histograms.filter { isKept($0.timeMillis) }
        exemplars = exemplars.filter { isKept($0.timeMillis) }
    }
}
