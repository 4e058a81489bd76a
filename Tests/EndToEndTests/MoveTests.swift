import Foundation
import Testing

/// Moving in with a history and out again: `perch import`, `perch export`, beside Debian's
/// Prometheus and promtool.
@Suite(.enabled(if: PeerProcess.tool("promtool") != nil, "no promtool in .tools-tests"))
struct MoveTests {
    private static let seriesCount = 7
    private static let interval = 15_000

    /// Hours of a counter, a gauge with odd values and a histogram, ending an hour ago.
    private static func history() -> (text: String, times: ClosedRange<Int>) {
        let end = Int(Date().timeIntervalSince1970) / 60 * 60_000 - 3_600_000
        let times = stride(from: end - 3 * 3_600_000, to: end, by: interval)
        var random = SystemRandomNumberGenerator()
        func time(_ millis: Int) -> String { "\(millis / 1_000).\(millis % 1_000 + 137)" }
        var text = "# HELP shop_requests Requests \\\\ of \\n all.\n# TYPE shop_requests counter\n"
        for series in 0..<seriesCount {
            var count = 0
            for millis in times {
                count += Int.random(in: 0...9, using: &random)
                text +=
                    "shop_requests_total{path=\"/\\\"\\\\\\nü\(series)\"} \(count) \(time(millis))\n"
            }
        }
        text += "# TYPE shop_warmth_celsius gauge\n# UNIT shop_warmth_celsius celsius\n"
        for series in 0..<seriesCount {
            for millis in times {
                let value = Double.random(in: -1...1, using: &random)
                text += "shop_warmth_celsius{room=\"\(series)\"} \(value) \(time(millis))\n"
            }
        }
        text += "# TYPE shop_wait_seconds histogram\n"
        for (place, bound) in ["0.1", "2.5", "+Inf"].enumerated() {
            for (number, millis) in times.enumerated() {
                text += "shop_wait_seconds_bucket{le=\"\(bound)\"} \(number * (place + 1)) "
                text += "\(time(millis))\n"
            }
        }
        return (text + "# EOF\n", (end - 3 * 3_600_000)...end)
    }

    /// Runs `perch` with a command; answers what it wrote and its exit status.
    private static func perch(_ arguments: [String]) throws -> (output: String, status: Int32) {
        try PeerProcess.run(PerchProcess.binary.path(), arguments)
    }

    private static func promtool(_ arguments: [String]) throws -> String {
        let result = try PeerProcess.run(try #require(PeerProcess.tool("promtool")), arguments)
        #expect(result.status == 0, "\(result.output)")
        return result.output
    }

    /// Blocks of Prometheus made of OpenMetrics, and everything in them.
    private static func blocks(_ file: String, in folder: String) throws -> String {
        _ = try promtool(["tsdb", "create-blocks-from", "openmetrics", file, folder])
        for name in ["wal", "chunks_head"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        return try promtool(["tsdb", "dump", folder])
    }

    private static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// MET-6, MET-9: a team moves in with its blocks, asks the same questions, and moves out again.
    @Test func blocksMoveInAndOut() async throws {
        let folder = try TemporaryFolder()
        let (text, times) = Self.history()
        let path = folder.path
        try Self.write(text, path + "/in.om")
        let dump = try Self.blocks(path + "/in.om", in: path + "/blocks")
        try Self.write(dump, path + "/dump.txt")
        _ = try PeerProcess.run("/usr/bin/gzip", [path + "/dump.txt"])
        let server = try await PerchProcess.start(dataPath: path + "/perch")
        defer { server.kill() }
        let sampleCount = dump.split(separator: "\n").count
        for _ in 0..<2 {
            // The second time nothing is new, and nothing is refused.
            let result = try Self.perch(
                ["import", "--server", server.address, path + "/dump.txt.gz"])
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output == "\(sampleCount) samples taken, 0 refused\n")
        }
        try await Self.compare(server.address, path, times)

        // What a dump does not say: types and helps.
        let described = try Self.perch(["import", "--server", server.address, path + "/in.om"])
        #expect(described.status == 0, "\(described.output)")
        let export = ["export", "--output", path + "/out.om"]
        let out = try Self.perch(export + ["--server", server.address])
        #expect(out.status == 0, "\(out.output)")
        let isSame = try Self.blocks(path + "/out.om", in: path + "/again") == dump
        #expect(isSame)
        let exported = try String(contentsOfFile: path + "/out.om", encoding: .utf8)
        let lines = exported.split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("#") } == [
                "# HELP shop_requests Requests \\\\ of \\n all.", "# TYPE shop_requests counter",
                "# TYPE shop_wait_seconds histogram", "# TYPE shop_warmth_celsius gauge",
                "# UNIT shop_warmth_celsius celsius", "# EOF",
            ])

