import Foundation
import Testing

@testable import PerchServer

/// Connections never take the descriptors that the stores need.
@Suite struct DescriptorTests {
    @Test(arguments: [
        (4_096, 1 << 20, 2, 4_096), (4_096, 1_024, 1, 768), (4_096, 1_024, 2, 384),
        (100, 1_024, 1, 100), (4_096, 64, 1, 32), (4_096, 1, 2, 1),
    ])
    func theLimitOfConnectionsFollowsThatOfDescriptors(
        _ configured: Int, _ descriptors: Int, _ listeners: Int, _ expected: Int
    ) {
        #expect(
            DescriptorLimit.connectionsMax(
                configured: configured, descriptors: descriptors, listenerCount: listeners)
                == expected)
    }

    @Test func theLimitIsRaised() {
        var before = rlimit()
        // Safe: the kernel fills the struct that is ours for the call.
        #if os(Linux)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        #else
            unsafe getrlimit(RLIMIT_NOFILE, &before)
        #endif
        let raised = DescriptorLimit.raise()
        #expect(raised >= Int(clamping: before.rlim_cur))
        #expect(raised == Int(clamping: min(before.rlim_max, 1 << 20)))
    }

    /// More clients than descriptors: the others wait, and the stores go on.
    @Test func aCrowdDoesNotBreakTheStores() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(
            dataPath: folder.path, shell: "ulimit -n 64")
        defer { server.kill() }
        #expect(server.log.contains("fewer connections than configured"))
        let line = Array("{\"msg\":\"hello\"}".utf8)
        #expect(try await HTTP.post("\(server.address)/ingest/json", line).status == 200)
        var crowd: [HeldConnection] = []
        for _ in 0..<100 {
            crowd.append(try await HeldConnection.open(port: server.port, send: "GET /"))
        }
        try await Task.sleep(for: .milliseconds(300))
        for held in crowd { await held.close() }
        #expect(try await HTTP.post("\(server.address)/ingest/json", line).status == 200)
        #expect(try await HTTP.post("\(server.address)/-/flush", []).status == 200)
        #expect(try await HTTP.post("\(server.address)/ingest/json", line).status == 200)
        #expect(try await HTTP.events(server.address, "logs").count == 3)
        #expect(server.terminate() == 0)
    }
}
