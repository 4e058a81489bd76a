import Foundation
import PerchServer
import Testing

/// A stop takes less than five seconds, whatever clients are doing, and loses nothing.
///
/// With the real binary, whose log tells the times: this process may be busy with other tests.
@Suite struct ShutdownTests {
    private static let halfBody =
        "POST /ingest/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"msg\":"
    private static let whole = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// How long the server takes from SIGTERM to its last word, after `body`.
    private static func stopTime(
        after body: (PerchProcess) async throws -> Void
    ) async throws -> TimeInterval {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(
            dataPath: folder.path, environment: ["PERCH_OTLP_HTTP": "127.0.0.1:0"])
        defer { server.kill() }
        try await body(server)
        #expect(try await server.stop() == 0)
        let stopping = try #require(server.time(of: "stopping"))
        return try #require(server.time(of: "stopped")).timeIntervalSince(stopping)
    }

    @Test func withoutClientsItTakesNoTime() async throws {
        let time = try await Self.stopTime { _ in }
        #expect(time < 2)
    }

    @Test func anIdleConnectionIsClosedAtOnce() async throws {
        let time = try await Self.stopTime { server in
            let idle = try await HeldConnection.open(port: server.port, send: Self.whole)
            try await eventually("an answer") { idle.received.contains("200 OK") }
        }
        #expect(time < 2)
    }

    @Test func halfABodyIsNotWaitedForLong() async throws {
        let time = try await Self.stopTime { server in
            _ = try await HeldConnection.open(port: server.port, send: Self.halfBody)
            // Both listeners' clients must run out of time together, not one after the other.
            _ = try await HeldConnection.open(
                port: try #require(server.otlpPort),
                send: Self.halfBody.replacing("/ingest/json", with: "/v1/logs"))
            // Half a head is no request yet, and is not waited for at all.
            _ = try await HeldConnection.open(port: server.port, send: "GET /metr")
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(time > 2, "a request in progress gets some time")
        #expect(time < 5)
    }

    @Test func aReaderThatDoesNotReadIsNotWaitedForLong() async throws {
        let time = try await Self.stopTime { server in
            // More than the buffers of both sides of a connection hold.
            let text = String(repeating: "x", count: 60_000)
            let lines = (0..<100).map { "{\"msg\":\"\($0) \(text)\"}" }
            for _ in 0..<4 {
                let answer = try await HTTP.post(
                    "\(server.address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
                #expect(answer.status == 200)
            }
            _ = try await HeldConnection.open(
                port: server.port,
                send: "GET /api/v1/events/logs?limit=0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                reads: false)
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(time > 2, "the answer did not block, so this shows nothing")
        #expect(time < 5)
    }

    /// A request that was there before the stop is answered, and what it brought is kept.
    @Test func aRequestInProgressEndsWell() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let answer = try await Shell.run(
            """
            exec 3<>/dev/tcp/127.0.0.1/$PORT
            printf 'POST /ingest/json HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 16\\r\\n\\r\\n{' >&3
            sleep 0.3
            kill -TERM $PID
            sleep 0.7
            printf '"msg":"at end"}' >&3
            head -n 1 <&3
            """, environment: ["PORT": "\(server.port)", "PID": "\(server.processIdentifier)"])
        #expect(answer.contains("200 OK"), "\(answer)")
        #expect(try await server.waitForEnd() == 0)
        let again = try await PerchProcess.start(dataPath: folder.path)
        defer { again.kill() }
        let bodies = try await HTTP.events(again.address, "logs").map { $0["body"] as? String }
        #expect(bodies == ["at end"])
    }

    /// LIFE-3: a balancer sees 503 while requests are still answered.
    @Test func readinessFallsFirst() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let answers = try await Shell.run(
            """
            ask() {
                exec 3<>/dev/tcp/127.0.0.1/$PORT || exit 0
                printf "GET $1 HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" >&3
                read -r _ status _ <&3 && echo "$1 $status"
                exec 3>&-
            }
            ask /-/ready
            kill -TERM $PID
            for _ in 1 2 3 4 5 6 7 8 9 10; do ask /-/ready; ask /-/healthy; sleep 0.02; done
            """, environment: ["PORT": "\(server.port)", "PID": "\(server.processIdentifier)"])
        #expect(answers.hasPrefix("/-/ready 200\n"))
        #expect(answers.contains("/-/ready 503\n/-/healthy 200\n"), "\(answers)")
        #expect(!answers.contains("/-/ready 503\n/-/ready 200"))
        #expect(try await server.waitForEnd() == 0)
    }

    /// Signals at any moment: SIGHUP never ends it, SIGTERM ends it in order.
    @Test func earlySignalsFindTheirHandlers() async throws {
        let folder = try TemporaryFolder()
        for delay in [0, 5, 10, 20, 40, 80, 160] {
            let server = try PerchProcess.launch(dataPath: folder.path)
            // The dynamic linker comes first, and no program can do anything about that.
            try await eventually("its first word") { server.hasBegun }
            try await Task.sleep(for: .milliseconds(delay))
            server.signal(SIGHUP)
            #expect(try await server.stop() == 0, "after \(delay) ms")
        }
    }
}

/// Waits up to thirty seconds for something to become true.
func eventually(
    _ what: String, _ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    for _ in 0..<3_000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(what) did not come within 30 s", sourceLocation: sourceLocation)
}
