import Foundation
import Testing

/// Perch beside Debian's Prometheus: the same samples, the same questions, the same answers.
@Suite(.enabled(if: PeerProcess.tool("prometheus") != nil, "no prometheus in .tools-tests"))
struct PrometheusTests {
    /// One file for both servers: a target behind which the script stands, relabeled on the way.
    private static func scrapeFile(_ folder: String, port: Int) throws -> String {
        let file = folder + "/prometheus.yml"
        let text = """
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
              - job_name: node
                static_configs:
                  - targets: ["127.0.0.1:\(port)"]
                    labels: {site: lab}
                relabel_configs:
                  - source_labels: [__address__]
                    regex: "(.*):.*"
                    target_label: host
                metric_relabel_configs:
                  - source_labels: [__name__]
                    regex: node_arp_.*
                    action: drop
                  - regex: adminstate|duplex
                    action: labeldrop

            """
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    /// Both receive the same remote write and scrape the same node exporter, at the same times.
    ///
    /// Known differences between version 2.42 and version 3 are kept out of the queries.
    @Test(
        .enabled(if: PeerProcess.tool("prometheus-node-exporter") != nil, "no node exporter"),
        .timeLimit(.minutes(10)))
    func generatedQueriesAgree() async throws {
        let folder = try TemporaryFolder()
        let (exporterPort, port) = (try PeerProcess.freePort(), try PeerProcess.freePort())
        let exporter = try PeerProcess(
            try #require(PeerProcess.tool("prometheus-node-exporter")),
            ["--web.listen-address=127.0.0.1:\(exporterPort)"])
        defer { exporter.stop() }
        let file = try Self.scrapeFile(folder.path, port: port)
        let (reference, address) = try await PeerProcess.prometheus(
            folder.path, configuration: file)
        defer { reference.stop() }
        let configuration = folder.path + "/perch.yml"
        try Data("prometheus: \(file)\n".utf8).write(to: URL(filePath: configuration))
        let server = try await PerchProcess.start(
            dataPath: folder.path + "/perch", arguments: ["--no-auth", "--config", configuration])
        defer { server.kill() }
        let result = try PeerProcess.run(
            Python.program,
            [
                Python.script("promql_differential.py"), address, server.address,
                "--queries", "2000", "--scraped-queries", "1000", "--port", "\(port)",
                "--exporter", "http://127.0.0.1:\(exporterPort)/metrics",
            ])
        #expect(result.status == 0, "\(result.output.suffix(4_000))")
    }

    @Test func promtoolReadsWhatPerchServes() async throws {
        let promtool = try #require(PeerProcess.tool("promtool"))
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let metrics = try await HTTP.get(server.address + "/metrics")
        let check = try PeerProcess.run(promtool, ["check", "metrics"], input: metrics.text)
        #expect(check.status == 0, "\(check.output)")
        #expect(check.output.isEmpty, "\(check.output)")

        let samples = "tills_open{shop=\"mitte\"} 3 \(Int(Date().timeIntervalSince1970) * 1_000)\n"
        let sent = try await HTTP.post(
            server.address + "/api/v1/import/prometheus", Array(samples.utf8),
            headers: [("Content-Type", "text/plain")])
        #expect(sent.status == 204)
        for (arguments, finds) in [
            (["query", "instant", server.address, "tills_open * 2"], "=> 6 @"),
            (["query", "series", "--match=tills_open", server.address], "mitte"),
            (["query", "labels", server.address, "shop"], "mitte"),
        ] {
            let result = try PeerProcess.run(promtool, arguments)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains(finds), "\(arguments): \(result.output)")
        }
    }

    /// Deleted samples are gone at once, and the rest stays.
    @Test func deletedSeriesAreGone() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let now = Int(Date().timeIntervalSince1970) * 1_000
        let samples = "tills_open{shop=\"mitte\"} 3 \(now)\ntills_open{shop=\"nord\"} 4 \(now)\n"
        let sent = try await HTTP.post(
            server.address + "/api/v1/import/prometheus", Array(samples.utf8),
            headers: [("Content-Type", "text/plain")])
        #expect(sent.status == 204)
        let admin = server.address + "/api/v1/admin/tsdb/delete_series"
        #expect(try await HTTP.post(admin, []).status == 400)
        let form = Array("match%5B%5D=tills_open%7Bshop%3D%22nord%22%7D".utf8)
        let type = [("Content-Type", "application/x-www-form-urlencoded")]
        #expect(try await HTTP.post(admin, form, headers: type).status == 204)
        for path in ["/-/compact", "/-/flush"] {
            let answer = try await HTTP.get(
                server.address + "/api/v1/query?query=sum(tills_open)"
            ).text
            #expect(answer.contains(#","3"]"#), "\(answer)")
            #expect(try await HTTP.post(server.address + path, []).status < 300)
        }
    }

    /// Numbers as large as they can be written are refused or cut, and hurt nobody.
    @Test(arguments: [
        ("query?query=vector(1)&timeout=9000000000000000", 200),
        ("query_range?query=up&start=-9000000000000000&end=9000000000000000&step=1", 400),
        ("query?query=up&time=-9223372036854775", 400),
        ("query?query=up&lookback_delta=9000000000000000", 200),
        ("query?query=up&limit=99999999999999999999", 400),
    ])
    func extremeParameters(_ path: String, _ status: Int) async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        #expect(try await HTTP.get("\(server.address)/api/v1/\(path)").status == status)
        #expect(server.isRunning)
    }
}
