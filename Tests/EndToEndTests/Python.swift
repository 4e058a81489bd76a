import Foundation

/// The Python of the tests, with unmodified clients in pinned versions.
enum Python {
    static var program: String {
        ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
            ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()
    }

    /// Whether a module is there; an older environment may lack it.
    static func has(_ module: String) -> Bool {
        let program = "import importlib, sys; importlib.import_module('\(module)')"
        return (try? PeerProcess.run(Self.program, ["-c", program]))?.status == 0
    }

    /// Where a script of ours stands.
    static func script(_ name: String) -> String {
        Repository.root.appending(path: "Tests/EndToEndTests/Scripts/\(name)").path()
    }

    /// What a script of ours prints; throws when it fails, or takes over a minute.
    static func run(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [Self.script(script)] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let end = ContinuousClock.now + .seconds(60)
        // Looks now and then: a thread that waits would be missing to the server under test.
        while process.isRunning {
            if ContinuousClock.now > end { process.terminate() }
            try await Task.sleep(for: .milliseconds(20))
        }
        guard process.terminationStatus == 0 else {
            let told = String(
                decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw PerchProcess.Failure(
                description: "\(script) ended with \(process.terminationStatus): \(told)")
        }
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }
}
