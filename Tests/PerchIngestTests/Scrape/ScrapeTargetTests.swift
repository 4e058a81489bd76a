import Testing

@testable import PerchIngest

/// From a discovered address to what is scraped (MET-5).
@Suite struct ScrapeTargetTests {
    static func job(_ text: String) throws -> ScrapeJob {
        let settings = try ScrapeSettingsTests.settings("{scrape_configs: [\(text)]}")
        return try #require(settings.jobs.first)
    }

    static func outcomes(_ text: String) throws -> [TargetOutcome] {
        let job = try job(text)
        return job.staticGroups.flatMap { job.targets(of: $0) }
    }

    @Test func aStaticTargetGetsItsLabels() throws {
        let outcome = try #require(
            Self.outcomes(
                "{job_name: shop, static_configs: [{targets: [\"h:1\"], labels: "
                    + "{__metrics_path__: /api/metrics, dc: fra}}]}"
            ).first)
        guard case .target(let target) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(target.url == "http://h:1/api/metrics")
        #expect(
            target.labels == LabelSet([("dc", "fra"), ("instance", "h:1"), ("job", "shop")]))
        #expect(target.discovered["__scrape_interval__"] == "1m")
        #expect(target.intervalNanos == 60_000_000_000)
    }

    @Test func relabelingChangesWhatIsScraped() throws {
        let outcomes = try Self.outcomes(
            """
            {job_name: probe, metrics_path: /probe, params: {module: [http_2xx, b c]},
             static_configs: [{targets: ["https://shop.example", "drop.example"],
                               labels: {__meta_x: y, __tmp: z}}],
             relabel_configs: [
              {source_labels: [__address__], regex: "drop.*", action: drop},
              {source_labels: [__address__], target_label: __param_target},
              {source_labels: [__param_target], target_label: instance},
              {source_labels: [__meta_x], target_label: x},
              {target_label: __address__, replacement: "127.0.0.1:9115"},
              {target_label: __scrape_interval__, replacement: 30s}]}
            """)
        guard case .target(let target) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(
            target.url
                == "http://127.0.0.1:9115/probe?module=http_2xx&module=b%20c"
                + "&target=https%3A%2F%2Fshop.example")
        #expect(
            target.labels
                == LabelSet([
                    ("instance", "https://shop.example"), ("job", "probe"), ("x", "y"),
                ]))
        #expect(target.intervalNanos == 30_000_000_000)
        guard case .dropped(let labels) = outcomes[1] else {
            Issue.record("\(outcomes[1])")
            return
        }
        #expect(labels["__address__"] == "drop.example")
    }

    @Test(arguments: [
        ("a/b", "[]", "\"a/b\" is not a valid hostname"),
        ("a", "[{target_label: __address__, replacement: \"\"}]", "no address"),
        (
            "a", "[{target_label: __scrape_timeout__, replacement: 5m}]",
            "scrape timeout cannot be greater than scrape interval"
        ),
        (
            "a", "[{target_label: __scrape_interval__, replacement: x}]",
            "error parsing scrape interval"
        ),
    ])
    func whatCannotBeScrapedSaysWhy(
        _ address: String, _ rules: String, _ message: String
    ) throws {
        let outcome = try #require(
            Self.outcomes(
                "{job_name: a, static_configs: [{targets: [\"\(address)\"]}], "
                    + "relabel_configs: \(rules)}"
            ).first)
        guard case .refused(_, message) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func schedulesAreSpreadAndSteady() {
        let interval: Int64 = 10_000_000_000
        var offsets: [Int64] = []
        for number in 0..<500 {
            let schedule = ScrapeSchedule(intervalNanos: interval, key: "http://host-\(number)/m")
            offsets.append(schedule.offsetNanos)
            let now: Int64 = 1_795_227_920_081_000_000
            let next = schedule.next(after: now)
            #expect(next > now)
            #expect(next <= now + interval)
            #expect(schedule.next(after: next) == next + interval)
            #expect(
                schedule == ScrapeSchedule(intervalNanos: interval, key: "http://host-\(number)/m"))
        }
        for tenth in 0..<10 {
            let count = offsets.filter { $0 / (interval / 10) == Int64(tenth) }.count
            #expect(count > 20, "\(count) of 500 targets in tenth \(tenth)")
        }
    }

    @Test func timesAreEvenWhereTheStartIsClose() {
        let schedule = ScrapeSchedule(intervalNanos: 10_000_000_000, key: "a")
        #expect(schedule.sampleNanos(planned: 100, started: 1_500_100) == 100)
        #expect(schedule.sampleNanos(planned: 100, started: 3_000_100) == 3_000_100)
        let quick = ScrapeSchedule(intervalNanos: 100_000_000, key: "a")
        #expect(quick.sampleNanos(planned: 100, started: 1_500_100) == 1_500_100)
        #expect(schedule.next(after: .max) == .max)
        #expect(schedule.next(after: .min) == .min)
    }
}
