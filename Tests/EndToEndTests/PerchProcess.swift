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
        var otlpPort: Int?
        var isComplete = false
    }

    let dataPath: String
    private let process: Mutex<Process>
    private let output = Mutex(Output())

    /// The port of the main listener.
    var port: Int { output.withLock { $0.port ?? 0 } }
    /// The port of the second listener for OTLP, when there is one.
    var otlpPort: Int? { output.withLock { $0.otlpPort } }
    var address: String { "http://127.0.0.1:\(port)" }
    /// What the process wrote to standard error so far.
    var log: String { output.withLock { $0.text } }

    private init(process: Process, dataPath: String) {
        self.process = Mutex(process)
        self.dataPath = dataPath
    }

    /// The tested binary: the one that `PERCH_BINARY` names, else the one that was built beside the
    /// tests, else that of the checkout.
    static var binary: URL {
        if let path = ProcessInfo.processInfo.environment["PERCH_BINARY"] {
            return URL(filePath: path)
        }
        // The test runner stands in the folder of products, or in a bundle within it (macOS).
        var folder = URL(filePath: ProcessInfo.processInfo.arguments.first ?? "")
            .deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appending(path: "perch")
            if FileManager.default.isExecutableFile(atPath: candidate.path()) { return candidate }
            folder.deleteLastPathComponent()
        }
        return Repository.root.appending(path: ".build/debug/perch")
    }

    /// Starts `perch serve` and waits until it says that it is ready.
    ///
    /// `shell` runs before it in the same process, for limits.
    static func start(
        dataPath: String, arguments: [String] = ["--no-auth"], environment: [String: String] = [:],
        shell: String? = nil
    ) async throws -> PerchProcess {
        let server = try launch(
            dataPath: dataPath, arguments: arguments, environment: environment, shell: shell)
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

    /// As `start`, and waits for nothing.
    static func launch(
        dataPath: String, arguments: [String] = ["--no-auth"], environment: [String: String] = [:],
        shell: String? = nil
    ) throws -> PerchProcess {
        let process = Process()
        let words = ["serve", "--data", dataPath, "--listen", "127.0.0.1:0"] + arguments
        if let shell {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "\(shell) && exec \"$@\"", "sh", binary.path()] + words
        } else {
            process.executableURL = binary
            process.arguments = words
        }
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        let server = PerchProcess(process: process, dataPath: dataPath)
        pipe.fileHandleForReading.readabilityHandler = { [weak server] handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                server?.output.withLock { $0.isComplete = true }
            }
            server?.take(String(decoding: data, as: UTF8.self))
        }
        try process.run()
        return server
    }

    /// Whether it has said anything: its signal handlers stand from then on.
    var hasBegun: Bool { log.contains("\"starting\"") }
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

    /// SIGTERM, and waits; answers the exit status, or the signal with a minus when one ended it.
    @discardableResult
    func terminate() -> Int32 {
        signal(SIGTERM)
        return waitForExit()
    }

    /// As `terminate`, and takes no thread while it waits.
    func stop() async throws -> Int32 {
        signal(SIGTERM)
        return try await waitForEnd()
    }

    /// As `stop`, for a process that ends by itself.
    func waitForEnd() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(10)) }
        let status = waitForExit()
        // The last words may still be in the pipe.
        for _ in 0..<300 where !isLogComplete { try await Task.sleep(for: .milliseconds(10)) }
        return status
    }

    private var isLogComplete: Bool { output.withLock { $0.isComplete } }

    /// When the log said `message` first.
    func time(of message: String) -> Date? {
        for line in log.split(separator: "\n") {
            guard
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
                    as? [String: Any], object["message"] as? String == message,
                let time = object["time"] as? String
            else { continue }
            return try? Date(
                time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        }
        return nil
    }

    /// As `terminate`, for a process that ends by itself.
    func waitForExit() -> Int32 {
        let process = process.withLock { $0 }
        process.waitUntilExit()
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? -status : status
    }

    private func take(_ text: String) {
        output.withLock { output in
            output.text += text
            guard output.port == nil else { return }
            for line in output.text.split(separator: "\n") where line.contains("\"ready\"") {
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
                func port(_ key: String) -> Int? {
                    let address = (object as? [String: Any])?[key] as? String
                    return address?.split(separator: ":").last.flatMap { Int($0) }
                }
                guard let main = port("address") else { continue }
                output.otlpPort = port("otlp_http")
                output.port = main
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
