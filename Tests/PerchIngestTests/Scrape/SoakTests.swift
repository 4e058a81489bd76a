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
/// `PERCH_TEST_SOAK_SERIES` sets the series (2,000 for the acceptance run, some minutes); then the
/// memory of the process is looked at too, which other tests disturb.
@Suite struct SoakTests {
    private static let asked =
        ProcessInfo.processInfo.environment["PERCH_TEST_SOAK_SERIES"].flatMap { Int($0) }
    private static let hours = 24
    private static let retentionHours = 6
    private static let intervalNanos: Int64 = 15_000_000_000

    /// Targets that count up, each deployed anew every hour, not all at once.
    private struct Fleet: ScrapeClient {
        let clock: ManualClock
        let seriesPerTarget: Int

        func get(_ request: ScrapeRequest) async throws(ScrapeFailure) -> ScrapeResponse {
            let step = clock.now() / SoakTests.intervalNanos
            let number = request.url.utf8.reduce(0) { $0 &* 31 &+ Int64($1) } & 0xffff
            let life = step &+ number
            // Once in a while a target does not answer.
            if life % 977 == 0 { throw ScrapeFailure("connection refused") }
            let version = life / 240
            var text = "# TYPE work_total counter\n"
            for series in 0..<seriesPerTarget {
                let value = (life % 240) * Int64(series % 7 + 1)
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
        let store: SeriesStore
        let fleet: Fleet
        var targets: [(target: ScrapeTarget, job: ScrapeJob, series: ScrapeSeries)] = []
        var refusedCount = 0

        init(_ folder: String, seriesCount: Int) async throws {
            let targetCount = max(5, seriesCount / 100)
            fleet = Fleet(clock: clock, seriesPerTarget: seriesCount / targetCount)
            var options = SeriesStore.Options()
            options.retentionMillis = Int64(SoakTests.retentionHours) * 3_600_000
            options.headMillisMax = 1_800_000
            options.freeByteCountMin = 1 << 20
            options.worksByItself = false
            store = try await SeriesStore.open(
                files: LocalFiles(), directory: FilePath.from(folder), options: options,
                clock: clock.now, logger: Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() })
            let job = try ScrapeTargetTests.job("{job_name: soak}")
            for number in 0..<targetCount {
                let target = ScrapeTarget(
                    labels: LabelSet([("instance", "t\(number):1"), ("job", "soak")]),
                    discovered: LabelSet([]), url: "http://t\(number):1/metrics",
                    intervalNanos: SoakTests.intervalNanos, timeoutNanos: 10_000_000_000)
                targets.append((target, job, ScrapeSeries(target: target.labels, job: job)))
            }
        }

        mutating func runHour() async throws -> Hour {
            let scrape = TargetScrape(client: fleet, files: FakeFiles(), now: clock.now)
            for step in 0..<240 {
                for index in targets.indices {
                    let (batch, _) = await scrape.run(
                        targets[index].target, targets[index].job, &targets[index].series,
                        plannedNanos: clock.now(), refusal: nil)
                    refusedCount += try await store.write(batch, isBackfill: false).count
                }
                if step % 4 == 0 { await store.maintain() }
                clock.advance(nanos: SoakTests.intervalNanos)
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

    @Test(.timeLimit(.minutes(60)))
    func aDayOfScrapesLeavesMemoryFlat() async throws {
        let seriesCount = Self.asked ?? 100
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-soak-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        var soak = try await Soak(
            folder.path(percentEncoded: false), seriesCount: seriesCount)
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
        #expect(most <= 1_100 + 4 * seriesCount, "\(most) series at once")
        expectFlat("segments", 1.5) { $0.segments }
        expectFlat("disk", 1.2) { $0.onDisk }
        if Self.asked != nil { expectFlat("resident memory", 1.1) { $0.resident } }
        try await expectWhole(soak)
        await soak.store.close()
    }

    private func expectWhole(_ soak: Soak) async throws {
        let stats = soak.store.stats
        #expect(soak.refusedCount == 0)
        #expect(stats.flushCount >= 2 * Self.hours - 2)
        #expect(stats.mergeCount >= 4)
        #expect(stats.removedSampleCount > 0)
        #expect(stats.failedFlushCount == 0)
        // Of the last five hours, in the retention for sure, every scrape of every target is there.
        let end = soak.clock.now() / 1_000_000
        let chunks = try await soak.store.all(
            SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, "up")],
                times: (end - 5 * 3_600_000)...end))
        #expect(chunks.count == soak.targets.count)
        #expect(chunks.allSatisfy { $0.times.count == 5 * 240 })
        #expect(chunks.contains { $0.values.contains(0) }, "no scrape ever failed")
    }
}
