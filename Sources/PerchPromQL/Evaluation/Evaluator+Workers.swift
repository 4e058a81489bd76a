import PerchModel

/// Makes series over the steps of a grid of what was read, one by one and each for itself.
protocol SeriesWorker: Sendable {
    var annotations: Annotations { get set }

    /// Nil when there is no result at any step.
    mutating func result(of chunk: SeriesChunk) throws(QueryFailure) -> StepSeries?
}

/// What a worker made of some series that follow each other.
private struct WorkedBatch: Sendable {
    var series: [StepSeries] = []
    var annotations = Annotations()
    /// How many series were read.
    var readCount = 0
    /// The samples of the one with most.
    var sampleCount = 0
    var failure: QueryFailure?
}

extension Evaluator {
    /// Gives what a worker makes of each series that fits, in the order of the series.
    ///
    /// Where there are many, several tasks read and work at the same time, each with a copy of the
    /// worker; what they make is the same.
    func work(
        _ selector: VectorSelector, _ times: ClosedRange<Int64>, stepCount: Int,
        _ worker: consuming some SeriesWorker, _ sink: Sink
    ) async throws(QueryFailure) {
        if !Self.isFoundQuickly(selector.matchers) { await prepareForLongWork() }
        var cursor = source.read(SampleQuery(matchers: selector.matchers, times: times))
        var rowCount: Int?
        if options.helperCount > 0 {
            do {
                rowCount = try await cursor.rowCount()
            } catch {
                throw .storage(error)
            }
        }
        let points = rowCount.map { $0 &* (stepCount &+ Limits.pointsPerRead) }
        if points ?? .max > Limits.shortWorkPointsMax { await prepareForLongWork() }
        guard let rowCount, let points, points >= Limits.parallelPointsMin else {
            var worker = worker
            try await read(cursor, needsOnlyTotals: selector.needsOnlyTotals) {
                (chunk) throws(QueryFailure) in
                if let series = try worker.result(of: chunk) { try sink(series) }
            }
            annotations.merge(worker.annotations)
            return
        }
        let share = rowCount / (Limits.batchesPerTaskMin * (options.helperCount + 1))
        let size = max(
            1, min(Limits.batchSeriesMax, Limits.batchPointsMax / max(1, stepCount), share))
        let job = BatchJob(
            cursor: cursor, worker: worker, needsOnlyTotals: selector.needsOnlyTotals,
            samplesMax: options.samplesMax, rowCount: rowCount, batchSize: size)
        try await run(job, sink)
    }

    /// Whether an index leads to the series: a pattern may have to look at every value of a label.
    private static func isFoundQuickly(_ matchers: [LabelMatcher]) -> Bool {
        matchers.contains { $0.operation == .equal && !$0.value.isEmpty }
            && matchers.allSatisfy { $0.operation == .equal || $0.operation == .notEqual }
    }

    /// Makes the batches of a job with some helpers, and gives them in order.
    private func run(
        _ job: BatchJob<some SeriesWorker>, _ sink: Sink
    ) async throws(QueryFailure) {
        let helperCount = min(options.helperCount, job.batchCount - 1)
        let queue = BatchQueue<WorkedBatch>(count: job.batchCount, aheadMax: 3 * helperCount + 2)
        let result: Result<Void, QueryFailure> = await withTaskGroup(of: Void.self) { group in
            for _ in 0..<helperCount {
                group.addTask {
                    var job = job
                    while let number = await queue.claim() {
                        queue.finish(number, await job.batch(number))
                    }
                }
            }
            defer {
                queue.stop()
                group.cancelAll()
            }
            var own = job
            do throws(QueryFailure) {
                for number in 0..<job.batchCount {
                    try deliver(await Self.batch(number, &own, queue), sink)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// A batch that a helper has made, or is made now.
    private static func batch(
        _ number: Int, _ job: inout BatchJob<some SeriesWorker>, _ queue: BatchQueue<WorkedBatch>
    ) async -> WorkedBatch {
        while true {
            switch queue.take(number) {
            case .ready(let batch): return batch
            case .mine: return await job.batch(number)
            case .ahead(let other): queue.finish(other, await job.batch(other))
            case .pending: await queue.wait(for: number)
            }
        }
    }

    private func deliver(_ batch: WorkedBatch, _ sink: Sink) throws(QueryFailure) {
        try countSeries(batch.readCount)
        countRead(batch.sampleCount)
        try hold(batch.sampleCount, batch.sampleCount * 16)
        release(batch.sampleCount, batch.sampleCount * 16)
        if !batch.annotations.isEmpty { annotations.merge(batch.annotations) }
        for series in batch.series { try sink(series) }
        if let failure = batch.failure { throw failure }
    }
}

/// Reads and works off batches of a cursor's series.
private struct BatchJob<Worker: SeriesWorker>: Sendable {
    var cursor: any SampleCursor
    var worker: Worker
    let needsOnlyTotals: Bool
    let samplesMax: Int
    let rowCount: Int
    let batchSize: Int

    var batchCount: Int { (rowCount + batchSize - 1) / batchSize }

    /// Makes one of the batches; ascending numbers are fastest.
    mutating func batch(_ number: Int) async -> WorkedBatch {
        var batch = WorkedBatch()
        let start = number * batchSize
        batch.series.reserveCapacity(batchSize)
        cursor.restrict(to: start..<min(start + batchSize, rowCount))
        do throws(QueryFailure) {
            while var chunk = try await next() {
                batch.readCount += 1
                if needsOnlyTotals { chunk.keepTotals() }
                batch.sampleCount = max(batch.sampleCount, chunk.heldCount)
                guard batch.sampleCount <= samplesMax else { throw .tooManySamples }
                if let series = try worker.result(of: chunk) { batch.series.append(series) }
            }
        } catch {
            batch.failure = error
        }
        if !worker.annotations.isEmpty {
            batch.annotations = worker.annotations
            worker.annotations = Annotations()
        }
        return batch
    }

    private mutating func next() async throws(QueryFailure) -> SeriesChunk? {
        do {
            return try await cursor.next()
        } catch {
            throw QueryFailure(reading: error)
        }
    }
}

extension QueryFailure {
    /// What a query is told of a store's failure.
    init(reading failure: StoreFailure) {
        self =
            failure == .cancelled
            ? .cancelled("query was canceled in expression evaluation") : .storage(failure)
    }
}

extension SeriesChunk {
    /// How many samples it counts for where samples are limited.
    var heldCount: Int {
        histograms.isEmpty
            ? times.count : times.count + histograms.reduce(0) { $0 + $1.histogram.sampleCount }
    }

    /// Drops the buckets of histograms, after resets were found by them.
    mutating func keepTotals() {
        var previous: NativeHistogram?
        for index in histograms.indices {
            let histogram = histograms[index].histogram
            if histogram.isStaleMarker { continue }
            var totals = NativeHistogram()
            totals.schema = histogram.schema
            totals.count = histogram.count
            totals.sum = histogram.sum
            totals.resetHint = histogram.resetHint
            if histogram.resetHint == .unknown, let previous {
                totals.resetHint = histogram.isReset(after: previous) ? .reset : .notReset
            }
            previous = histogram
            histograms[index].histogram = totals
        }
    }
}
