import Foundation
import PerchIngest
import PerchServer
import PerchTestSupport
import Testing

/// `prometheus.yml` and lists of targets from the disk.
@Suite struct ScrapeFileTests {
    /// The file of the Prometheus that the recordings are of, unmodified.
    @Test(.enabled(if: TestData.isAvailable))
    func anUnmodifiedPrometheusFileIsRead() throws {
        let bytes = try TestData.bytes("prometheus/remote-write-server/prometheus.yml")
        let settings = try ScrapeSettings(
            prometheusFile: SettingsYAML.node(bytes), folder: "/etc/prometheus")
        #expect(
            settings.jobs.map(\.name)
                == ["node", "prometheus", "alertmanager", "shop", "native", "down"])
        #expect(settings.externalLabels.map(\.value) == ["eu-1", "a"])
        #expect(settings.jobs.allSatisfy { $0.intervalNanos == 5_000_000_000 })
        let outcomes = settings.jobs[0].targets(of: settings.jobs[0].staticGroups[0])
        guard case .target(let target)? = outcomes.first else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(target.url == "http://127.0.0.1:9100/metrics")
        #expect(target.labels["dc"] == "fra")
    }

    @Test func aMistakeHasItsPlace() throws {
        let text = "scrape_configs:\n  - job_name: a\n    hop: 1\n"
        let mistake = #expect(throws: SettingsMistake.self) {
            try ScrapeSettings(
                prometheusFile: SettingsYAML.node(Array(text.utf8)), folder: "")
        }
        #expect(mistake?.description == "line 3, column 5: field hop not found in the job a")
    }

    @Test func jsonAndEmptyFilesAreYAML() throws {
        let json = #"[{"targets": ["a:1", "b:2"], "labels": {"dc": "fra"}}]"#
        let groups = try TargetGroup.all(SettingsYAML.node(Array(json.utf8)), source: "f")
        #expect(groups.map(\.addresses) == [["a:1", "b:2"]])
        #expect(try TargetGroup.all(SettingsYAML.node([]), source: "f").isEmpty)
    }

    /// An alias repeats what it names: nine lines must not become a billion nodes.
    @Test func aliasesDoNotFillTheMemory() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<9 {
            let items = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(throws: (any Error).self) { try SettingsYAML.node(Array(text.utf8)) }
    }

    /// What `/api/v1/status/config` answers with: everything but secrets.
    @Test func aFileIsShownWithoutItsSecrets() throws {
        let text = """
            scrape_configs:
              - job_name: a   # note
                basic_auth: {username: ada, password: hush1}
                http_headers: {X-Key: {secrets: [hush4, hush5]}}
                proxy_url: http://ada:hush6@proxy:3128/x
                static_configs: [{targets: ["[::1]:9100"]}]
              - job_name: b
                authorization: {type: Bearer, credentials: hush2}
              - {job_name: c, bearer_token: hush3}
              - job_name: d
                oauth2: {client_id: c, client_secret: hush7}
              - job_name: e
                basic_auth: {username: eva, password_file: /etc/e}
            """
        let shown = try ShownYAML.text(Array(text.utf8))
        #expect(!shown.contains("hush"), "\(shown)")
        #expect(!shown.contains("note"))
        for part in ["job_name: a", "ada", "eva", "/etc/e", "proxy:3128/x", "[::1]:9100"] {
            #expect(shown.contains(part), "\(part) in \(shown)")
        }
        #expect(shown.components(separatedBy: "<secret>").count == 8)
        #expect(throws: Never.self) { try SettingsYAML.node(Array(shown.utf8)) }
        #expect(try ShownYAML.text([]).isEmpty)
    }

    @Test func filesAreFoundByPattern() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-scrape-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["a.json", "b.json", "c.yml", "ab-x.json"] {
            try Data("[\"\(name)\"]".utf8).write(to: folder.appending(path: name))
        }
        let reader = ScrapeFileReader()
        func names(_ pattern: String) -> [String] {
            reader.paths(matching: folder.appending(path: pattern).path(percentEncoded: false))
                .map { URL(filePath: $0).lastPathComponent }
        }
        #expect(names("*.json") == ["a.json", "ab-x.json", "b.json"])
        #expect(names("a*-*.json") == ["ab-x.json"])
        #expect(names("c.yml") == ["c.yml"])
        #expect(names("d.yml") == [])
        let path = folder.appending(path: "a.json").path(percentEncoded: false)
        #expect(try reader.bytes(path, byteCountMax: 100) == Array("[\"a.json\"]".utf8))
        #expect(throws: ScrapeFailure.self) { try reader.bytes(path, byteCountMax: 9) }
        #expect(throws: ScrapeFailure.self) {
            try reader.bytes(path + ".none", byteCountMax: 9)
        }
    }
}
