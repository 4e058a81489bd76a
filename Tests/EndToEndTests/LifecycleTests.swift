import Foundation
import NIOCore
import PerchServer
import Testing

/// The real binary: start, reload, stop.
@Suite struct LifecycleTests {
    private static let line = Array("{\"level\":\"info\",\"msg\":\"hello\"}".utf8)

    @Test func startsFastAndStopsCleanly() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        // The promise is 1 s for the release binary on a quiet machine; this one is neither, but
        // the processor time that a start takes does not depend on who else is there.
        let metrics = try await HTTP.get("\(server.address)/metrics").text
        let used = try #require(metrics.firstMatch(of: /process_cpu_seconds_total ([0-9.]+)/))
        #expect(try #require(Double(used.1)) < 3)
        #expect(try await HTTP.get("\(server.address)/-/ready").status == 200)
        #expect(try await HTTP.post("\(server.address)/ingest/json", Self.line).status == 200)
        #expect(try await server.stop() == 0)
        let stopping = try #require(server.time(of: "stopping"))
        #expect(try #require(server.time(of: "stopped")).timeIntervalSince(stopping) < 5)
        let again = try await PerchProcess.start(dataPath: folder.path)
        defer { again.kill() }
        #expect(try await HTTP.events(again.address, "logs").count == 1)
    }

    @Test func aSecondProcessIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let second = try PerchProcess.launch(dataPath: folder.path)
        #expect(second.waitForExit() == 1)
        try await eventually("the reason") { second.log.contains("in use by another process") }
        #expect(server.terminate() == 0)
    }

    /// A start that fails half-way lets go of what it had, so that the next one finds it free.
    @Test func aFailedStartLeavesNothingLocked() async throws {
        let folder = try TemporaryFolder()
        // A file where a store wants a folder.
        try Data().write(to: URL(filePath: folder.path + "/series"))
        let data = folder.path
        for _ in 0..<2 {
            let failure = await #expect(throws: (any Error).self) {
                try await InProcess.run(dataPath: data) { (_, _) async throws in }
            }
            #expect(failure.map { !"\($0)".contains("in use") } == true)
        }
        try FileManager.default.removeItem(atPath: data + "/series")
        try await InProcess.run(dataPath: data) { (_, address) async throws in
            #expect(try await HTTP.get("\(address)/-/ready").status == 200)
        }
    }

    @Test func aNewerFolderIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        #expect(server.terminate() == 0)
        let format = folder.path + "/FORMAT"
        let text = try String(contentsOfFile: format, encoding: .utf8)
        try text.replacing("format 1", with: "format 99")
            .write(toFile: format, atomically: true, encoding: .utf8)
        await #expect {
            _ = try await PerchProcess.start(dataPath: folder.path)
        } throws: { error in
            "\(error)".contains("newer version")
        }
    }

    /// SIGHUP takes a good configuration, and keeps the old one when the new one is bad.
    @Test func reloadsOrKeepsWhatItHad() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/perch.yml"
        try "hosts: [one.example]\n".write(toFile: file, atomically: true, encoding: .utf8)
        let server = try await PerchProcess.start(
            dataPath: folder.path + "/data", arguments: ["--no-auth", "--config", file])
        defer { server.kill() }
        func expect(_ expected: Int, _ host: String) async throws {
            let address = "\(server.address)/metrics"
            let status = try await HTTP.get(address, headers: [("Host", host)]).status
            #expect(status == expected, "\(host)")
        }
        try await expect(200, "one.example")
        try await expect(403, "two.example")
        try "hosts: [two.example]\n".write(toFile: file, atomically: true, encoding: .utf8)
        server.signal(SIGHUP)
        try await eventually("the reload") { server.log.contains("configuration reloaded") }
        try await expect(200, "two.example")
        try "hosts: {no: list}\n".write(toFile: file, atomically: true, encoding: .utf8)
        server.signal(SIGHUP)
        try await eventually("the refusal") {
            server.log.contains("configuration kept as it was")
        }
        #expect(server.log.contains("perch.yml:1:8: hosts: expected a list of host names"))
        try await expect(200, "two.example")
        #expect(try await HTTP.post("\(server.address)/-/reload", []).status == 400)
    }

    /// What was being sent when SIGTERM came is either refused or there.
    @Test func sigtermLosesNothingAcknowledged() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        let address = server.address
        let acknowledged = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var count = 0
                    while let answer = try? await HTTP.post(
                        "\(address)/ingest/json", Self.line, timeout: .seconds(5)),
                        answer.status == 200
                    {
                        count += 1
                    }
                    return count
                }
            }
            try? await Task.sleep(for: .milliseconds(500))
            #expect(server.terminate() == 0)
            return await group.reduce(0, +)
        }
        #expect(acknowledged > 0)
        let again = try await PerchProcess.start(dataPath: folder.path)
        defer { again.kill() }
        let rows = try await HTTP.events(again.address, "logs").count
        // A request in flight may be stored although its answer was never read.
        #expect((acknowledged...acknowledged + 4).contains(rows))
    }
}
