import Foundation
import PerchServer
import Testing

/// The real binary: start, reload, stop.
@Suite struct LifecycleTests {
    private static let line = Array("{\"level\":\"info\",\"msg\":\"hello\"}".utf8)

    @Test func startsFastAndStopsCleanly() async throws {
        let folder = try TemporaryFolder()
        let clock = ContinuousClock()
        let start = clock.now
        let server = try await PerchProcess.start(dataPath: folder.path)
        // The promise is 1 s for the release binary on a quiet machine; this one is neither.
        #expect(clock.now - start < .seconds(5))
        #expect(try await HTTP.get("\(server.address)/-/ready").status == 200)
        #expect(try await HTTP.post("\(server.address)/ingest/json", Self.line).status == 200)
        let stop = clock.now
        #expect(server.terminate() == 0)
        #expect(clock.now - stop < .seconds(5))
        #expect(server.log.contains("\"stopped\""))
        let again = try await PerchProcess.start(dataPath: folder.path)
        defer { again.kill() }
        #expect(try await HTTP.events(again.address, "logs").count == 1)
    }

    @Test func aSecondProcessIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        await #expect {
            _ = try await PerchProcess.start(dataPath: folder.path)
        } throws: { error in
            "\(error)".contains("in use by another process")
        }
    }

    @Test func aNewerFolderIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        server.terminate()
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
        try await eventually { server.log.contains("configuration reloaded") }
        try await expect(200, "two.example")
        try "hosts: {no: list}\n".write(toFile: file, atomically: true, encoding: .utf8)
        server.signal(SIGHUP)
        try await eventually { server.log.contains("configuration kept as it was") }
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
                    while let answer = try? await HTTP.post("\(address)/ingest/json", Self.line),
                        answer.status == 200
                    {
                        count += 1
                    }
                    return count
                }
            }
            try? await Task.sleep(for: .milliseconds(500))
            server.terminate()
            return await group.reduce(0, +)
        }
        #expect(acknowledged > 0)
        let again = try await PerchProcess.start(dataPath: folder.path)
        defer { again.kill() }
        let rows = try await HTTP.events(again.address, "logs").count
        // A request in flight may be stored although its answer was never read.
        #expect((acknowledged...acknowledged + 4).contains(rows))
    }

    private func eventually(_ condition: () -> Bool) async throws {
        for _ in 0..<500 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("did not happen within 5 s")
    }
}
