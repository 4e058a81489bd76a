import Logging
import PerchEvents
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@testable import PerchIngest

/// What was counted of spans that a store acknowledged is neither lost nor doubled, wherever the
/// server stops.
@Suite("Metrics from spans, stopped anywhere")
struct SpanMetricsCrashTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The stores of one run and the metrics between them.
    private struct Run {
        let events: EventStore
        let series: SeriesStore
        let metrics: SpanMetrics

        init(_ files: any FileStore, _ clock: ManualClock) async throws {
            let metrics = SpanMetrics(catalogue: SpanCatalogue(), now: clock.now)
            var options = EventStore.Options()
            options.fileByteCountMax = 1_000
            // All spans of a segment but one of a name are left out.
            let sampler = TailSampler(TailSampling(keptPerMillion: 0))
            options.sealPolicy = EventStore.SealPolicy(
                .spans, isActive: { true }, apply: { sampler.sample($0) })
            options.follower = EventStore.Follower(
                .spans, take: { metrics.observe($0, $1) }, needsAfter: { metrics.needsAfter })
            var seriesOptions = SeriesStore.Options()
            seriesOptions.worksByItself = false
            seriesOptions.fileByteCountMax = 1 << 17
            let opened = try await EventStore.open(
                files: files, directory: FilePath.from("/events"), options: options,
                clock: clock.now, logger: logger)
            do {
                series = try await SeriesStore.open(
                    files: files, directory: FilePath.from("/series"), options: seriesOptions,
                    clock: clock.now, logger: logger)
                try await metrics.restore(from: series, newestFile: opened.newestFile) {
                    (position, body) throws(StoreFailure) in
                    try opened.replay(after: position, body)
                }
            } catch {
                await opened.close()
                throw error
            }
            self.metrics = metrics
            events = opened
        }

        func close() async {
            await series.close()
            await events.close()
        }
    }

    /// A call of one service by another; each end comes in a batch of its own.
    private static func spans(_ call: Int, isCaller: Bool) -> EventBatch {
        SpanMetricsTests.batch(
            (0..<25).map { number in
                let id = UInt64(call * 100 + number + 1)
                return SpanMetricsTests.Made(
                    trace: id, span: isCaller ? id : id + 50, parent: isCaller ? 0 : id,
                    service: isCaller ? "shop" : "stock", kind: isCaller ? 3 : 2)
            })
    }

    private static func log() -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        builder.beginRow(timeNanos: 1, resource: builder.intern(Resource([])))
        builder.set(.record, RecordField.body, .string("a line"))
        return builder.batch
    }

    /// Counts of the store's series: spans by service, then calls between both.
    private static func counts(_ run: Run) async throws -> [Double] {
        var counts: [Double] = []
        for (name, label, value) in [
            (SpanCounts.calls, "service_name", "shop"),
            (SpanCounts.calls, "service_name", "stock"),
            (ServiceGraph.requests, "client", "shop"), (ServiceGraph.unpaired, "", ""),
        ] {
            let query = SampleQuery(
                matchers: [
                    LabelMatcher("__name__", .equal, name), LabelMatcher(label, .equal, value),
                ].filter { !$0.name.isEmpty }, times: .min ... .max)
            counts.append(try await run.series.all(query).first?.values.last ?? 0)
        }
        return counts
    }

    private struct Outcome {
        /// Spans that were acknowledged, of callers and of called.
        var callers = 0
        var called = 0
        /// Whether a batch was tried that was not acknowledged.
        var mayHaveMore = false
    }

    /// Calls whose two ends come one or two steps apart, with all that happens in between.
    private static func run(
        _ files: any FileStore, _ clock: ManualClock, seed: UInt64
    ) async -> Outcome {
        var outcome = Outcome()
        var random = SeededGenerator(seed: seed)
        for part in 0..<2 {
            guard let run = try? await Run(files, clock) else { return outcome }
            for step in 0..<8 {
                let call = part * 8 + step
                for isCaller in [true, false] {
                    let which = isCaller ? call : call - 1
                    guard which >= 0 else { continue }
                    do {
                        try await run.events.append(log())
                        try await run.events.append(spans(which, isCaller: isCaller))
                    } catch {
                        outcome.mayHaveMore = true
                        break
                    }
                    if isCaller { outcome.callers += 25 } else { outcome.called += 25 }
                }
                switch Int.random(in: 0..<4, using: &random) {
                case 0: try? await run.events.flush()
                case 1: await run.events.maintain()
                case 2: try? await run.events.compact()
                default: break
                }
                clock.advance(nanos: 15_000_000_000)
                // Every other time, so that ends wait across a stop.
                if step % 2 == 1 { try? await run.metrics.write(to: run.series) }
            }
            if part == 0 { try? await run.series.flush() }
            await run.close()
        }
        return outcome
    }

    @Test("counts are those of what was acknowledged", arguments: 0..<4)
    func stops(part: Int) async throws {
        var stopAt = 7 + 211 * part
        while true {
            let clock = ManualClock()
            let disk = InMemoryFiles()
            let limit = stopAt
            let files = FaultyFiles(disk) { index, operation in
                guard index >= limit else { return nil }
                return operation == .write ? .stopTearing(byteCount: limit % 97) : .stop
            }
            let outcome = await Self.run(files, clock, seed: UInt64(stopAt))
            let context = Comment(rawValue: "stop at \(stopAt)")
            let crashed = disk.crashed(tornBySeed: stopAt % 2 == 0 ? nil : UInt64(stopAt))
            var last: [Double] = []
            for _ in 0..<2 {
                let run = try await Run(crashed, clock)
                // Until all ends that are alone were given up.
                for _ in 0..<3 {
                    clock.advance(nanos: 130_000_000_000)
                    try await run.metrics.write(to: run.series)
                }
                last = try await Self.counts(run)
                let more = outcome.mayHaveMore ? [0.0, 25.0] : [0.0]
                #expect(more.contains(last[0] - Double(outcome.callers)), context)
                #expect(more.contains(last[1] - Double(outcome.called)), context)
                #expect(last[0] + last[1] <= Double(outcome.callers + outcome.called) + 25, context)
                // Each end is of a call, or alone.
                #expect(2 * last[2] + last[3] == last[0] + last[1], context)
                // What is counted and in a segment is not in the log any more.
                try await run.events.flush()
                let logs = try crashed.list(FilePath.from("/events")).filter {
                    $0.hasSuffix(".log")
                }
                #expect(logs.isEmpty, context)
                await run.close()
            }
            #expect(last[3] <= 75, context)
            if !files.isStopped { break }
            stopAt += LongRun.isAsked ? 61 : 797
        }
        #expect(stopAt > 1_000)
    }
}
