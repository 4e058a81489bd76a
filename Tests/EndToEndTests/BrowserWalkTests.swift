import Foundation
import Testing

/// The pages in a real browser, walked through by scripts (Playwright in Python, Debian's Chromium)
/// against a server that the demo shop fills: no mistake on the console, no request elsewhere, no
/// page wider than a phone, accessible as far as axe can tell.
///
/// One script after the other: a browser wants a core for itself.
@Suite(.serialized) struct BrowserWalkTests {
    private static var shop: String {
        PerchProcess.binary.deletingLastPathComponent().appending(path: "shop").path()
    }

    private static var isPossible: Bool {
        FileManager.default.isExecutableFile(atPath: shop)
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")
    }

    /// COR-5, COR-7, DB-11, DB-14, DB-17: each script starts with fresh pages.
    @Test(
        .enabled(if: isPossible, "the shop is not built, or there is no Chromium"),
        .timeLimit(.minutes(10)),
        arguments: [
            "browser_pages.py", "browser_logs.py", "browser_traces.py", "browser_hostile.py",
        ])
    func everyPageCanBeWalkedThrough(_ name: String) async throws {
        let script = Repository.root.appending(path: "Tests/EndToEndTests/Scripts/\(name)")
        try #require(FileManager.default.fileExists(atPath: script.path()))
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path + "/data")
        defer { server.kill() }
        let shop = Process()
        shop.executableURL = URL(filePath: Self.shop)
        shop.arguments = [
            "--endpoint", server.address, "--rate", "40", "--duration", "600", "--quiet",
            "--incident", "bad_deploy", "--port", "\(try PeerProcess.freePort())",
        ]
        shop.standardOutput = FileHandle.nullDevice
        shop.standardError = FileHandle.nullDevice
        try shop.run()
        defer { if shop.isRunning { kill(shop.processIdentifier, SIGKILL) } }
        try await Self.waitForCalls(server.address)
        try await Self.walk(script.path(), server.address, folder.path + "/told.txt")
    }

    /// Waits until the shop's requests and spans are counted; the latter are written every 15
    /// seconds.
    private static func waitForCalls(_ address: String) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(40)
        var counted: Set<String> = []
        while clock.now < deadline {
            for name in ["http_requests_total", "traces_span_metrics_calls_total"]
            where !counted.contains(name) {
                let answer = try await HTTP.get("\(address)/api/v1/query?query=count(\(name))")
                // Without a series the list of results is empty.
                if answer.status == 200, answer.text.contains("\"value\":") {
                    counted.insert(name)
                }
            }
            if counted.count == 2 { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw PerchProcess.Failure(
            description: "the shop was not counted in 40 s, only \(counted.sorted())")
    }

    /// Runs a script; the file `errors` takes what it says.
    private static func walk(_ script: String, _ address: String, _ errors: String) async throws {
        let python =
            ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
            ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            script, address, Repository.root.appending(path: "Screenshots").path(),
        ]
        try Data().write(to: URL(filePath: errors))
        let output = try FileHandle(forWritingTo: URL(filePath: errors))
        defer { try? output.close() }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        defer { end(process) }
        // The limit of time cancels this task, and sleeping with it.
        while process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        let told = try Data(contentsOf: URL(filePath: errors))
        #expect(
            process.terminationStatus == 0,
            "\(String(decoding: told.suffix(3_000), as: UTF8.self))")
    }

    /// Kills a program that still runs, and Playwright's driver with it where both are a group of
    /// their own; the browser ends when the driver's end of their pipe closes.
    private static func end(_ process: Process) {
        guard process.isRunning else { return }
        let number = process.processIdentifier
        kill(getpgid(number) == number ? -number : number, SIGKILL)
    }
}