        #expect(try await server.stop() == 0)
        let offline = try Self.perch(
            ["export", "--data", path + "/perch", "--output", path + "/offline.om"])
        #expect(offline.status == 0, "\(offline.output)")
        let isSameOffline =
            try String(contentsOfFile: path + "/offline.om", encoding: .utf8) == exported
        #expect(isSameOffline)
    }

    /// Prometheus over the blocks, and Perch.
    private static func compare(
        _ perch: String, _ path: String, _ times: ClosedRange<Int>
    ) async throws {
        let port = try PeerProcess.freePort()
        try write("{}", path + "/prometheus.yml")
        let reference = try PeerProcess(
            try #require(PeerProcess.tool("prometheus")),
            [
                "--config.file=\(path)/prometheus.yml", "--storage.tsdb.path=\(path)/blocks",
                "--web.listen-address=127.0.0.1:\(port)",
            ])
        defer { reference.stop() }
        let address = "http://127.0.0.1:\(port)"
        for _ in 0..<200 where (try? await HTTP.get(address + "/-/ready"))?.status != 200 {
            try await Task.sleep(for: .milliseconds(50))
        }
        let range = "start=\(times.lowerBound / 1_000)&end=\(times.upperBound / 1_000)&step=61"
        for query in [
            "shop_requests_total", "shop_warmth_celsius", "max_over_time(shop_requests_total[5m])",
            "shop_wait_seconds_bucket", "count_over_time(shop_warmth_celsius[3m])",
        ] {
            let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            var results: [Set<String>] = []
            for server in [address, perch] {
                let answer = try await HTTP.get(
                    "\(server)/api/v1/query_range?query=\(escaped)&\(range)",
                    // The client takes no answer that compresses too well.
                    headers: [("Accept-Encoding", "identity")])
                let object = try JSONSerialization.jsonObject(with: Data(answer.body))
                let data = (object as? [String: Any])?["data"] as? [String: Any]
                let series = try (data?["result"] as? [Any] ?? []).map {
                    let text = try JSONSerialization.data(
                        withJSONObject: $0, options: .sortedKeys)
                    return String(decoding: text, as: UTF8.self)
                }
                results.append(Set(series))
            }
            #expect(results[0].count >= 3, "\(query)")
            let isSame = results[0] == results[1]
            #expect(isSame, "\(query)")
        }
    }

    /// A NaN that ends a series is a staleness marker; others are values.
    @Test func aDumpHasStalenessMarkers() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path + "/perch")
        defer { server.kill() }
        let now = Int(Date().timeIntervalSince1970) - 600
        let dump = """
            {__name__="ended", job="a"} 1 \(now)000
            {__name__="ended", job="a"} NaN \(now + 15)000
            {__name__="nan", job="a"} 1 \(now)000
            {__name__="nan", job="a"} NaN \(now + 15)000
            {__name__="nan", job="a"} NaN \(now + 30)000
            not a line
            {__name__="hist", job="a"} {count:1, sum:2, (1,2]:1} \(now)000
            {__name__="old", job="a"} 1 1000000000000
            {__name__="back", "a.b"="\\u00fc\\n"} NaN \(now)000
            {__name__="back", "a.b"="\\u00fc\\n"} 1 \(now + 15)000
            {__name__="back", "a.b"="\\u00fc\\n"} NaN \(now + 30)000
            {__name__="back", "a.b"="\\u00fc\\n"} 2 \(now + 45)000

            """
        try Self.write(dump, folder.path + "/dump.txt")
        let result = try Self.perch(
            ["import", "--server", server.address, folder.path + "/dump.txt"])
        #expect(result.status == 2)
        #expect(result.output.hasPrefix("9 samples taken, 3 refused\n"), "\(result.output)")
        #expect(result.output.contains("  1 older than the retention\n"))
        #expect(result.output.contains("as line 6 of"))
        #expect(result.output.contains("  1 native histograms"))
        for (query, seconds, value) in [
            ("count(ended)", 10, "1"), ("count(ended) or vector(0)", 20, "0"),
            ("nan", 40, "NaN"), ("back{\"a.b\"=\"ü\\n\"}", 20, "1"), ("count(back)", 5, "1"),
            ("count(back) or vector(0)", 35, "0"), ("back", 50, "2"),
        ] {
            let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try await HTTP.get(
                "\(server.address)/api/v1/query?query=\(escaped)&time=\(now + seconds)")
            #expect(answer.text.contains(",\"\(value)\"]"), "\(query): \(answer.text)")
        }
    }

    /// A mistake in a file costs its line, and a server that is away is told.
    @Test func badLinesAreNamed() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path + "/perch")
        defer { server.kill() }
        let now = Int(Date().timeIntervalSince1970) - 600
        let text = "a 1 \(now).5\nb{ 2 \(now).5\nc 3 \(now).5\n# EOF\n"
        try Self.write(text, folder.path + "/in.om")
        let file = folder.path + "/in.om"
        let result = try Self.perch(["import", "--server", server.address, file])
        #expect(result.status == 2)
        #expect(result.output.contains("as line 2 of"), "\(result.output)")
        let export = try Self.perch(["export", "--server", server.address, "a", "{__name__=\"c\"}"])
        #expect(
            export.output == """
                # TYPE a unknown
                a 1 \(now).500
                # TYPE c unknown
                c 3 \(now).500
                # EOF

                """)
        let early = try Self.perch(
            ["export", "--server", server.address, "a", "--end", "\(now)"])
        #expect(early.output == "# EOF\n")
        let wrong = try Self.perch(["export", "--server", server.address, "a{"])
        #expect(wrong.status != 0 && wrong.output.contains("match[]"), "\(wrong.output)")
        let busy = try Self.perch(["export", "--data", folder.path + "/perch"])
        #expect(busy.status != 0 && busy.output.contains("in use"), "\(busy.output)")
        let away = try Self.perch(["import", "--server", "http://127.0.0.1:1", file])
        #expect(away.status != 0 && away.output.contains("no answer"), "\(away.output)")
    }
}
