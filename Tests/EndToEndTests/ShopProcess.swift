import Foundation

/// The demo shop that was built beside the tested binary.
enum ShopProcess {
    static var program: String {
        PerchProcess.binary.deletingLastPathComponent().appending(path: "shop").path()
    }

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// Runs the shop during `body`, then lets it end by itself, or tells it to; answers its status.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], isStopped: Bool = false,
        whileRunning body: () async throws -> Void
    ) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments + ["--quiet"]
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        try await body()
        if isStopped { kill(process.processIdentifier, SIGTERM) }
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return process.terminationStatus
    }
}
