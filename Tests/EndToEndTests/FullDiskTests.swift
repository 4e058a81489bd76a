import Foundation
import NIOHTTP1
import Testing

/// The real binary on a file system that has no room left.
///
/// The file system is one in memory that only the server's process sees, which takes the rights of
/// an administrator of the machine.
@Suite struct FullDiskTests {
    private static let canMount: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["--mount", "/bin/mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private static func start(_ folder: String) async throws -> PerchProcess {
        // Becomes the server in the end, so the process is the same.
        let mount = """
            exec unshare --mount /bin/sh -c 'mount -t tmpfs -o size=48m tmpfs "$0" \
            && exec "$@"' '\(folder)' "$@"; true
            """
        return try await PerchProcess.start(
            dataPath: folder + "/data", environment: ["PERCH_FREE_SPACE_MIN": "0"], shell: mount)
    }

    /// Samples of twenty series in one body, one time each.
    private static func send(_ address: String, round: Int, now: Int) async throws -> HTTP.Answer {
        var text = ""
        for series in 0..<20 {
            let padding = String(repeating: "\(series % 10)", count: 1_000)
            text += "full{part=\"\(series)\",round=\"\(round / 8)\",pad=\"\(padding)\"} "
            text += "\(round) \(now + round * 10)\n"
        }
        return try await HTTP.post(
            address + "/api/v1/import/prometheus", Array(text.utf8),
            headers: [("Content-Type", "text/plain")])
    }

    private static func count(_ address: String) async throws -> String {
        try await HTTP.get(
            "\(address)/api/v1/query?query=sum(count_over_time(full%5B1h%5D))"
        ).text
    }

    private static func milliseconds() -> Int { Int(Date().timeIntervalSince1970 * 1_000) }

    /// MET-6: an agent that is told 503 while the disk is full sends everything when there is room.
    @Test(
        .enabled(
            if: canMount && PeerProcess.tool("prometheus") != nil,
            "no right to mount, or no prometheus in .tools-tests"), .timeLimit(.minutes(5)))
    func anAgentLosesNothingMeanwhile() async throws {
        let folder = try TemporaryFolder()
        let agentFolder = try TemporaryFolder()
        let server = try await Self.start(folder.path)
        defer { server.kill() }
        let agent = try Agent.start(agentFolder.path, port: server.port)
        defer { agent.stop() }
        #expect(try await Agent.wait(server.address, after: 0).isEmpty == false)
        let inside = "/proc/\(server.processIdentifier)/root\(folder.path)"
        let ballast = inside + "/ballast"
        let rest = try Shell.available(inside)
        try Data(repeating: 1, count: max(0, rest - 100_000)).write(to: URL(filePath: ballast))
        let now = Self.milliseconds() - 600_000
        var round = 0
        while try await Self.send(server.address, round: round, now: now).status == 204 {
            round += 1
            try #require(round < 5_000)
        }
        // Nothing of the agent is taken from now on, also where a small request might have fitted.
        var refusals: [Int] = []
        for _ in 0..<200 where refusals.count < 40 {
            try await Task.sleep(for: .milliseconds(100))
            let line = try await HTTP.get("\(server.address)/metrics").lines.first {
                $0.hasPrefix(
                    "perch_refused_records_total{source=\"remote_write\",reason=\"no_space\"} ")
            }
            if let count = line?.split(separator: " ").last.flatMap({ Int($0) }), count > 0 {
                refusals.append(count)
            }
        }
        #expect(refusals.last ?? 0 > refusals.first ?? 0, "\(refusals)")
        let last = try #require(try await Agent.times(server.address).last)
        #expect(Self.milliseconds() - last > 3_000, "nothing was held back")
        try FileManager.default.removeItem(atPath: ballast)
        let times = try await Agent.wait(server.address, after: Self.milliseconds() + 1_000)
        agent.stop()
        #expect(times.last ?? 0 > last + 4_000)
        Agent.expectGapless(times)
    }

    @Test(.enabled(if: canMount, "no right to mount"), .timeLimit(.minutes(5)))
    func writesAreRefusedReadsGoOnAndRoomHelps() async throws {
        let folder = try TemporaryFolder()
        let server = try await Self.start(folder.path)
        defer { server.kill() }
        let inside = "/proc/\(server.processIdentifier)/root\(folder.path)"
        let now = Int(Date().timeIntervalSince1970) * 1_000 - 600_000
        #expect(try await Self.send(server.address, round: 0, now: now).status == 204)
        // Somebody else's file takes nearly all that is left.
        let rest = try Shell.available(inside)
        let ballast = inside + "/ballast"
        try Data(repeating: 1, count: max(0, rest - 400_000)).write(to: URL(filePath: ballast))
        var round = 1
        var answer = try await Self.send(server.address, round: round, now: now)
        while answer.status == 204, round < 5_000 {
            round += 1
            answer = try await Self.send(server.address, round: round, now: now)
        }
        #expect(answer.status == 503, "\(answer.status) \(answer.text)")
        #expect(answer.headers.first(name: "Retry-After") != nil)
        let line = Array(
            "{\"level\":\"info\",\"msg\":\"\(String(repeating: "x", count: 9_000))\"}".utf8)
        var logs = 200
        for _ in 0..<500 where logs == 200 {
            logs = try await HTTP.post("\(server.address)/ingest/json", line).status
        }
        #expect(logs == 503)
        // What was taken is there, and a flush that fails loses nothing of it.
        _ = try await HTTP.post("\(server.address)/-/flush", [])
        let wanted = "\"\(20 * round)\"]"
        #expect(try await Self.count(server.address).contains(wanted))
        let metrics = try await HTTP.get("\(server.address)/metrics").text
        let refused = "perch_refused_records_total{source=\"text_import\",reason=\"no_space\"} "
        #expect(metrics.contains("\n" + refused), "\(metrics)")
        #expect(!metrics.contains("reason=\"store_failed\""))

        try FileManager.default.removeItem(atPath: ballast)
        for _ in 0..<100 where answer.status != 204 {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await Self.send(server.address, round: round, now: now)
        }
        #expect(answer.status == 204, "\(answer.text)")
        #expect(try await HTTP.post("\(server.address)/-/compact", []).status < 300)
        let all = try await Self.count(server.address)
        #expect(all.contains("\"\(20 * (round + 1))\"]"), "\(round): \(all)")
        #expect(try await HTTP.post("\(server.address)/ingest/json", line).status == 200)
    }

