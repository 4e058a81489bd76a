import PerchModel
import PerchWire
import Testing

@testable import PerchIngest

/// What one target's answers become.
@Suite struct ScrapeSeriesTests {
    static let target = LabelSet([("instance", "h:1"), ("job", "j")])

    static func series(_ keys: String = "") throws -> ScrapeSeries {
        ScrapeSeries(
            target: target, job: try ScrapeTargetTests.job("{job_name: j\(keys)}"))
    }

    static func exposed(_ text: String, _ time: Int64) throws -> ExpositionResult {
        try Exposition.decode(
            Array(text.utf8), format: .text, options: ExpositionOptions(defaultTimeMillis: time))
    }

    /// Samples as `name{label="value"} value @time`, without the target's own reports.
    static func lines(_ batch: SampleBatch, reports: Bool = false) -> [String] {
        let own = ["up", "scrape_"]
        return batch.times.indices.compactMap { index in
            let labels = batch.labels(at: Int(batch.seriesIndexes[index]))
            guard reports == own.contains(where: labels.metricName.hasPrefix) else { return nil }
            let rest = labels.pairs.filter { $0.name != "__name__" }
                .map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            let value = batch.values[index]
            let text =
                value.bitPattern == SampleBatch.staleMarkerBits ? "stale" : "\(value)"
            return "\(labels.metricName){\(rest)} \(text) @\(batch.times[index])"
        }
    }

    static func scrape(
        _ series: inout ScrapeSeries, _ text: String, _ time: Int64
    ) throws -> (lines: [String], report: ScrapeReport, batch: SampleBatch) {
        var report = ScrapeReport()
        let batch = try series.batch(exposed(text, time), timeMillis: time, report: &report)
        return (lines(batch), report, batch)
    }

