import PerchFiles
import PerchModel

/// The answer to a query over a snapshot: series by series, in the order of their label bytes.
struct SeriesReader: SampleCursor {
    /// A series of the answer: its refs among the blocks, and among the samples from the disk.
    private struct Entry {
        let labels: Labels
        var ref: UInt32?
        var diskRef: UInt32?
    }

    private let query: SampleQuery
    private let log: WriteLog
    private var snapshot: SeriesSnapshot
    private var isPrepared = false
    private var entries: ArraySlice<Entry> = []
    private var disk: SampleBlock?
    private var blocks: [SampleBlock] = []
    private var countLeft: Int

    init(_ query: SampleQuery, _ snapshot: SeriesSnapshot, log: WriteLog) {
        self.query = query
        self.snapshot = snapshot
        self.log = log
        countLeft = query.seriesLimit.map { max(0, $0) } ?? .max
    }

    mutating func next() async throws(StoreFailure) -> SeriesChunk? {
        guard !Task.isCancelled else { throw .cancelled }
        guard countLeft > 0 else { return nil }
        if !isPrepared {
            try prepare()
            isPrepared = true
        }
        while let entry = entries.popFirst() {
            guard !Task.isCancelled else { throw .cancelled }
            if let chunk = chunk(of: entry) {
                countLeft -= 1
                return chunk
            }
        }
        return nil
    }

    /// Reads the disk, sorts what was not sorted yet, and puts the series in order.
    private mutating func prepare() throws(StoreFailure) {
        blocks = snapshot.blocks + snapshot.open.map { SampleBlock($0) }
        var all = snapshot.series.map { Entry(labels: $0.labels, ref: $0.ref) }
        if !snapshot.filesOnDisk.isEmpty {
            let fromDisk = try SamplesFromDisk(query, snapshot.filesOnDisk, log)
            disk = SampleBlock(fromDisk.samples)
            var isTaken = Array(repeating: false, count: fromDisk.series.count)
            for index in all.indices {
                let bytes = all[index].labels.bytes
                guard let ref = fromDisk.series.find(bytes.span, 0..<bytes.count) else { continue }
                all[index].diskRef = ref
                isTaken[Int(ref)] = true
            }
            for ref in isTaken.indices where !isTaken[ref] {
                let labels = Labels(canonical: fromDisk.series.keys[ref])
                all.append(Entry(labels: labels, diskRef: UInt32(ref)))
            }
        }
        all.sort { $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes) }
        entries = all[...]
        snapshot = SeriesSnapshot()
    }

    /// The series with its samples in the range, or nil when there are none.
    private func chunk(of entry: Entry) -> SeriesChunk? {
        var chunk = SeriesChunk(labels: entry.labels)
        if let ref = entry.diskRef, let disk { gather(ref, disk, into: &chunk) }
        if let ref = entry.ref {
            for block in blocks {
                gather(ref, block, into: &chunk)
                if query.labelsOnly, !chunk.isEmpty { break }
            }
        }
        guard !chunk.isEmpty else { return nil }
        if query.labelsOnly { return SeriesChunk(labels: entry.labels) }
        chunk.sortFirstWins()
        return chunk
    }

    private func gather(_ ref: UInt32, _ block: SampleBlock, into chunk: inout SeriesChunk) {
        for index in block.range(of: ref) where query.times.contains(block.times[index]) {
            chunk.times.append(block.times[index])
            chunk.values.append(block.values[index])
        }
        for index in block.histogramRange(of: ref)
        where query.times.contains(block.histograms[index].timeMillis) {
            chunk.histograms.append(block.histograms[index])
        }
        for index in block.exemplarRange(of: ref)
        where query.times.contains(block.exemplars[index].timeMillis) {
            chunk.exemplars.append(block.exemplars[index])
        }
    }
}

extension SeriesChunk {
    fileprivate var isEmpty: Bool { times.isEmpty && histograms.isEmpty && exemplars.isEmpty }

    /// Sorts by time and keeps the first sample of each; the newest exemplars only.
    fileprivate mutating func sortFirstWins() {
        // Fast path: samples mostly come in order.
        if !zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) {
            var order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
            order = Self.firstOfEach(order) { times[$0] }
            (times, values) = (order.map { times[$0] }, order.map { values[$0] })
        }
        let histogramOrder = histograms.indices.sorted {
            (histograms[$0].timeMillis, $0) < (histograms[$1].timeMillis, $1)
        }
        histograms = Self.firstOfEach(histogramOrder) { histograms[$0].timeMillis }.map {
            var sample = histograms[$0]
            sample.series = 0
            return sample
        }
        let exemplarOrder = exemplars.indices.sorted {
            (exemplars[$0].timeMillis, $0) < (exemplars[$1].timeMillis, $1)
        }
        var kept: [Exemplar] = []
        for index in exemplarOrder {
            var exemplar = exemplars[index]
            exemplar.series = 0
            // A sender repeats its latest exemplar until it has a newer one.
            if kept.last != exemplar { kept.append(exemplar) }
        }
        exemplars = Array(kept.suffix(Limits.exemplarCountMax))
    }

    private static func firstOfEach(_ order: [Int], time: (Int) -> Int64) -> [Int] {
        var result: [Int] = []
        for index in order where result.last.map({ time($0) != time(index) }) ?? true {
            result.append(index)
        }
        return result
    }
}
