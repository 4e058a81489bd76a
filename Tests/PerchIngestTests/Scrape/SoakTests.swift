import Foundation
import Logging
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@testable import PerchIngest

/// A day of scrapes under a clock of its own: targets that are deployed anew, segments that are made
/// and merged, retention that removes; and memory that stays where it was.
///
/// `PERCH_TEST_SOAK_SERIES` asks for so many series every 15 s (2,000 for the acceptance run, some
/// minutes); then the memory of the process is looked at too, which other tests disturb. Without it
/// the scrapes are further apart, which changes neither hours, nor deployments, nor segments.
@Suite struct SoakTests {
    /// How many series are scraped how often.
    struct Pace: Sendable, CustomTestStringConvertible {
        var seriesCount: Int
        var intervalSeconds: Int64

        var stepsPerHour: Int64 { 3_600 / intervalSeconds }
        var intervalNanos: Int64 { intervalSeconds * 1_000_000_000 }
        var testDescription: String { "\(seriesCount) series every \(intervalSeconds) s" }
    }

    private static let asked =
        ProcessInfo.processInfo.environment["PERCH_TEST_SOAK_SERIES"].flatMap { Int($0) }
    private static let paces =
        asked.map { [Pace(seriesCount: $0, intervalSeconds: 15)] }
        ?? [
            Pace(seriesCount: 100, intervalSeconds: 120),
            Pace(seriesCount: 2_000, intervalSeconds: 900),
        ]
    private static let hours = 24
    private static let retentionHours = 6

    /// Targets that count up, each deployed anew every hour, not all at once.
    private struct Fleet: ScrapeClient {
        let clock: ManualClock
        let pace: Pace
        let seriesPerTarget: Int

        func get(_ request: ScrapeRequest) async throws(ScrapeFailure) -> ScrapeResponse {
            let step = clock.now() / pace.intervalNanos
            let number = request.url.utf8.reduce(0) { $0 &* 31 &+ Int64($1) } & 0xffff
            let life = step &+ number
            // Once in a while a target does not answer.
            if life % (4 * pace.stepsPerHour + 17) == 0 {
                throw ScrapeFailure("connection refused")
            }
            let (version, age) = life.quotientAndRemainder(dividingBy: pace.stepsPerHour)
            var text = "# TYPE work_total counter\n"
            for series in 0..<seriesPerTarget {
                let value = age * Int64(series % 7 + 1)
                text += "work_total{version=\"v\(version)\",part=\"p\(series)\"} \(value)\n"
            }
            return ScrapeResponse(status: 200, contentType: "text/plain", body: Array(text.utf8))
        }
    }

    /// What an hour ended with.
    private struct Hour: CustomStringConvertible {
        var inMemory: Int
        var onDisk: Int
        var series: Int
        var segments: Int
        var resident: Int

        var description: String {
            "\(inMemory / 1024) KiB samples, \(series) series, \(segments) segments, "
                + "\(onDisk / 1024) KiB disk, \(resident >> 20) MiB resident"
        }
    }

    private struct Soak {
        let clock = ManualClock(nanos: 1_700_000_000_000_000_000)
        let pace: Pace
        let folder: String
        var store: SeriesStore
        let fleet: Fleet
        var targets: [(target: ScrapeTarget, job: ScrapeJob, series: ScrapeSeries)] = []
        var refusedCount = 0

        init(_ folder: String, _ pace: Pace) async throws {
            self.pace = pace
            self.folder = folder
            let targetCount = max(5, pace.seriesCount / 100)
            fleet = Fleet(
                clock: clock, pace: pace, seriesPerTarget: pace.seriesCount / targetCount)
            store = try await Self.open(folder, clock)
            let job = try ScrapeTargetTests.job("{job_name: soak}")
            for number in 0..<targetCount {
                let target = ScrapeTarget(
                    labels: LabelSet([("instance", "t\(number):1"), ("job", "soak")]),
                    discovered: LabelSet([]), url: "http://t\(number):1/metrics",
                    intervalNanos: pace.intervalNanos, timeoutNanos: 10_000_000_000)
                targets.append((target, job, ScrapeSeries(target: target.labels, job: job)))
            }
        }

        private static func open(
            _ folder: String, _ clock: ManualClock
        ) async throws -> SeriesStore {
            var options = SeriesStore.Options()
            options.retentionMillis = Int64(SoakTests.retentionHours) * 3_600_000
            options.headMillisMax = 1_800_000
            options.freeByteCountMin = 1 << 20
            options.worksByItself = false
            return try await SeriesStore.open(
                files: LocalFiles(), directory: FilePath.from(folder), options: options,
                clock: clock.now, logger: Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() })
        }

        mutating func restart() async throws {
            await store.close()
            store = try await Self.open(folder, clock)
        }

