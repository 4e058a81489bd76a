import Foundation

/// A shell script beside the tests, for clients that must act at certain moments: the tests share
/// their threads with much computation, and a script of its own does not.
enum Shell {
    /// Runs a script by bash, which has TCP connections as `/dev/tcp`; answers what it wrote.
    static func run(_ script: String, environment: [String: String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }
}
