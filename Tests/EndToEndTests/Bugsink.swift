import Foundation

/// Bugsink, a server of Sentry's protocol, with one project.
final class Bugsink: Sendable {
    struct Issue: Decodable {
        var type: String
        var value: String
        /// What its page shows.
        var page: String
    }

    private static let python =
        ProcessInfo.processInfo.environment["PERCH_TEST_BUGSINK"]
        ?? Repository.root.appending(path: ".venv-bugsink/bin/python3").path()
    private static let script =
        Repository.root.appending(path: "Tests/EndToEndTests/Scripts/bugsink_peer.py").path()

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python) }

    let dsn: String
    private let folder: String
    private let process: Process

    private init(dsn: String, folder: String, process: Process) {
        self.dsn = dsn
        self.folder = folder
        self.process = process
    }

    /// Starts it in a folder, and waits until it answers.
    static func start(_ folder: String) async throws -> Bugsink {
        let port = try PeerProcess.freePort()
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [script, "serve", folder, "\(port)"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<4800 where process.isRunning {
            if (try? await HTTP.get("http://127.0.0.1:\(port)/")) != nil { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard process.isRunning else {
            throw PerchProcess.Failure(description: "Bugsink did not start")
        }
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let dsn = said.split(separator: "\n").first.map(String.init) ?? ""
        return Bugsink(dsn: dsn, folder: folder, process: process)
    }

    /// What its pages show.
    func issues() throws -> [Issue] {
        let (text, status) = try PeerProcess.run(Self.python, [Self.script, "show", folder])
        guard status == 0, let line = text.split(separator: "\n").last else {
            throw PerchProcess.Failure(description: text)
        }
        return try JSONDecoder().decode([Issue].self, from: Data(line.utf8))
    }

    func stop() {
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        for _ in 0..<20 where process.isRunning { Thread.sleep(forTimeInterval: 0.05) }
        // It may have got a mask of signals from us that keeps the first from it.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
