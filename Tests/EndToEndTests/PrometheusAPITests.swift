import Foundation
import Testing

/// Prometheus' HTTP API request by request beside Debian's Prometheus, and by a client of others.
@Suite struct PrometheusAPITests {
    private static func file(_ folder: String, _ text: String) throws -> String {
        let file = folder + "/prometheus.yml"
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    private static func perch(
        _ folder: String, scraping file: String
    ) async throws -> PerchProcess {
        let configuration = folder + "/perch.yml"
        try Data("prometheus: \(file)\n".utf8).write(to: URL(filePath: configuration))
        return try await PerchProcess.start(
            dataPath: folder + "/perch", arguments: ["--no-auth", "--config", configuration])
    }

    /// Statuses, keys, types, data and texts of errors of some hundred requests, and what promtool
    /// prints.
    @Test(.enabled(if: PeerProcess.tool("prometheus") != nil, "no prometheus in .tools-tests"))
    func answersAreThoseOfPrometheus() async throws {
        let folder = try TemporaryFolder()
        let port = try PeerProcess.freePort()
        let file = try Self.file(
            folder.path,
            """
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            scrape_configs:
              - job_name: shop
                static_configs: [{targets: ["127.0.0.1:\(port)", "127.0.0.1:2"]}]
                relabel_configs: [{source_labels: [__address__], regex: ".*:2", action: drop}]
              - job_name: down
                static_configs: [{targets: ["127.0.0.1:1"]}]

            """)
        let (reference, address) = try await PeerProcess.prometheus(
            folder.path, configuration: file,
            flags: ["--web.enable-admin-api", "--enable-feature=exemplar-storage"])
        defer { reference.stop() }
        let server = try await Self.perch(folder.path, scraping: file)
        defer { server.kill() }
        let result = try PeerProcess.run(
            Python.program,
            [
                Python.script("api_differential.py"), address, server.address, "--port", "\(port)",
                "--promtool", try #require(PeerProcess.tool("promtool")),
            ])
        #expect(result.status == 0, "\(result.output.suffix(6_000))")
        #expect(result.output.hasSuffix(" compared, 0 differed\n"))
    }

    @Test(.enabled(if: Python.has("prometheus_api_client")))
    func thePythonClientReadsWhatItWrote() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let output = try await Python.run("api_client.py", [server.address])
        #expect(output.hasSuffix(" calls agree\n"), "\(output)")
    }

    /// MET-13: the protobuf form as a library of others writes it, over the network.
    @Test func protobufIsScraped() async throws {
        let folder = try TemporaryFolder()
        let port = try PeerProcess.freePort()
        let file = try Self.file(
            folder.path,
            """
            scrape_configs:
              - job_name: proto
                scrape_interval: 200ms
                scrape_native_histograms: true
                static_configs: [{targets: ["127.0.0.1:\(port)"]}]

            """)
        let server = try await Self.perch(folder.path, scraping: file)
        defer { server.kill() }
        let result = try PeerProcess.run(
            Python.program, [Python.script("protobuf_scrape.py"), "\(port)", server.address])
        #expect(result.status == 0, "\(result.output.suffix(4_000))")
    }
}
