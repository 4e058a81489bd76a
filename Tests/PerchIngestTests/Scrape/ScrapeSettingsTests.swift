import PerchIngest
import Testing

/// The model of `scrape_configs`, read from nodes as a reader of YAML gives them.
@Suite struct ScrapeSettingsTests {
    static func settings(_ text: String) throws -> ScrapeSettings {
        try ScrapeSettings(prometheusFile: NodeText.node(text), folder: "/etc/p")
    }

    static let full = """
        {global: {scrape_interval: 15s, scrape_timeout: 5s, external_labels: {cluster: eu}},
         rule_files: [rules.yml], alerting: {}, scrape_configs: [
          {job_name: node, scrape_interval: 1m30s, metrics_path: /m, scheme: HTTPS,
           honor_labels: true, honor_timestamps: false, sample_limit: 100, label_limit: 30,
           body_size_limit: 10MB, params: {match: [a, b]}, enable_compression: false,
           basic_auth: {username: u, password_file: pass},
           tls_config: {ca_file: ca.pem, insecure_skip_verify: true},
           http_headers: {X-Tenant: {values: [t]}},
           static_configs: [{targets: [a:1, b:2], labels: {dc: fra}}],
           file_sd_configs: [{files: [targets/*.json], refresh_interval: 30s}],
           http_sd_configs: [{url: http://sd/targets}],
           relabel_configs: [{source_labels: [__address__], regex: "a.*", action: keep}],
           metric_relabel_configs: [{action: labeldrop, regex: tmp}]},
          {job_name: shop, bearer_token: t}]}
        """

    @Test func everyKeyIsRead() throws {
        let settings = try Self.settings(Self.full)
        #expect(settings.externalLabels.map(\.value) == ["eu"])
        let job = try #require(settings.jobs.first)
        #expect(job.name == "node")
        #expect(job.intervalNanos == 90_000_000_000)
        #expect(job.timeoutNanos == 5_000_000_000)
        #expect(job.metricsPath == "/m")
        #expect(job.scheme == "https")
        #expect(job.honorsLabels)
        #expect(!job.honorsTimes)
        #expect(!job.compresses)
        #expect(job.bounds.samples == 100)
        #expect(job.bounds.labels == 30)
        #expect(job.bounds.bodyByteCount == 10 << 20)
        #expect(job.parameters.map(\.values) == [["a", "b"]])
        #expect(
            job.transport.authorization == .basic(user: "u", password: .file("/etc/p/pass")))
        #expect(job.transport.tls.authorityFile == "/etc/p/ca.pem")
        #expect(job.transport.tls.isUnchecked)
        #expect(job.transport.headers.map(\.name) == ["X-Tenant"])
        #expect(job.staticGroups.map(\.addresses) == [["a:1", "b:2"]])
        #expect(job.files.map(\.patterns) == [["/etc/p/targets/*.json"]])
        #expect(job.files.map(\.refreshNanos) == [30_000_000_000])
        #expect(job.services.map(\.url) == ["http://sd/targets"])
        #expect(job.targetRules.map(\.action) == [.keep])
        #expect(job.sampleRules.map(\.action) == [.labeldrop])
        let shop = try #require(settings.jobs.last)
        #expect(shop.intervalNanos == 15_000_000_000)
        #expect(
            shop.transport.authorization == .credentials(type: "Bearer", .text("t")))
    }

    /// A job whose interval is shorter than the usual timeout gets its interval as timeout.
    @Test func theTimeoutFitsTheInterval() throws {
        let settings = try Self.settings("{scrape_configs: [{job_name: a, scrape_interval: 5s}]}")
        #expect(settings.jobs.map(\.timeoutNanos) == [5_000_000_000])
    }

    @Test(arguments: [
        ("{scrape_configs: [{}]}", "job_name is empty"),
        (
            "{scrape_configs: [{job_name: a}, {job_name: a}]}",
            "found multiple scrape configs with job name \"a\""
        ),
        ("{scrape_configs: [{job_name: a, hop: 1}]}", "field hop not found in the job a"),
        ("{global: {hop: 1}}", "field hop not found in global"),
        ("{scrape_configs: [{job_name: a, scheme: ftp}]}", "scheme must be http or https"),
        (
            "{scrape_configs: [{job_name: a, scrape_interval: x}]}",
            "not a valid duration string: \"x\""
        ),
        (
            "{scrape_configs: [{job_name: a, scrape_interval: 5s, scrape_timeout: 6s}]}",
            "scrape timeout greater than scrape interval for scrape config with job name \"a\""
        ),
        (
            "{scrape_configs: [{job_name: a, ec2_sd_configs: []}]}",
            "ec2_sd_configs is not supported; targets come from static_configs, "
                + "file_sd_configs or http_sd_configs"
        ),
        (
            "{scrape_configs: [{job_name: a, file_sd_configs: [{files: [x.txt]}]}]}",
            "path name \"x.txt\" is not valid for file discovery"
        ),
        (
            "{scrape_configs: [{job_name: a, relabel_configs: [{action: hop}]}]}",
            "unknown relabel action \"hop\""
        ),
        ("{scrape_configs: [{job_name: a, job_name: b}]}", "the key job_name stands twice"),
        (
            "{scrape_configs: [{job_name: a, tls_config: {server_name: x}}]}",
            "server_name is not supported"
        ),
        ("{scrape_configs: {}}", "scrape_configs must be a list"),
        (
            "{scrape_configs: [{job_name: a, honor_labels: 3}]}",
            "honor_labels must be true or false"
        ),
        (
            "{scrape_configs: [{job_name: a, oauth2: {}}]}", "oauth2 is not supported"
        ),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let mistake = #expect(throws: SettingsMistake.self) { try Self.settings(text) }
        #expect(mistake?.message == message)
        #expect(mistake?.line == 1)
    }

    @Test(
        arguments: [
            ("15s", 15_000_000_000), ("1h30m", 5_400_000_000_000), ("100ms", 100_000_000),
            ("1d", 86_400_000_000_000), ("1y2w", 32_745_600_000_000_000), ("0", 0), ("", nil),
            ("s", nil), ("1", nil), ("1m1h", nil), ("1s1s", nil), ("1.5s", nil), ("-1s", nil),
            ("99999999999y", nil),
        ] as [(String, Int64?)])
    func durations(_ text: String, _ nanos: Int64?) {
        #expect(ScrapeText.duration(text) == nanos)
        if let nanos, nanos > 0 {
            #expect(ScrapeText.duration(ScrapeText.text(ofNanos: nanos)) == nanos)
        }
    }
}

