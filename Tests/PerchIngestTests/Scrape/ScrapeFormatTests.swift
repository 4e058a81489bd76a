import PerchModel
import PerchWire
import Testing

@testable import PerchIngest

/// Forms of answers and native histograms: the options of Prometheus 3, each with an effect.
@Suite struct ScrapeFormatTests {
    static func formats(_ job: String, global: String = "") throws -> ScrapeFormats {
        let settings = try ScrapeSettingsTests.settings(
            "{global: {\(global)}, scrape_configs: [{job_name: a\(job)}]}")
        return try #require(settings.jobs.first).formats
    }

    /// A family `h` with 3 observations in two buckets of schema 3, in the protobuf form.
    static let native: [UInt8] = {
        func message(_ fill: (inout ProtoWriter) -> Void) -> [UInt8] {
            var writer = ProtoWriter()
            fill(&writer)
            return writer.bytes
        }
        let span = message {
            $0.varint(field: 1, 4)
            $0.varint(field: 2, 2)
        }
        let bucket = message {
            $0.varint(field: 1, 3)
            $0.fixed64(field: 2, 2.0.bitPattern)
        }
        let histogram = message {
            $0.varint(field: 1, 3)
            $0.fixed64(field: 2, 4.0.bitPattern)
            $0.bytes(field: 3, bucket)
            $0.varint(field: 5, 6)
            $0.bytes(field: 12, span)
            $0.bytes(field: 13, [2, 2])
        }
        let family = message {
            $0.bytes(field: 1, Array("h".utf8))
            $0.varint(field: 3, 4)
            $0.bytes(field: 4, message { $0.bytes(field: 7, histogram) })
        }
        return Array(message { $0.bytes(field: 1, family) }.dropFirst())
    }()

    @Test func theUsualIsText() throws {
        #expect(
            try Self.formats("").accept
                == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
    }

