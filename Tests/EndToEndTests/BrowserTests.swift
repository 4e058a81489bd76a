import Foundation
import Testing

/// The unmodified OpenTelemetry SDK for Python sends, and a real browser finds it on every page.
@Suite struct BrowserTests {
    private struct Sent: Decodable {
        var spans: Int
        var logs: Int
        var trace_ids: [String]
    }

    @Test(.timeLimit(.minutes(5)))
    func whatTheSDKSendsIsOnThePages() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let sent = try await Self.sendByPython(to: server.address)
        let spans = try await HTTP.events(server.address, "spans")
        #expect(spans.count == sent.spans)
        #expect(Set(spans.compactMap { $0["trace_id"] as? String }) == Set(sent.trace_ids))
        #expect(try await HTTP.events(server.address, "logs").count == sent.logs)

        let trace = try #require(sent.trace_ids.first)
        let pages: [(name: String, path: String, finds: [String])] = [
            ("start", "/", ["till-backend"]),
            ("logs", "/logs?q=printer", ["receipt printer is out of paper"]),
            ("traces", "/traces", ["POST /sale"]),
            ("trace", "/trace/\(trace)", ["INSERT sales", "sale 0 booked"]),
            ("metrics", "/explore", ["till_orders_total"]),
        ]
        for page in pages {
            let html = try await Self.chromium(
                ["--dump-dom", "--virtual-time-budget=3000"], server.address + page.path)
            for text in page.finds {
                #expect(html.contains(text), "\(page.name) lacks \"\(text)\"")
            }
            try await Self.screenshot(page.name, server.address + page.path)
        }
    }

    private static func sendByPython(to address: String) async throws -> Sent {
        let python =
            ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
            ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()
        let script = Repository.root.appending(path: "Tests/EndToEndTests/Scripts/otel_client.py")
        let output = try await run(
            python, [script.path()],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_SERVICE_NAME": "till-backend",
            ])
        return try JSONDecoder().decode(Sent.self, from: Data(output.utf8))
    }

    /// Light and dark, wide and narrow, into a folder that git ignores.
    private static func screenshot(_ name: String, _ address: String) async throws {
        let folder = Repository.root.appending(path: "Screenshots")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (variant, options) in [
            ("light-wide", ["--window-size=1400,1000"]),
            ("dark-narrow", ["--window-size=500,1000", "--blink-settings=preferredColorScheme=0"]),
        ] {
            let file = folder.appending(path: "\(name)-\(variant).png").path()
            _ = try await chromium(
                options + ["--screenshot=\(file)", "--virtual-time-budget=3000"], address)
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            #expect(size > 5_000, "\(file) is nearly empty")
        }
    }

    private static func chromium(_ options: [String], _ address: String) async throws -> String {
        let profile = try TemporaryFolder()
        return try await run(
            "/usr/bin/chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-sync",
                "--disable-component-update", "--user-data-dir=\(profile.path)",
            ] + options + [address])
    }

    private static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw PerchProcess.Failure(
                description: "\(program) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
