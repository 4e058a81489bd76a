import PerchModel

/// The answer to a query over a snapshot: series by series, in the order of their label bytes.
struct SeriesReader: SampleCursor {
    private let query: SampleQuery
    private let counters: SeriesCounters
    private var plan: MatcherPlan?
    private var snapshot = SeriesHead.Snapshot()
    private var failure: StoreFailure?

    private var join = SourceJoin([])
    private var isPrepared = false
    private var scans: [SegmentScan] = []
    private var next = 0
    private var end = 0
    private var countLeft: Int

    init(_ query: SampleQuery, _ head: SeriesHead, _ counters: SeriesCounters) {
        self.query = query
        self.counters = counters
        countLeft = query.seriesLimit.map { max(0, $0) } ?? .max
        do throws(StoreFailure) {
            let plan = try MatcherPlan(query.matchers)
            self.plan = plan
            snapshot = try head.snapshot(plan, query.times)
        } catch {
            failure = error
        }
    }

    mutating func next() async throws(StoreFailure) -> SeriesChunk? {
        guard !Task.isCancelled else { throw .cancelled }
        if let failure { throw failure }
        guard countLeft > 0 else { return nil }
        if !isPrepared { try prepare() }
        while next < end {
            guard !Task.isCancelled else { throw .cancelled }
            let row = join.row(at: next)
            next += 1
            if let chunk = try chunk(of: row) {
                countLeft -= 1
                return chunk
            }
        }
        return nil
    }

    /// Loads the indexes of the segments, asks them, and puts the same series together.
    private mutating func prepare() throws(StoreFailure) {
        isPrepared = true
        guard let plan else { return }
        var sources: [SourceJoin.Source] = []
        for segment in snapshot.segments {
            guard !Task.isCancelled else { throw .cancelled }
            do throws(StoreFailure) {
                let scan = try SegmentScan(segment, deletions: snapshot.deletions, counters)
                let numbers = plan.series(of: scan.index).numbers
                scans.append(scan)
                sources.append(.segment(scan.index, numbers))
            } catch {
                // It was whole when it was opened: the disk is failing now.
                counters.chunkWasDamaged(segment, "\(error)")
            }
        }
        for index in snapshot.groups.indices {
            try snapshot.groups[index].match(plan)
            let group = snapshot.groups[index]
            sources.append(.head(labels: group.labels, hashes: group.hashes))
        }
        join = SourceJoin(sources)
        end = join.rowCount
    }

    mutating func rowCount() async throws(StoreFailure) -> Int? {
        if let failure { throw failure }
        guard query.seriesLimit == nil else { return nil }
        if !isPrepared { try prepare() }
        return join.rowCount
    }

    mutating func restrict(to rows: Range<Int>) {
        next = max(0, rows.lowerBound)
        end = min(rows.upperBound, join.rowCount)
    }

    /// The series with its samples in the range, or nil when there are none.
    private mutating func chunk(of row: Int) throws(StoreFailure) -> SeriesChunk? {
        if query.labelsOnly {
            return try hasAny(row) ? SeriesChunk(labels: join.labels(of: row)) : nil
        }
        var chunk = SeriesChunk(labels: Labels(canonical: []))
        for source in scans.indices {
            if let series = join.local(row, source) {
                try scans[source].gather(series, query.times, into: &chunk)
            }
        }
        for (place, group) in snapshot.groups.enumerated() {
            guard let local = join.local(row, scans.count + place) else { continue }
            for table in group.tables {
                table.memtable.gather(
                    group.refs[local], table.marks.map { $0[local] }, query.times, into: &chunk)
            }
        }
        guard !chunk.isEmpty else { return nil }
        chunk.sortFirstWins()
        chunk.labels = join.labels(of: row)
        return chunk
    }

    private mutating func hasAny(_ row: Int) throws(StoreFailure) -> Bool {
        for source in scans.indices {
            if let series = join.local(row, source),
                try scans[source].hasAny(series, query.times)
            {
                return true
            }
        }
        for (place, group) in snapshot.groups.enumerated() {
            guard let local = join.local(row, scans.count + place) else { continue }
            for table in group.tables {
                let mark = table.marks?[local] ?? table.memtable.marks([group.refs[local]])[0]
                if table.memtable.hasAny(group.refs[local], mark, query.times) { return true }
            }
        }
        return false
    }
}

extension SeriesChunk {
    /// Sorts by time and keeps the first sample of each; the newest exemplars only.
    mutating func sortFirstWins() {
        // Fast path: samples mostly come in order.
        if !Self.ascends(times) {
            var order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
            order = Self.firstOfEach(order) { times[$0] }
            (times, values) = (order.map { times[$0] }, order.map { values[$0] })
        }
        if !histograms.isEmpty {
            let order = histograms.indices.sorted {
                (histograms[$0].timeMillis, $0) < (histograms[$1].timeMillis, $1)
            }
            histograms = Self.firstOfEach(order) { histograms[$0].timeMillis }
                .map { histograms[$0] }
        }
        guard !exemplars.isEmpty else { return }
        let order = exemplars.indices.sorted {
            (exemplars[$0].timeMillis, $0) < (exemplars[$1].timeMillis, $1)
        }
        var kept: [Exemplar] = []
        // A sender repeats its latest exemplar until it has a newer one.
        for index in order where kept.last != exemplars[index] { kept.append(exemplars[index]) }
        exemplars = Array(kept.suffix(Limits.exemplarCountMax))
    }

    private static func ascends(_ times: [Int64]) -> Bool {
        guard var before = times.first else { return true }
        for time in times.dropFirst() {
            guard time > before else { return false }
            before = time
        }
        return true
    }

    private static func firstOfEach(_ order: [Int], time: (Int) -> Int64) -> [Int] {
        var result: [Int] = []
        for index in order where result.last.map({ time($0) != time(index) }) ?? true {
            result.append(index)
        }
        return result
    }
}
