import Foundation
import Synchronization

/// A program of somebody else that runs beside the server during a test.
final class PeerProcess: Sendable {
    /// Debian's program of that name, unpacked by Scripts/test-tools.sh; nil where there is none.
    static func tool(_ name: String) -> String? {
        let path = Repository.root.appending(path: ".tools-tests/usr/bin/\(name)").path()
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// A port of loopback that nobody listens on.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw PerchProcess.Failure(description: "no socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safe: `address` lives throughout the calls, and `length` is its size.
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, length) == 0
                    ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard status == 0 else { throw PerchProcess.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private let process: Mutex<Process>

    /// Starts a program; its output is thrown away.
    init(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
    }

    func stop() {
        let process = process.withLock { $0 }
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        for _ in 0..<40 where process.isRunning { Thread.sleep(forTimeInterval: 0.05) }
        // A program may have got a mask of signals from us that keeps the first from it.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Starts Debian's Prometheus with an empty folder and answers its address when it is ready.
    static func prometheus(
        _ folder: String, configuration: String, flags: [String] = []
    ) async throws -> (PeerProcess, String) {
        guard let program = tool("prometheus") else {
            throw PerchProcess.Failure(description: "no prometheus in .tools-tests")
        }
        let port = try freePort()
        let process = try PeerProcess(
            program,
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(folder)/tsdb",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
            ] + flags)
        let address = "http://127.0.0.1:\(port)"
        for _ in 0..<200 {
            if (try? await HTTP.get(address + "/-/ready"))?.status == 200 {
                return (process, address)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        process.stop()
        throw PerchProcess.Failure(description: "prometheus did not start")
    }

    /// What a program that ends wrote to standard output, and its exit status.
    static func run(
        _ program: String, _ arguments: [String], input: String? = nil
    ) throws -> (output: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let source = Pipe()
        process.standardInput = source
        try process.run()
        if let input { try source.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
        try source.fileHandleForWriting.close()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }
}
