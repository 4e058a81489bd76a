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

    /// RET-1, RET-2: what would not be shown is refused and counted, by level, at every door.
    @Test func recordsBetweenTheTwoAgesAreRefusedByTheirLevel() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let time = SystemClock.now() - 40 * 24 * Self.hour
            let lines = """
                {"time":\(time),"level":"info","msg":"info"}
                {"time":\(time),"level":"error","msg":"error"}
                """
            let told = try await HTTP.post("\(address)/ingest/json", Array(lines.utf8))
            #expect(told.text.contains(#""accepted":1,"plain":0,"refused":1"#), "\(told.text)")
            let push = """
                {"streams":[{"stream":{"app":"a","level":"info"},"values":[["\(time)","info"]]},\
                {"stream":{"app":"a","level":"error"},"values":[["\(time)","error"]]}]}
                """
            let json = [("Content-Type", "application/json")]
            let pushed = try await HTTP.post(
                "\(address)/loki/api/v1/push", Array(push.utf8), headers: json)
            #expect(pushed.status == 400)
            #expect(pushed.text.hasPrefix("1 entries refused, all others taken"), "\(pushed.text)")
            let bulk = """
                {"create":{}}
                {"@timestamp":\(time),"level":"info","message":"info"}
                {"create":{}}
                {"@timestamp":\(time),"level":"error","message":"error"}

                """
            let items = try await HTTP.post("\(address)/_bulk", Array(bulk.utf8)).text
            #expect(
                items.contains(#""status":400"#) && items.contains(#""status":201"#), "\(items)")
            let records = [9, 17].map { number in
                """
                {"timeUnixNano":"\(time)","severityNumber":\(number),"body":{"stringValue":\
                "\(number == 17 ? "error" : "info")"}}
                """
            }
            let otlp = """
                {"resourceLogs":[{"scopeLogs":[{"logRecords":[\(records.joined(separator: ","))]}]}]}
                """
            let partial = try await HTTP.post(
                "\(address)/v1/logs", Array(otlp.utf8), headers: json)
            #expect(partial.status == 200)
            #expect(partial.text.contains(#""rejectedLogRecords":"1""#), "\(partial.text)")
            let bodies = try await HTTP.events(address, "logs").compactMap { $0["body"] as? String }
            #expect(bodies == ["error", "error", "error", "error"])
            let metrics = try await HTTP.get("\(address)/metrics").text
            for source in ["json_lines", "loki", "bulk", "otlp_logs"] {
                let line = #"perch_refused_records_total{source="\#(source)",reason="too_old"} 1"#
                #expect(metrics.contains(line + "\n"), "\(source)")
            }
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
