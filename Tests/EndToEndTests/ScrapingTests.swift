import Foundation
import PerchModel
import PerchServer
import Testing

/// A server that scrapes itself.
@Suite struct ScrapingTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-scraping-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static func write(_ text: String, _ file: URL) throws {
        try Data(text.utf8).write(to: file)
    }

    /// The `result` of an instant query.
    private static func query(_ address: String, _ expression: String) async throws -> String {
        let encoded =
            expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await HTTP.get("\(address)/api/v1/query?query=\(encoded)").text
    }

    private static func wait(
        _ what: String, _ isSo: () async throws -> Bool
    ) async throws {
        for _ in 0..<150 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("not within fifteen seconds: \(what)")
    }

    /// The file is there before the server, its target only when the port is known.
    @Test func targetsOfAFileAreScrapedAndQueried() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "prometheus.yml")
        try Self.write(
            """
            global:
              scrape_interval: 200ms
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: perch
                file_sd_configs:
                  - files: ["targets-*.json"]
                metric_relabel_configs:
                  - source_labels: [__name__]
                    regex: perch_http_.*
                    action: drop
              - job_name: down
                static_configs:
                  - targets: ["127.0.0.1:1"]
            """, file)
        let path = file.path(percentEncoded: false)
        let data = folder.appending(path: "data").path(percentEncoded: false)
        try await InProcess.run(dataPath: data, change: { $0.prometheusFile = path }) {
            running, address in
            try Self.write(
                "[{\"targets\": [\"\(running.address)\"], \"labels\": {\"dc\": \"fra\"}}]",
                folder.appending(path: "targets-1.json"))
            try await Self.wait("up of both") {
                let text = try await Self.query(address, "sum by (job) (up)")
                return text.contains("\"job\":\"perch\"},\"value\":[")
                    && text.contains("\"job\":\"down\"")
            }
            let up = try await Self.query(address, "up{dc=\"fra\",job=\"perch\"} == 1")
            #expect(up.contains("\"instance\":\"\(running.address)\""), "\(up)")
            let own = try await Self.query(address, "perch_build_info{job=\"perch\"}")
            #expect(own.contains("\"dc\":\"fra\""), "\(own)")
            let dropped = try await Self.query(address, "perch_http_requests_total")
            #expect(dropped.contains("\"result\":[]"), "\(dropped)")
            // A scrape of 200 ms may be late on a busy machine.
            try await Self.wait("health of both") {
                let targets = try await HTTP.get("\(address)/api/v1/targets").text
                return targets.contains("\"health\":\"up\"")
                    && targets.contains("\"health\":\"down\"")
            }
            let described = try await HTTP.get(
                "\(address)/api/v1/targets/metadata?metric=perch_build_info"
                    + "&match_target=%7Bjob%3D%22perch%22%7D"
            ).text
            #expect(
                described.contains(
                    "\"job\":\"perch\"},\"type\":\"gauge\",\"help\":\"Always 1"), "\(described)")
            #expect(
                try await HTTP.get("\(address)/api/v1/scrape_pools").text
                    == "{\"status\":\"success\",\"data\":{\"scrapePools\":[\"down\",\"perch\"]}}")
            let shown = try await HTTP.get("\(address)/api/v1/status/config").text
            #expect(shown.contains("job_name: perch"), "\(shown)")
            let metrics = try await HTTP.get("\(address)/metrics").text
            for name in [
                "perch_scrape_failures_total", "perch_series_active",
                "perch_series_refused_samples_total{reason=\"too_old\"}",
                "perch_series_newest_time_seconds", "perch_store_segments{store=\"series\"}",
            ] {
                #expect(metrics.contains("\n\(name) "), "\(name) in \(metrics)")
            }
            try await Self.reload(address, file)
        }
    }

    /// A mistake keeps what was; without jobs all series end.
    private static func reload(_ address: String, _ file: URL) async throws {
        let admin = [("Authorization", "Bearer \(InProcess.adminSecret)")]
        try write("scrape_configs: [{job_name: x, hop: 1}]", file)
        let refused = try await HTTP.post("\(address)/-/reload", [], headers: admin)
        #expect(refused.status == 400 || refused.status == 500, "\(refused.status)")
        #expect(refused.text.contains("field hop not found in the job x"), "\(refused.text)")
        #expect(try await query(address, "up").contains("\"job\":\"perch\""))
        try write("scrape_configs: []", file)
        let taken = try await HTTP.post("\(address)/-/reload", [], headers: admin)
        #expect(taken.status == 200, "\(taken.text)")
        try await wait("the end of all series") {
            try await query(address, "up").contains("\"result\":[]")
        }
    }

    @Test func aMistakeInTheFileRefusesTheStart() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "prometheus.yml")
        try Self.write("scrape_configs:\n  - job_name: a\n    scheme: ftp\n", file)
        let path = file.path(percentEncoded: false)
        let data = folder.appending(path: "data").path(percentEncoded: false)
        let failure = await #expect(throws: ConfigurationFailure.self) {
            try await InProcess.run(dataPath: data, change: { $0.prometheusFile = path }) { _, _ in
            }
        }
        #expect(
            failure?.description == "\(path):3:13: scheme must be http or https")
    }
}