/// Nodes out of YAML's flow style, as far as these tests need it.
enum NodeText {
    struct Failure: Error {}

    static func node(_ text: String) throws -> SettingsNode {
        var rest = Substring(text)
        let node = try value(&rest)
        skip(&rest)
        guard rest.isEmpty else { throw Failure() }
        return node
    }

    private static func skip(_ rest: inout Substring) {
        rest = rest.drop { $0.isWhitespace }
    }

    private static func value(_ rest: inout Substring) throws -> SettingsNode {
        skip(&rest)
        switch rest.first {
        case "{":
            var pairs: [(key: SettingsNode, value: SettingsNode)] = []
            rest.removeFirst()
            skip(&rest)
            while rest.first != "}" {
                let key = try value(&rest)
                skip(&rest)
                guard rest.popFirst() == ":" else { throw Failure() }
                pairs.append((key, try value(&rest)))
                skip(&rest)
                if rest.first == "," { rest.removeFirst() }
                skip(&rest)
                if rest.isEmpty { throw Failure() }
            }
            rest.removeFirst()
            return SettingsNode(.map(pairs), line: 1, column: 1)
        case "[":
            var items: [SettingsNode] = []
            rest.removeFirst()
            skip(&rest)
            while rest.first != "]" {
                items.append(try value(&rest))
                skip(&rest)
                if rest.first == "," { rest.removeFirst() }
                skip(&rest)
                if rest.isEmpty { throw Failure() }
            }
            rest.removeFirst()
            return SettingsNode(.list(items), line: 1, column: 1)
        case "\"":
            rest.removeFirst()
            let text = rest.prefix { $0 != "\"" }
            rest = rest[text.endIndex...].dropFirst()
            return SettingsNode(.scalar(String(text)), line: 1, column: 1)
        default:
            var text = ""
            while let next = rest.first, !"{}[],".contains(next) {
                // A colon ends a key only where a blank follows.
                if next == ":", rest.dropFirst().first.map({ $0.isWhitespace }) ?? true { break }
                text.append(next)
                rest.removeFirst()
            }
            let trimmed = text.trimmingSuffix
            return SettingsNode(
                trimmed.isEmpty ? .null : .scalar(trimmed), line: 1, column: 1)
        }
    }
}

extension String {
    fileprivate var trimmingSuffix: String {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
