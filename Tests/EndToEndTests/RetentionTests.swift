import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import PerchServer

/// What is kept follows the configuration, also while the server runs.
@Suite struct RetentionTests {
    private static let hour: Int64 = 3_600_000_000_000

    @Test func aReloadTakesANewRetention() async throws {
        let data = try TemporaryFolder()
        let retention = Mutex(PerchConfiguration.Retention())
        let holder = Mutex(PerchConfiguration())
        try await InProcess.run(
            dataPath: data.path,
            change: { configuration in holder.withLock { $0 = configuration } },
            reread: {
                var configuration = holder.withLock { $0 }
                configuration.retention = retention.withLock { $0 }
                return configuration
            }
        ) { (_, address) async throws in
            func send(_ name: String, hoursAgo: Int64) async throws -> Bool {
                let time = (SystemClock.now() - hoursAgo * Self.hour) / 1_000_000
                let line = "{\"time\":\(time),\"msg\":\"\(name)\"}"
                let answer = try await HTTP.post("\(address)/ingest/json", Array(line.utf8))
                return answer.status == 200 && !answer.text.contains("\"refused\":1")
            }
            func stored() async throws -> [String] {
                try await HTTP.events(address, "logs").compactMap { $0["body"] as? String }.sorted()
            }
            #expect(try await send("old", hoursAgo: 48))
            #expect(try await send("new", hoursAgo: 1))
            #expect(try await stored() == ["new", "old"])
            retention.withLock {
                $0.logsSeconds = 86_400
                $0.errorsSeconds = 86_400
            }
            let reload = try await HTTP.post("\(address)/-/reload", [])
            #expect(reload.status == 200)
            #expect(reload.text == "reloaded\n")
            #expect(try await stored() == ["new"])
            _ = try await send("too old now", hoursAgo: 48)
            retention.withLock { $0.logsSeconds = 30 * 86_400 }
            #expect(try await HTTP.post("\(address)/-/reload", []).status == 200)
            #expect(try await stored() == ["new", "old"], "the file was young enough to stay")
        }
    }

    /// The stores share one limit: what one leaves the other may take, and none is driven out.
    @Test(arguments: [
        (100, 0, 0, 100, 100), (100, 60, 40, 60, 40), (100, 10, 90, 25, 90),
        (100, 99, 1, 99, 25), (100, 300, 300, 25, 25), (0, 5, 5, 0, 0),
    ])
    func theDiskIsShared(
        _ total: Int, _ events: Int, _ series: Int, _ eventsMay: Int, _ seriesMay: Int
    ) {
        let parts = Stores.parts(of: total, events: events, series: series)
        #expect(parts.events == eventsMay)
        #expect(parts.series == seriesMay)
    }

    /// Over the limit the oldest files go, at the next look, after a reload as well.
    @Test func aReloadTakesANewLimitOfTheDisk() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/perch.yml"
        try "disk_limit: 1GB\n".write(toFile: file, atomically: true, encoding: .utf8)
        let server = try await PerchProcess.start(
            dataPath: folder.path + "/data", arguments: ["--no-auth", "--config", file])
        defer { server.kill() }
        for _ in 0..<4 {
            // What no compressor makes smaller.
            let lines = (0..<20).map { number in
                let bytes = (0..<37_500).map { _ in UInt8.random(in: 0...255) }
                return "{\"msg\":\"\(number) \(Data(bytes).base64EncodedString())\"}"
            }.joined(separator: "\n")
            let answer = try await HTTP.post("\(server.address)/ingest/json", Array(lines.utf8))
            #expect(answer.status == 200)
            #expect(try await HTTP.post("\(server.address)/-/flush", []).status == 200)
        }
        #expect(try await HTTP.events(server.address, "logs").count == 80)
        try "disk_limit: 2500KB\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await HTTP.post("\(server.address)/-/reload", []).text == "reloaded\n")
        var rows = 80
        for _ in 0..<60 where rows == 80 {
            try await Task.sleep(for: .seconds(1))
            rows = try await HTTP.events(server.address, "logs").count
        }
        #expect(rows < 80 && rows >= 20, "\(rows)")
    }
}