    @Test func samplesGetTheTargetsLabels() throws {
        var series = try Self.series()
        let (lines, report, batch) = try Self.scrape(&series, "a{x=\"1\"} 1\nb 2 7\n", 1_000)
        #expect(
            lines == ["a{instance=h:1,job=j,x=1} 1.0 @1000", "b{instance=h:1,job=j} 2.0 @7"])
        #expect(report.isUp)
        #expect(report.scraped == 2)
        #expect(report.kept == 2)
        #expect(report.added == 2)
        #expect(
            Self.lines(batch, reports: true) == [
                "up{instance=h:1,job=j} 1.0 @1000",
                "scrape_duration_seconds{instance=h:1,job=j} 0.0 @1000",
                "scrape_samples_scraped{instance=h:1,job=j} 2.0 @1000",
                "scrape_samples_post_metric_relabeling{instance=h:1,job=j} 2.0 @1000",
                "scrape_series_added{instance=h:1,job=j} 2.0 @1000",
            ])
        let again = try Self.scrape(&series, "a{x=\"1\"} 1\nb 2 8\n", 2_000)
        #expect(again.report.added == 0)
    }

    @Test(arguments: [
        ("", "a{exported_job=own,instance=h:1,job=j} 1.0 @1"),
        (", honor_labels: true", "a{instance=h:1,job=own} 1.0 @1"),
    ])
    func labelsInConflict(_ keys: String, _ expected: String) throws {
        var series = try Self.series(keys)
        #expect(try Self.scrape(&series, "a{job=\"own\"} 1\n", 1).lines == [expected])
    }

    @Test func aTakenNameIsExportedTwice() throws {
        var series = try Self.series()
        let lines = try Self.scrape(&series, "a{job=\"x\",exported_job=\"y\"} 1\n", 1).lines
        #expect(lines == ["a{exported_exported_job=x,exported_job=y,instance=h:1,job=j} 1.0 @1"])
    }

    @Test func seriesThatGoAreMarked() throws {
        var series = try Self.series()
        _ = try Self.scrape(&series, "a 1\nb 1\nc 1 5\n", 1)
        let gone = try Self.scrape(&series, "b 2\n", 2)
        #expect(gone.lines == ["b{instance=h:1,job=j} 2.0 @2", "a{instance=h:1,job=j} stale @2"])
        let back = try Self.scrape(&series, "a 3\nb 3\n", 3)
        #expect(back.report.added == 1)
        #expect(back.lines.count == 2)
    }

    /// What the store did not take is said again, unless the series came back.
    @Test func markersThatWereNotStoredComeAgain() throws {
        var series = try Self.series()
        _ = try Self.scrape(&series, "a 1\nb 1\nc 1\n", 1)
        #expect(try Self.scrape(&series, "c 2\n", 2).lines.count == 3)
        series.takeBack()
        let again = try Self.scrape(&series, "b 3\nc 3\n", 3).lines
        #expect(again.last == "a{instance=h:1,job=j} stale @3")
        #expect(again.count == 3)
        #expect(try Self.scrape(&series, "b 4\nc 4\n", 4).lines.count == 2)
        series.takeBack()
        #expect(try Self.scrape(&series, "b 5\nc 5\n", 5).lines.count == 2)
    }

    @Test func timesOfTheTargetAreMarkedWhenAsked() throws {
        var series = try Self.series(", track_timestamps_staleness: true")
        _ = try Self.scrape(&series, "c 1 5\n", 1)
        #expect(try Self.scrape(&series, "", 2).lines == ["c{instance=h:1,job=j} stale @2"])
    }

    @Test func aFailedScrapeEndsAllSeriesOnce() throws {
        var series = try Self.series()
        _ = try Self.scrape(&series, "a 1\n", 1)
        let failed = series.batch(failed: ScrapeReport(), timeMillis: 2)
        #expect(Self.lines(failed) == ["a{instance=h:1,job=j} stale @2"])
        #expect(Self.lines(failed, reports: true).first == "up{instance=h:1,job=j} 0.0 @2")
        #expect(Self.lines(series.batch(failed: ScrapeReport(), timeMillis: 3)) == [])
    }

    @Test func theEndOfATargetEndsItsReportsToo() throws {
        var series = try Self.series()
        _ = try Self.scrape(&series, "a 1\n", 1)
        let end = series.end(timeMillis: 9)
        #expect(Self.lines(end) == ["a{instance=h:1,job=j} stale @9"])
        #expect(Self.lines(end, reports: true).count == 5)
        #expect(Self.lines(end, reports: true).allSatisfy { $0.hasSuffix("stale @9") })
        #expect(series.end(timeMillis: 10).sampleCount == 0)
    }

    @Test func relabelingOfSamples() throws {
        var series = try Self.series(
            """
            , metric_relabel_configs: [
              {source_labels: [__name__], regex: "go_.*", action: drop},
              {regex: "tmp_.*", action: labeldrop},
              {source_labels: [__name__], regex: "old_(.*)", target_label: __name__,
               replacement: "new_$1"}]
            """)
        let text = "go_x 1\nold_a{tmp_b=\"1\"} 2\n"
        for time in 1...2 {
            let (lines, report, _) = try Self.scrape(&series, text, Int64(time))
            #expect(lines == ["new_a{instance=h:1,job=j} 2.0 @\(time)"])
            #expect(report.scraped == 2)
            #expect(report.kept == 1)
        }
    }

    @Test(arguments: [
        ("sample_limit: 1", "sample limit exceeded"),
        ("label_limit: 3", "label_limit exceeded (metric: a, number of labels: 4, limit: 3)"),
        ("label_name_length_limit: 8", nil),
        ("label_name_length_limit: 7", "label_name_length_limit exceeded (label name: __name__)"),
        ("label_value_length_limit: 3", nil),
        ("label_value_length_limit: 2", "label_value_length_limit exceeded (label name: instance)"),
        ("sample_limit: 2", nil), ("label_limit: 4", nil),
    ])
    func boundsFailTheScrape(_ key: String, _ message: String?) throws {
        var series = try Self.series(", \(key)")
        let text = "a{x=\"1\"} 1\nb 1\n"
        guard let message else {
            #expect(try Self.scrape(&series, text, 1).report.isUp)
            return
        }
        let failure = #expect(throws: ScrapeFailure.self) {
            try Self.scrape(&series, text, 1)
        }
        #expect(failure?.message == message)
        // Nothing is remembered of a scrape that failed.
        #expect(Self.lines(series.batch(failed: ScrapeReport(), timeMillis: 2)) == [])
    }

    @Test func exemplarsAndDescriptionsComeAlong() throws {
        var series = try Self.series()
        var report = ScrapeReport()
        let text = "# TYPE a counter\na_total 1 # {trace_id=\"x\"} 1\nb 1\n# EOF\n"
        let exposed = try Exposition.decode(
            Array(text.utf8), format: .openMetrics,
            options: ExpositionOptions(defaultTimeMillis: 4))
        let batch = try series.batch(exposed, timeMillis: 4, report: &report)
        #expect(batch.exemplars.map(\.labels) == [Labels([("trace_id", "x")])])
        #expect(batch.labels(at: Int(batch.exemplars[0].series)).metricName == "a_total")
        #expect(batch.metadata.map(\.family) == ["a"])
        #expect(series.knownMetadataHash == exposed.metadataHash)
        series.takeBack()
        #expect(series.knownMetadataHash == nil)
    }
}