    @Test func nativeHistogramsAskForProtobuf() throws {
        let formats = try Self.formats(", scrape_native_histograms: true")
        #expect(
            formats.accept.hasPrefix(
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                    + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0"))
        #expect(formats.readsNativeHistograms)
        let own = try Self.formats(
            ", scrape_protocols: [PrometheusText0.0.4], always_scrape_classic_histograms: true",
            global: "scrape_native_histograms: true, convert_classic_histograms_to_nhcb: true")
        #expect(own.accept == "text/plain;version=0.0.4;q=0.6,*/*;q=0.5")
        #expect(own.readsNativeHistograms)
        #expect(own.keepsClassicHistograms)
        #expect(own.convertsClassicHistograms)
        #expect(try Self.formats(", scrape_classic_histograms: true").keepsClassicHistograms)
    }

    @Test func namesFollowTheScheme() throws {
        let legacy = try Self.formats(", metric_name_validation_scheme: legacy")
        #expect(legacy.isLegacy)
        #expect(legacy.accept.contains("escaping=underscores"))
        #expect(
            try Self.formats("", global: "metric_name_validation_scheme: legacy").accept
                .contains("version=1.0.0;escaping=underscores"))
        #expect(
            try Self.formats(", metric_name_escaping_scheme: dots").accept
                .contains("escaping=dots"))
    }

    @Test(arguments: [
        (", scrape_protocols: []", "scrape_protocols cannot be empty"),
        (
            ", scrape_protocols: [PrometheusProto, PrometheusProto]",
            "duplicated protocol in scrape_protocols, got PrometheusProto"
        ),
        (
            ", scrape_protocols: [Hop]",
            "scrape_protocols: unknown scrape protocol Hop, supported: [OpenMetricsText0.0.1 "
                + "OpenMetricsText1.0.0 PrometheusProto PrometheusText0.0.4 PrometheusText1.0.0]"
        ),
        (
            ", metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8",
            "utf8 metric names requested but validation scheme is not set to UTF8"
        ),
        (
            ", native_histogram_min_bucket_factor: x",
            "native_histogram_min_bucket_factor must be a number from 0"
        ),
        (", tls_config: {min_version: TLS9}", "unknown TLS version: TLS9"),
    ])
    func mistakesAreNamed(_ job: String, _ message: String) {
        let mistake = #expect(throws: SettingsMistake.self) { _ = try Self.formats(job) }
        #expect(mistake?.message == message)
    }

    /// Nothing of the file is ignored in silence.
    @Test func whatHasNoEffectIsNoted() throws {
        let settings = try ScrapeSettingsTests.settings(
            """
            {global: {query_log_file: q}, remote_write: [{url: x}], rule_files: [r],
             scrape_configs: [{job_name: a, scrape_failure_log_file: f}]}
            """)
        #expect(settings.notes.count == 4)
        #expect(settings.notes.contains { $0.hasSuffix("remote_write is not followed") })
    }

    static func run(_ keys: String) async throws -> (SampleBatch, ScrapeReport) {
        var fixture = try TargetScrapeTests.Fixture(keys)
        fixture.client.set(
            TargetScrapeTests.url,
            .response(
                ScrapeResponse(
                    status: 200,
                    contentType: "application/vnd.google.protobuf; "
                        + "proto=io.prometheus.client.MetricFamily; encoding=delimited",
                    body: native)))
        return await fixture.run()
    }

    @Test func nativeHistogramsAreKeptWhenAskedFor() async throws {
        let (batch, report) = try await Self.run(", scrape_native_histograms: true")
        #expect(report.isUp, "\(report.message)")
        #expect(report.scraped == 1)
        #expect(report.kept == 1)
        #expect(report.added == 1)
        let sample = try #require(batch.histograms.first)
        #expect(
            batch.labels(at: Int(sample.series))
                == Labels([("__name__", "h"), ("instance", "h:1"), ("job", "j")]))
        #expect(sample.timeMillis == 5_000)
        #expect(sample.histogram.positiveCounts == [1, 2])
        #expect(sample.histogram.schema == 3)
        let (classic, _) = try await Self.run("")
        #expect(classic.histograms.isEmpty)
        #expect(
            ScrapeSeriesTests.lines(classic).contains(
                "h_bucket{instance=h:1,job=j,le=2.0} 3.0 @5000"))
        let (_, limited) = try await Self.run(
            ", scrape_native_histograms: true, always_scrape_classic_histograms: true, "
                + "sample_limit: 4")
        #expect(limited.message == "sample limit exceeded")
    }

    /// A series of a native histogram ends like any other.
    @Test func nativeSeriesEnd() async throws {
        var fixture = try TargetScrapeTests.Fixture(", scrape_native_histograms: true")
        fixture.client.set(
            TargetScrapeTests.url,
            .response(
                ScrapeResponse(
                    status: 200, contentType: "application/vnd.google.protobuf", body: Self.native))
        )
        _ = await fixture.run()
        fixture.client.set(TargetScrapeTests.url, text: "")
        let (batch, _) = await fixture.run()
        let stale = batch.values.indices.filter {
            batch.values[$0].bitPattern == SampleBatch.staleMarkerBits
        }
        #expect(stale.map { batch.labels(at: Int(batch.seriesIndexes[$0])).metricName } == ["h"])
    }

    @Test func bucketsAreMergedToTheLimit() async throws {
        let (one, _) = try await Self.run(
            ", scrape_native_histograms: true, native_histogram_bucket_limit: 1")
        // Buckets 2 and 3 of schema 3 are in bucket 1 of schema 1.
        let merged = try #require(one.histograms.first).histogram
        #expect(merged.schema == 1)
        #expect(merged.positiveCounts == [3])
        #expect(merged.positiveSpans == [NativeHistogram.Span(offset: 1, length: 1)])
        let (coarse, _) = try await Self.run(
            ", scrape_native_histograms: true, native_histogram_min_bucket_factor: 2")
        #expect(coarse.histograms.map(\.histogram.schema) == [0])
        var listed = [
            HistogramSample(series: 0, timeMillis: 0, histogram: NativeHistogram())
        ]
        listed[0].histogram.schema = NativeHistogram.customBoundsSchema
        listed[0].histogram.positiveCounts = [1, 1]
        var formats = ScrapeFormats()
        formats.bucketsMax = 1
        #expect(!HistogramResolution.apply(formats, to: &listed))
    }

    @Test func classicHistogramsAreConverted() async throws {
        let (batch, report) = try await Self.run(", convert_classic_histograms_to_nhcb: true")
        #expect(report.isUp, "\(report.message)")
        #expect(batch.histograms.map(\.histogram.customBounds) == [[2]])
        #expect(ScrapeSeriesTests.lines(batch).isEmpty)
    }

    @Test func moreReportsOnDemand() async throws {
        var fixture = try TargetScrapeTests.Fixture(", extra_scrape_metrics: true, sample_limit: 9")
        fixture.client.set(TargetScrapeTests.url, text: "a 1\n")
        let lines = ScrapeSeriesTests.lines(await fixture.run().0, reports: true)
        #expect(lines.contains("scrape_timeout_seconds{instance=h:1,job=j} 10.0 @5000"))
        #expect(lines.contains("scrape_sample_limit{instance=h:1,job=j} 9.0 @5000"))
        #expect(lines.contains("scrape_body_size_bytes{instance=h:1,job=j} 4.0 @5000"))
    }

    @Test func legacyNamesAreChecked() async throws {
        var fixture = try TargetScrapeTests.Fixture(", metric_name_validation_scheme: legacy")
        fixture.client.set(TargetScrapeTests.url, text: "{\"a.b\"} 1\n")
        #expect(await fixture.run().1.message == "invalid metric name or label names: a.b")
        fixture.client.set(TargetScrapeTests.url, text: "a:b{c=\"d\"} 1\n")
        #expect(await fixture.run().1.isUp)
    }

    @Test func theFallbackReadsWhatSaysNothing() async throws {
        var fixture = try TargetScrapeTests.Fixture(
            ", fallback_scrape_protocol: OpenMetricsText1.0.0")
        let response = ScrapeResponse(status: 200, body: Array("a 1 2.5\n# EOF\n".utf8))
        fixture.client.set(TargetScrapeTests.url, .response(response))
        #expect(
            await ScrapeSeriesTests.lines(fixture.run().0)
                == ["a{instance=h:1,job=j} 1.0 @2500"])
    }

    /// The section `otlp` of Prometheus' file.
    @Test func otlpIsRead() throws {
        let settings = try ScrapeSettingsTests.settings(
            """
            {otlp: {promote_resource_attributes: [service.version, " host.name "],
             translation_strategy: NoTranslation, keep_identifying_resource_attributes: true,
             promote_scope_metadata: true, convert_histograms_to_nhcb: true,
             label_name_underscore_sanitization: false,
             label_name_preserve_multiple_underscores: false}}
            """)
        let otlp = try #require(settings.otlp)
        #expect(otlp.promoted == ["service.version", "host.name"])
        #expect(otlp.strategy == .unchanged)
        #expect(otlp.keepsIdentity && otlp.promotesScope && otlp.convertsHistograms)
        #expect(!otlp.prefixesUnderscores && !otlp.keepsUnderscoreRuns)
        #expect(try ScrapeSettingsTests.settings("{}").otlp == nil)
        let mistake = #expect(throws: SettingsMistake.self) {
            try ScrapeSettingsTests.settings("{otlp: {ignore_resource_attributes: [a]}}")
        }
        #expect(mistake?.message.contains("cannot be configured unless") == true)
        #expect(throws: SettingsMistake.self) {
            try ScrapeSettingsTests.settings("{otlp: {translation_strategy: Hop}}")
        }
    }
}
