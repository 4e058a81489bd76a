import PerchCodec
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchIngest

/// One scrape, whatever the target does.
@Suite struct TargetScrapeTests {
    static let url = "http://h:1/metrics"

    struct Fixture {
        let client = FakeTargets()
        let files = FakeFiles()
        var target: ScrapeTarget
        var job: ScrapeJob
        var series: ScrapeSeries

        init(_ keys: String = "") throws {
            job = try ScrapeTargetTests.job(
                "{job_name: j, static_configs: [{targets: [\"h:1\"]}]\(keys)}")
            guard case .target(let target)? = job.targets(of: job.staticGroups[0]).first else {
                throw ScrapeFailure("no target")
            }
            self.target = target
            series = ScrapeSeries(target: target.labels, job: job)
        }

        mutating func run(refusal: String? = nil) async -> (SampleBatch, ScrapeReport) {
            let scrape = TargetScrape(client: client, files: files, now: { 5_000_000_000 })
            return await scrape.run(
                target, job, &series, plannedNanos: 5_000_000_000, refusal: refusal)
        }
    }

    @Test func anAnswerIsTaken() async throws {
        var fixture = try Fixture()
        fixture.client.set(Self.url, text: "# TYPE a counter\na 1\n")
        let (batch, report) = await fixture.run()
        #expect(report.isUp)
        #expect(ScrapeSeriesTests.lines(batch) == ["a{instance=h:1,job=j} 1.0 @5000"])
        #expect(batch.metadata.map(\.family) == ["a"])
        let (again, _) = await fixture.run()
        #expect(again.metadata.isEmpty, "descriptions that did not change come once")
        var later = 0
        for _ in 0..<2 * ScrapeLimits.descriptionRounds {
            later += await fixture.run().0.metadata.count
        }
        #expect(later == 2, "and now and then again")
        let request = try #require(fixture.client.requests.first)
        #expect(request.timeoutNanos == 10_000_000_000)
        #expect(request.headers.contains { $0.name == "Accept-Encoding" && $0.value == "gzip" })
        #expect(
            request.headers.contains {
                $0.name == "X-Prometheus-Scrape-Timeout-Seconds" && $0.value == "10.0"
            })
    }

    @Test func openMetricsAndGzip() async throws {
        var fixture = try Fixture()
        let text = "# TYPE a counter\na_total 1 2.5 # {trace_id=\"x\"} 1\n# EOF\n"
        let packed = try #require(Compressor.compress(Array(text.utf8), encoding: .gzip))
        fixture.client.set(
            Self.url,
            .response(
                ScrapeResponse(
                    status: 200, contentType: "application/openmetrics-text; version=1.0.0",
                    contentEncoding: "gzip", body: packed)))
        let (batch, report) = await fixture.run()
        #expect(report.isUp, "\(report.message)")
        #expect(ScrapeSeriesTests.lines(batch) == ["a_total{instance=h:1,job=j} 1.0 @2500"])
        #expect(batch.exemplars.count == 1)
        var ignoring = try Fixture(", honor_timestamps: false")
        ignoring.client.set(Self.url, text: "a 1 7\n")
        #expect(
            await ScrapeSeriesTests.lines(ignoring.run().0)
                == ["a{instance=h:1,job=j} 1.0 @5000"])
    }

    @Test(arguments: [
        (404, "text/plain", "a 1\n", "server returned HTTP status 404"),
        (200, "text/plain", "a{ 1\n", "expected the name of a label at byte 3"),
        (200, "application/openmetrics-text", "a 1\n", "data does not end with # EOF at byte 4"),
        (
            200, "application/vnd.google.protobuf;proto=x", "",
            "the content type application/vnd.google.protobuf;proto=x is not read"
        ),
        (
            200, "application/vnd.google.protobuf", "\u{5}\u{1}",
            "field is longer than its message at byte 0"
        ),
    ])
    func whatCannotBeReadIsDown(
        _ status: Int, _ type: String, _ text: String, _ message: String
    ) async throws {
        var fixture = try Fixture()
        fixture.client.set(
            Self.url,
            .response(
                ScrapeResponse(status: status, contentType: type, body: Array(text.utf8))))
        let (batch, report) = await fixture.run()
        #expect(!report.isUp)
        #expect(report.message == message)
        #expect(
            ScrapeSeriesTests.lines(batch, reports: true).first
                == "up{instance=h:1,job=j} 0.0 @5000")
    }

    @Test func aLargeAnswerIsDown() async throws {
        var fixture = try Fixture(", body_size_limit: 1KB")
        let text = String(repeating: "a 1\n", count: 1_000)
        let packed = try #require(Compressor.compress(Array(text.utf8), encoding: .gzip))
        #expect(packed.count < 1_024)
        fixture.client.set(
            Self.url,
            .response(ScrapeResponse(status: 200, contentEncoding: "gzip", body: packed)))
        #expect(await fixture.run().1.message == "body size limit exceeded")
    }

    @Test func aSlowTargetIsDown() async throws {
        var fixture = try Fixture(", scrape_interval: 200ms")
        fixture.client.set(Self.url, .never)
        #expect(await fixture.run().1.message == "context deadline exceeded")
    }

    @Test func aRefusedTargetIsNotAsked() async throws {
        var fixture = try Fixture()
        fixture.client.set(Self.url, text: "a 1\n")
        #expect(await fixture.run(refusal: "no").1.message == "no")
        #expect(fixture.client.requests.isEmpty)
    }

    @Test(arguments: [
        (", basic_auth: {username: u, password: p}", "Basic dTpw"),
        (", basic_auth: {username: user, password_file: secret}", "Basic dXNlcjp0MG4="),
        (", bearer_token: abc", "Bearer abc"),
        (", authorization: {type: Token, credentials_file: secret}", "Token t0n"),
    ])
    func secretsAreSent(_ keys: String, _ expected: String) async throws {
        var fixture = try Fixture(keys)
        fixture.files.set("/etc/p/secret", " t0n\n")
        _ = await fixture.run()
        let headers = fixture.client.requests.first?.headers ?? []
        #expect(headers.first { $0.name == "Authorization" }?.value == expected)
    }

    @Test func aMissingSecretIsDown() async throws {
        var fixture = try Fixture(", bearer_token_file: secret")
        #expect(await fixture.run().1.message == "no such file")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ])
    func base64AsInItsRFC(_ text: String, _ expected: String) {
        #expect(Base64.text(Array(text.utf8)) == expected)
    }
}
