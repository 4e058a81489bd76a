import Foundation
import Testing

/// The pages in a real browser, walked through by scripts (Playwright in Python, Debian's Chromium)
/// against a server that the demo shop fills: no mistake on the console, no request elsewhere, no
/// page wider than a phone, accessible as far as axe can tell.
@Suite struct BrowserWalkTests {
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
        arguments: ["browser_pages.py", "browser_logs.py", "browser_traces.py"])
    func everyPageCanBeWalkedThrough(_ name: String) async throws {
        let script = Repository.root.appending(path: "Tests/EndToEndTests/Scripts/\(name)")
        try #require(FileManager.default.fileExists(atPath: script.path()))
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
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
        // Counts of spans are written every 15 seconds.
        try await Task.sleep(for: .seconds(20))
        try await Self.walk(script.path(), server.address)
    }

    private static func walk(_ script: String, _ address: String) async throws {
        let python =
            ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
            ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            script, address, Repository.root.appending(path: "Screenshots").path(),
        ]
        let pipe = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        let told = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(
            process.terminationStatus == 0,
            "\(String(decoding: told.suffix(3_000), as: UTF8.self))")
    }
}