        mutating func runStep() async throws {
            let scrape = TargetScrape(client: fleet, files: FakeFiles(), now: clock.now)
            for index in targets.indices {
                let (batch, _) = await scrape.run(
                    targets[index].target, targets[index].job, &targets[index].series,
                    plannedNanos: clock.now(), refusal: nil)
                refusedCount += try await store.write(batch, isBackfill: false).count
            }
        }

        mutating func runHour() async throws -> Hour {
            for step in 0..<pace.stepsPerHour {
                try await runStep()
                if pace.stepsPerHour < 60 || step % 4 == 0 { await store.maintain() }
                clock.advance(nanos: pace.intervalNanos)
            }
            let stats = store.stats
            return Hour(
                inMemory: stats.byteCountInMemory, onDisk: stats.byteCountOnDisk,
                series: stats.seriesCount, segments: stats.segmentCount,
                resident: SoakTests.resident)
        }
    }

    /// Bytes of memory of this process; 0 where that is not known.
    private static var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    @Test(.timeLimit(.minutes(60)), arguments: paces)
    func aDayOfScrapesLeavesMemoryFlat(_ pace: Pace) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-soak-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        var soak = try await Soak(folder.path(percentEncoded: false), pace)
        var hours: [Hour] = []
        for hour in 0..<Self.hours {
            hours.append(try await soak.runHour())
            if Self.asked != nil { print("hour \(hour + 1): \(hours[hour])") }
        }
        // Retention removes from its hour on, and whole segments of half an hour and more.
        let settled = hours[(Self.retentionHours + 2)...]
        let (early, late) = (settled.prefix(8), settled.suffix(8))
        func expectFlat(_ name: String, _ slack: Double, _ value: (Hour) -> Int) {
            let (before, after) = (early.map(value).max() ?? 0, late.map(value).max() ?? 0)
            #expect(
                Double(after) <= slack * Double(before), "\(name): \(before), then \(after)")
        }
        expectFlat("memory of samples", 1.1) { $0.inMemory }
        // Idle series leave when they are more than a thousand.
        let most = hours.map(\.series).max() ?? 0
        #expect(most <= 1_100 + 4 * pace.seriesCount, "\(most) series at once")
        expectFlat("segments", 1.5) { $0.segments }
        expectFlat("disk", 1.2) { $0.onDisk }
        if Self.asked != nil { expectFlat("resident memory", 1.1) { $0.resident } }
        let stats = soak.store.stats
        #expect(soak.refusedCount == 0)
        #expect(stats.flushCount >= Self.hours)
        #expect(stats.mergeCount >= 4)
        #expect(stats.removedSampleCount > 0)
        #expect(stats.failedFlushCount == 0)
        try await expectWhole(soak)
        try await expectReplay(&soak)
        await soak.store.close()
    }

    /// Of the last five hours, in the retention for sure, every scrape of every target is there.
    private func expectWhole(_ soak: Soak) async throws {
        let end = soak.clock.now() / 1_000_000
        let chunks = try await soak.store.all(
            SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, "up")],
                times: (end - 5 * 3_600_000)...end))
        #expect(chunks.count == soak.targets.count)
        #expect(chunks.allSatisfy { $0.times.count == 5 * Int(soak.pace.stepsPerHour) })
        #expect(chunks.contains { $0.values.contains(0) }, "no scrape ever failed")
    }

    /// After a start the series that no segment has yet are there, and go on.
    private func expectReplay(_ soak: inout Soak) async throws {
        try await soak.store.flush()
        // An hour in one step: all targets are new, with all their series.
        soak.clock.advance(nanos: 3_600_000_000_000)
        let times = (soak.clock.now() / 1_000_000)...(soak.clock.now() / 1_000_000)
        try await soak.runStep()
        let query = SampleQuery(matchers: [], times: times)
        let before = try await soak.store.all(query)
        // Markers are NaN, so that only their bits compare.
        let bits = before.map { $0.values.map(\.bitPattern) }
        let fresh = before.count { chunk in
            chunk.labels.metricName == "work_total"
                && chunk.values.contains { $0.bitPattern != SampleBatch.staleMarkerBits }
        }
        #expect(fresh > soak.pace.seriesCount / 2)
        try await soak.restart()
        #expect(soak.store.stats.replayedSampleCount >= fresh)
        try await expectSame(soak, query, before.map(\.labels), bits)
        soak.clock.advance(nanos: soak.pace.intervalNanos)
        try await soak.runStep()
        #expect(soak.refusedCount == 0)
        try await expectSame(soak, query, before.map(\.labels), bits)
    }

    private func expectSame(
        _ soak: Soak, _ query: SampleQuery, _ labels: [Labels], _ bits: [[UInt64]]
    ) async throws {
        let found = try await soak.store.all(query)
        #expect(found.map(\.labels) == labels)
        #expect(found.map { $0.values.map(\.bitPattern) } == bits)
    }
}
