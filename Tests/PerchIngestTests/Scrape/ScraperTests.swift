import PerchModel
import PerchTestSupport
import Synchronization
import Testing

@testable import PerchIngest

/// The scraper at work, over targets in memory and the real clock.
@Suite struct ScraperTests {
    static func clock() -> @Sendable () -> Int64 {
        let start = ContinuousClock.now
        return {
            let passed = start.duration(to: .now).components
            return 1_795_227_920_000_000_000 + passed.seconds * 1_000_000_000
                + passed.attoseconds / 1_000_000_000
        }
    }

    struct Fixture {
        let client = FakeTargets()
        let files = FakeFiles()
        let sink = MemorySinks()
        let scraper: Scraper

        init() {
            scraper = Scraper(
                sink: sink, client: client, files: files,
                parse: { try NodeText.node(String(decoding: $0, as: UTF8.self)) },
                now: ScraperTests.clock())
        }

        func apply(_ text: String) throws {
            scraper.apply(try ScrapeSettingsTests.settings("{scrape_configs: [\(text)]}"))
        }

        var lines: [String] { sink.samples.flatMap { ScrapeSeriesTests.lines($0) } }
        var reports: [String] {
            sink.samples.flatMap { ScrapeSeriesTests.lines($0, reports: true) }
        }

        func expect(
            _ what: String, _ isSo: @Sendable () -> Bool,
            _ location: SourceLocation = #_sourceLocation
        ) async {
            await ScraperTests.expect(what, isSo, location)
        }

        /// Runs the scraper while a body goes on.
        func running(_ body: @Sendable @escaping () async throws -> Void) async throws {
            try await withThrowingTaskGroup { group in
                group.addTask { await scraper.run() }
                group.addTask { try await body() }
                // The body ends first: the scraper only does when it is cancelled.
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Waits until something holds, for at most ten seconds.
    static func expect(
        _ what: String, _ isSo: @Sendable () -> Bool,
        _ location: SourceLocation = #_sourceLocation
    ) async {
        for _ in 0..<200 {
            if isSo() { return }
            try? await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("not within ten seconds: \(what)", sourceLocation: location)
    }

    static func job(_ name: String, _ keys: String) -> String {
        "{job_name: \(name), scrape_interval: 100ms, \(keys)}"
    }

    @Test func targetsAreScrapedAgainAndAgain() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        try fixture.apply(Self.job("j", "static_configs: [{targets: [\"a:1\", \"down:1\"]}]"))
        try await fixture.running {
            await fixture.expect("five scrapes of each") {
                fixture.lines.count >= 5
                    && fixture.reports.filter { $0.hasPrefix("up{instance=down:1") }.count >= 5
            }
        }
        #expect(fixture.lines.allSatisfy { $0.hasPrefix("x{instance=a:1,job=j} 1.0 @") })
        let times = fixture.lines.compactMap { Int64($0.split(separator: "@").last ?? "") }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        let status = try #require(fixture.scraper.status.first)
        #expect(status.active.map { $0.report?.isUp } == [true, false])
        #expect(status.active.last?.report?.message == "connection refused")
        #expect(fixture.scraper.counters.failedScrapes >= 5)
    }

    @Test func aTargetThatGoesEnds() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        fixture.client.set("http://b:1/metrics", text: "y 1\n")
        try fixture.apply(Self.job("j", "static_configs: [{targets: [\"a:1\", \"b:1\"]}]"))
        try await fixture.running {
            await fixture.expect("both") {
                fixture.lines.contains { $0.hasPrefix("x{") }
                    && fixture.lines.contains { $0.hasPrefix("y{") }
            }
            try fixture.apply(Self.job("j", "static_configs: [{targets: [\"b:1\"]}]"))
            await fixture.expect("markers of a") {
                fixture.lines.contains { $0.hasPrefix("x{instance=a:1,job=j} stale") }
            }
        }
        #expect(fixture.reports.contains { $0.hasPrefix("up{instance=a:1,job=j} stale") })
        #expect(!fixture.lines.contains { $0.hasPrefix("y{instance=b:1,job=j} stale") })
        #expect(fixture.scraper.status.first?.active.count == 1)
    }

    @Test func aReloadRelabelsWhatGoesOn() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        let targets = "static_configs: [{targets: [\"a:1\"]}]"
        try fixture.apply(Self.job("j", targets))
        try await fixture.running {
            await fixture.expect("x") { !fixture.lines.isEmpty }
            try fixture.apply(
                Self.job(
                    "j",
                    targets
                        + ", metric_relabel_configs: [{target_label: __name__, replacement: z}]"))
            await fixture.expect("z, and the end of x") {
                fixture.lines.contains { $0.hasPrefix("z{instance=a:1,job=j} 1.0") }
                    && fixture.lines.contains { $0.hasPrefix("x{instance=a:1,job=j} stale") }
            }
        }
        #expect(!fixture.reports.contains { $0.contains("stale") })
    }

    @Test func filesOfTargetsAreFollowed() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        fixture.files.set("/etc/p/t/one.json", "[{targets: [\"a:1\"], labels: {dc: fra}}]")
        fixture.files.set("/etc/p/t/two.json", "[{targets: 3}]")
        try fixture.apply(Self.job("j", "file_sd_configs: [{files: [t/*.json]}]"))
        try await fixture.running {
            await fixture.expect("x of a file") {
                fixture.lines.contains { $0.hasPrefix("x{dc=fra,instance=a:1,job=j} 1.0") }
            }
        }
        let status = try #require(fixture.scraper.status.first)
        #expect(status.active.first?.target.discovered["__meta_filepath"] == "/etc/p/t/one.json")
        #expect(status.messages.contains { $0.hasPrefix("/etc/p/t/two.json: ") })
    }