    /// A request with ten records or spans of a kilobyte each.
    private static func sendEvents(
        _ address: String, _ round: Int, isSpans: Bool
    ) async throws -> HTTP.Answer {
        // What no compressor makes much smaller.
        let pad = (0..<10).map { _ in
            (0..<64).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        }
        guard isSpans else {
            let lines = pad.map { #"{"msg":"full \#($0)","round":\#(round)}"# }
            return try await HTTP.post(
                "\(address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
        }
        let now = Int64(Date().timeIntervalSince1970) * 1_000_000_000
        let trace = String(format: "%032x", round + 1)
        let spans = pad.enumerated().map { number, text in
            let id = String(format: "%016x", number + 1)
            return #"{"name":"full","traceId":"\#(trace)","spanId":"\#(id)","#
                + #""startTimeUnixNano":"\#(now)","#
                + #""attributes":[{"key":"pad","value":{"stringValue":"\#(text)"}}]}"#
        }
        let all = spans.joined(separator: ",")
        let body = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(all)]}]}]}"#
        return try await HTTP.post(
            "\(address)/v1/traces", Array(body.utf8),
            headers: [("Content-Type", "application/json")])
    }

    private static func counted(_ address: String, _ dataset: String) async throws -> String {
        try await HTTP.get("\(address)/api/v1/search?dataset=\(dataset)&query=%7Ccount").text
    }

    /// Logs and spans on a full disk: refused by both doors, read as before, and none twice.
    @Test(.enabled(if: canMount, "no right to mount"), .timeLimit(.minutes(5)))
    func eventsAreRefusedAndNoneIsLost() async throws {
        let folder = try TemporaryFolder()
        let server = try await Self.start(folder.path)
        defer { server.kill() }
        let address = server.address
        let inside = "/proc/\(server.processIdentifier)/root\(folder.path)"
        for round in 0..<100 {
            for isSpans in [false, true] {
                #expect(
                    try await Self.sendEvents(address, round, isSpans: isSpans).status == 200)
            }
            if round == 50 { #expect(try await HTTP.post("\(address)/-/flush", []).status == 200) }
        }
        let rest = try Shell.available(inside)
        let ballast = inside + "/ballast"
        try Data(repeating: 1, count: max(0, rest - 300_000)).write(to: URL(filePath: ballast))
        var taken = [100, 100]
        for (place, isSpans) in [false, true].enumerated() {
            for round in 100..<1_000 {
                let answer = try await Self.sendEvents(address, round, isSpans: isSpans)
                guard answer.status == 200 else {
                    #expect(answer.status == 503, "\(answer.text)")
                    #expect(answer.headers.first(name: "Retry-After") != nil)
                    break
                }
                taken[place] += 1
            }
        }
        #expect(taken[0] < 1_000 && taken[1] < 1_000)
        func expectAll() async throws {
            for (place, dataset) in ["logs", "spans"].enumerated() {
                let text = try await Self.counted(address, dataset)
                #expect(text.contains("[[\(10 * taken[place])]]"), "\(dataset): \(text)")
            }
        }
        try await expectAll()
        // Neither a segment nor a merge that finds no room costs anything.
        _ = try await HTTP.post("\(address)/-/flush", [])
        _ = try await HTTP.post("\(address)/-/compact", [])
        try await expectAll()
        let metrics = try await HTTP.get("\(address)/metrics").text
        for source in ["json_lines", "otlp_traces"] {
            let refused = "perch_refused_records_total{source=\"\(source)\",reason=\"no_space\"} "
            #expect(metrics.contains("\n" + refused), "\(source)")
        }
        try FileManager.default.removeItem(atPath: ballast)
        var status = 503
        for _ in 0..<100 where status != 200 {
            try await Task.sleep(for: .milliseconds(100))
            status = try await Self.sendEvents(address, 2_000, isSpans: false).status
        }
        #expect(status == 200)
        taken[0] += 1
        #expect(try await HTTP.post("\(address)/-/compact", []).status < 300)
        try await expectAll()
    }
}

extension Shell {
    /// Bytes that may still be written to the file system of a folder.
    fileprivate static func available(_ path: String) throws -> Int {
        let values = try FileManager.default.attributesOfFileSystem(forPath: path)
        return (values[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }
}
