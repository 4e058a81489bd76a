import Foundation
import Synchronization

/// The real binary as a child process, on a port that the system chose.
final class PerchProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private struct Output {
        var text = ""
        var port: Int?
    }

    let dataPath: String
    private let process: Mutex<Process>
    private let output = Mutex(Output())

    /// The port of the main listener.
    var port: Int { output.withLock { $0.port ?? 0 } }
    var address: String { "http://127.0.0.1:\(port)" }
    /// What the process wrote to standard error so far.
    var log: String { output.withLock { $0.text } }

    private init(process: Process, dataPath: String) {
        self.process = Mutex(process)
        self.dataPath = dataPath
    }

    /// Where the tested binary stands: beside the test bundle.
    static var binary: URL {
        let root = Repository.root
        return root.appending(path: ".build/debug/perch")
    }

    /// Starts `perch serve` and waits until it says that it is ready.
    static func start(
        dataPath: String, arguments: [String] = ["--no-auth"], environment: [String: String] = [:]
    ) async throws -> PerchProcess {
        let process = Process()
        process.executableURL = binary
        process.arguments =
            ["serve", "--data", dataPath, "--listen", "127.0.0.1:0"] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        let server = PerchProcess(process: process, dataPath: dataPath)
        pipe.fileHandleForReading.readabilityHandler = { [weak server] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            server?.take(String(decoding: data, as: UTF8.self))
        }
        try process.run()
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        while server.port == 0 {
            guard server.isRunning, clock.now < deadline else {
                server.kill()
                throw Failure(description: "perch did not start: \(server.log)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return server
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }
    var processIdentifier: Int32 { process.withLock { $0.processIdentifier } }

    /// Sends a signal to this process only.
    func signal(_ number: Int32) {
        if isRunning { Foundation.kill(processIdentifier, number) }
    }

    /// `kill -9`, and waits for the end.
    func kill() {
        signal(SIGKILL)
        process.withLock { $0 }.waitUntilExit()
    }

    /// SIGTERM, and waits; answers the exit status.
    @discardableResult
    func terminate() -> Int32 {
        signal(SIGTERM)
        let process = process.withLock { $0 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func take(_ text: String) {
        output.withLock { output in
            output.text += text
            guard output.port == nil else { return }
            for line in output.text.split(separator: "\n") where line.contains("\"ready\"") {
                guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
                    let address = (object as? [String: Any])?["address"] as? String,
                    let port = address.split(separator: ":").last.flatMap({ Int($0) })
                else { continue }
                output.port = port
            }
        }
    }
}

/// Where the checkout is.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// A folder for one test, removed at its end.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory
            .appending(path: "perch-test-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