    @Test func servicesOfTargetsAreAsked() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        fixture.client.set("http://sd/", text: "[{targets: [\"a:1\"]}]")
        try fixture.apply(Self.job("j", "http_sd_configs: [{url: http://sd/}]"))
        try await fixture.running {
            await fixture.expect("x of a service") { !fixture.lines.isEmpty }
        }
        let target = fixture.scraper.status.first?.active.first?.target
        #expect(target?.discovered["__meta_url"] == "http://sd/")
    }

    @Test func descriptionsAreThoseOfTheTargets() async throws {
        let fixture = Fixture()
        for name in ["a", "b"] {
            fixture.client.set("http://\(name):1/metrics", text: "# TYPE x counter\nx 1\n")
        }
        try fixture.apply(Self.job("j", "static_configs: [{targets: [\"a:1\", \"b:1\"]}]"))
        try await fixture.running {
            await fixture.expect("descriptions of both") {
                fixture.scraper.descriptions(of: []).filter { !$0.families.isEmpty }.count == 2
            }
        }
        let some = fixture.scraper.descriptions(of: [LabelMatcher("instance", .matches, "a.*")])
        #expect(some.map { $0.labels["instance"] } == ["a:1"])
        #expect(some.first?.families.map(\.family) == ["x"])
        #expect(fixture.scraper.descriptions(of: [LabelMatcher("job", .equal, "k")]).isEmpty)
        #expect(fixture.scraper.descriptions(of: [LabelMatcher("job", .matches, "(")]).isEmpty)
    }

    @Test func tooManyTargetsAreNotAsked() async throws {
        let fixture = Fixture()
        try fixture.apply(
            Self.job("j", "target_limit: 1, static_configs: [{targets: [\"a:1\", \"b:1\"]}]"))
        try await fixture.running {
            await fixture.expect("two reports") {
                fixture.scraper.status.first?.active.allSatisfy { $0.report != nil } == true
            }
        }
        #expect(fixture.client.requests.isEmpty)
        let messages = fixture.scraper.status.first?.active.compactMap { $0.report?.message }
        #expect(messages?.allSatisfy { $0.hasPrefix("target_limit exceeded") } == true)
    }

    /// A target that goes while the disk is full ends all the same, when there is room again.
    @Test func theEndOfATargetWaitsForTheStore() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        try fixture.apply(Self.job("j", "static_configs: [{targets: [\"a:1\"]}]"))
        try await fixture.running {
            await fixture.expect("samples") { !fixture.lines.isEmpty }
            fixture.sink.fail(with: .noSpace("full"))
            try fixture.apply(Self.job("j", "static_configs: [{targets: [\"b:1\"]}]"))
            let failed = fixture.scraper.counters.failedAppends
            await fixture.expect("failures") {
                fixture.scraper.counters.failedAppends >= failed + 2
            }
            #expect(!fixture.lines.contains { $0.contains("stale") })
            fixture.sink.fail(with: nil)
            await fixture.expect("markers") { fixture.lines.contains { $0.contains("stale") } }
        }
    }

    @Test func aStoreThatFailsStopsNothing() async throws {
        let fixture = Fixture()
        fixture.client.set("http://a:1/metrics", text: "x 1\n")
        fixture.sink.fail(with: .noSpace("full"))
        try fixture.apply(Self.job("j", "static_configs: [{targets: [\"a:1\"]}]"))
        try await fixture.running {
            await fixture.expect("failures") { fixture.scraper.counters.failedAppends >= 2 }
            fixture.sink.fail(with: nil)
            await fixture.expect("samples") { !fixture.lines.isEmpty }
        }
    }
    /// CAR-1: what a limit of series or a full disk takes from a target is told beside it.
    @Test func whatTheStoreDoesNotTakeIsTold() async throws {
        let client = FakeTargets()
        client.set("http://a:1/metrics", text: "x 1\n")
        let sink = ReportingSink()
        sink.refuse {
            $0.overSeriesLimit = 2
            $0.overTargetLimit = 2
            var culprit = SeriesCulprit(limit: .target, countMax: 9)
            (culprit.metric, culprit.metricCount) = ("x", 7)
            (culprit.target, culprit.label, culprit.valueCount) = ("a:1", "user", 6)
            $0.culprit = culprit
        }
        let scraper = Scraper(
            sink: sink, client: client, files: FakeFiles(),
            parse: { try NodeText.node(String(decoding: $0, as: UTF8.self)) }, now: Self.clock())
        scraper.apply(
            try ScrapeSettingsTests.settings(
                "{scrape_configs: ["
                    + Self.job("j", "static_configs: [{targets: [\"a:1\"]}]") + "]}"))
        let report = { @Sendable in scraper.status.first?.active.first?.report }
        try await withThrowingTaskGroup { group in
            group.addTask { await scraper.run() }
            group.addTask {
                await Self.expect("the limit") {
                    report()?.message == "2 of new series over the limit of 9 series of the "
                        + "target a:1: the metric x has 7, and its label user has 6 values"
                }
                #expect(report()?.isUp == true)
                // What a limit lets in last is not what tells whether the target is there.
                #expect(sink.batches.allSatisfy { $0.labels(at: 0).metricName == "up" })
                sink.fail(with: .noSpace("/srv/perch is full"))
                await Self.expect("the full disk") {
                    report()?.message == "not stored: the disk is full"
                }
                sink.fail(with: nil)
                sink.refuse { $0 = SampleRefusals() }
                await Self.expect("the end of it") { report()?.message == "" }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
