import Foundation
import NIOCore
import PerchServer
import Testing

/// A stop takes less than five seconds, whatever clients are doing.
@Suite struct ShutdownTests {
    private static let halfBody =
        "POST /ingest/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"msg\":"
    private static let whole = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let line = Array("{\"level\":\"info\",\"msg\":\"hello\"}".utf8)

    /// How long the server takes to stop after `body`.
    private static func stopTime(
        after body: @Sendable (Server.Running, String) async throws -> Void,
        change: (inout PerchConfiguration) -> Void = { _ in }
    ) async throws -> Duration {
        let data = try TemporaryFolder()
        let clock = ContinuousClock()
        let start = try await InProcess.run(dataPath: data.path, change: change) {
            (running, address) async throws in
            try await body(running, address)
            return clock.now
        }
        return clock.now - start
    }

    @Test func withoutClientsItTakesNoTime() async throws {
        let time = try await Self.stopTime { (_, _) async throws in
        }
        #expect(time < .seconds(2))
    }

    @Test func anIdleConnectionIsClosedAtOnce() async throws {
        let time = try await Self.stopTime { (running, _) async throws in
            let idle = try await HeldConnection.open(port: running.address.port, send: Self.whole)
            try await eventually("an answer") { idle.received.contains("200 OK") }
        }
        #expect(time < .seconds(2))
    }

    @Test func halfABodyIsNotWaitedForLong() async throws {
        let time = try await Self.stopTime { (running, _) async throws in
            _ = try await HeldConnection.open(port: running.address.port, send: Self.halfBody)
            // Both listeners' clients must run out of time together, not one after the other.
            let otlp = try #require(running.otlpAddress)
            _ = try await HeldConnection.open(
                port: otlp.port,
                send: Self.halfBody.replacing("/ingest/json", with: "/v1/logs"))
            try await Task.sleep(for: .milliseconds(200))
        } change: {
            $0.otlpHTTP = ListenAddress(host: "127.0.0.1", port: 0)
        }
        #expect(time > .seconds(2), "a request in progress gets some time")
        #expect(time < .seconds(5))
    }

    @Test func aReaderThatDoesNotReadIsNotWaitedForLong() async throws {
        let time = try await Self.stopTime { (running, address) async throws in
            // More than the buffers of both sides of a connection hold.
            let text = String(repeating: "x", count: 60_000)
            let lines = (0..<100).map { "{\"msg\":\"\($0) \(text)\"}" }
            for _ in 0..<4 {
                let answer = try await HTTP.post(
                    "\(address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
                #expect(answer.status == 200)
            }
            _ = try await HeldConnection.open(
                port: running.address.port,
                send: "GET /api/v1/events/logs?limit=0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                reads: false)
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(time > .seconds(2), "the answer did not block, so this shows nothing")
        #expect(time < .seconds(5))
    }

    /// A request that was there before the stop is answered, and what it brought is kept.
    @Test func aRequestInProgressEndsWell() async throws {
        let data = try TemporaryFolder()
        let client = try await InProcess.run(dataPath: data.path) {
            (running, _) async throws in
            let body = "{\"msg\":\"at the last moment\"}"
            let client = try await HeldConnection.open(
                port: running.address.port,
                send: """
                    POST /ingest/json HTTP/1.1\r\nHost: localhost\r\n\
                    Content-Length: \(body.utf8.count)\r\n\r\n{
                    """)
            try await Task.sleep(for: .milliseconds(100))
            await running.stop()
            try await Task.sleep(for: .milliseconds(500))
            try await client.send(String(body.dropFirst()))
            return client
        }
        try await eventually("an answer") { client.received.contains("200 OK") }
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            #expect(try await HTTP.events(address, "logs").count == 1)
        }
    }

    /// LIFE-3: a balancer sees 503 while requests are still answered.
    @Test func readinessFallsFirst() async throws {
        let data = try TemporaryFolder()
        let statuses = try await InProcess.run(dataPath: data.path) {
            (running, address) async throws in
            #expect(try await HTTP.get("\(address)/-/ready").status == 200)
            await running.stop()
            var statuses: [Int] = []
            while let answer = try? await HTTP.send(
                "GET", "\(address)/-/ready", timeout: .seconds(1))
            {
                statuses.append(answer.status)
                try await Task.sleep(for: .milliseconds(5))
            }
            return statuses
        }
        #expect(statuses.contains(503))
        #expect(statuses.last == 503)
    }

    /// The same with the real binary, all at once, by SIGTERM and with status 0.
    @Test func theBinaryStopsInTimeWithStatusZero() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        let held = [
            try await HeldConnection.open(port: server.port, send: Self.halfBody),
            try await HeldConnection.open(port: server.port, send: Self.whole),
            try await HeldConnection.open(port: server.port, send: "GET /metr"),
        ]
        try await Task.sleep(for: .milliseconds(300))
        let clock = ContinuousClock()
        let start = clock.now
        #expect(server.terminate() == 0)
        #expect(clock.now - start < .seconds(5))
        for connection in held { await connection.close() }
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
            server.signal(SIGTERM)
            #expect(server.waitForExit() == 0, "after \(delay) ms")
        }
    }
}

/// Waits up to ten seconds for something to become true.
func eventually(
    _ what: String, _ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    for _ in 0..<1_000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(what) did not come within 10 s", sourceLocation: sourceLocation)
}
