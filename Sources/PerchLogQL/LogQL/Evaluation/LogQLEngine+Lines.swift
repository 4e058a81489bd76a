import PerchModel

extension LogQLEngine {
    /// The lines of a selector, newest or oldest first, as many as asked for.
    func lines(
        _ selector: LogSelector, _ times: LogQLTimes
    ) async throws(LogQLFailure) -> (result: LogQLResult, stats: LogQLStats) {
        let end = times.end > times.start ? times.end : times.start
        let catalog = try await catalog(times.start..<end)
        let plan = try LinePlan(selector, catalog, now: options.now)
        var query = EventQuery(dataset: .logs, times: times.start..<end)
        query.predicate = plan.predicate
        query.order = options.isNewestFirst ? .newestFirst : .oldestFirst
        if plan.stages.isEmpty, options.intervalNanos <= 0 { query.limit = options.limit }
        var collector = LineCollector(plan, options)
        var cursor = source.read(query)
        while !collector.isFull {
            let batch: EventBatch?
            do {
                batch = try await cursor.next()
            } catch {
                throw LogQLFailure(store: error)
            }
            guard let batch else { break }
            try check()
            try collector.add(batch)
        }
        return (.streams(collector.streams), collector.stats)
    }
}

/// Puts rows into streams by their labels.
struct LineCollector {
    private var runner: RowRunner
    private let options: LogQLOptions
    private(set) var streams: [LogStream] = []
    private(set) var stats = LogQLStats()
    /// The labels of each stream, byte by byte: letters may be alike and not the same.
    private var places = TextTable()
    private var key: [UInt8] = []
    private var lastTimes: [Int64] = []
    private var byteCount = 0

    init(_ plan: LinePlan, _ options: LogQLOptions) {
        runner = RowRunner(plan)
        self.options = options
    }

    var isFull: Bool { stats.entries >= options.limit }

    mutating func add(_ batch: EventBatch) throws(LogQLFailure) {
        try add(batch, rows: 0..<batch.rowCount)
    }

    /// Takes some rows of a batch, in this order.
    mutating func add(_ batch: EventBatch, rows: some Sequence<Int>) throws(LogQLFailure) {
        runner.begin(batch)
        for row in rows where !isFull {
            stats.lines += 1
            guard runner.run(row) else { continue }
            var labels = runner.streamPairs()
            let structured = runner.structuredPairs()
            let parsed = runner.parsedPairs()
            if !options.categorizesLabels { labels += structured + parsed }
            labels.removeAll { $0.value.isEmpty }
            labels.sort { $0.name < $1.name }
            let place = place(of: labels)
            if place == streams.count {
                streams.append(LogStream(labels: labels))
                byteCount += key.count
            } else if options.intervalNanos > 0,
                (batch.times[row] &- lastTimes[place]).magnitude < options.intervalNanos
            {
                continue
            }
            var entry = LogStream.Entry(nanos: batch.times[row], line: runner.line)
            if options.categorizesLabels {
                entry.structured = structured.sorted { $0.name < $1.name }
                entry.parsed = parsed.sorted { $0.name < $1.name }
            }
            if place < lastTimes.count {
                lastTimes[place] = batch.times[row]
            } else {
                lastTimes.append(batch.times[row])
            }
            byteCount += runner.line.count + 64
            guard byteCount <= Limits.answerByteCountMax else {
                throw .limit("the answer has more than \(Limits.answerByteCountMax) bytes")
            }
            streams[place].entries.append(entry)
            stats.entries += 1
            stats.bytes += runner.line.count
        }
    }

    /// The stream of some labels; one more than there are when it is new.
    private mutating func place(of labels: [(name: String, value: String)]) -> Int {
        key.removeAll(keepingCapacity: true)
        for (name, value) in labels {
            key.append(contentsOf: "\(name.utf8.count):\(name)\(value.utf8.count):".utf8)
            key.append(contentsOf: value.utf8)
        }
        let key = self.key
        return Int(places.intern(key.span))
    }
}
