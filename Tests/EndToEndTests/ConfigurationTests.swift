import Foundation
import PerchIngest
import Testing

@testable import PerchServer

/// Each file of Configurations is read: `*.good.yml` without a mistake, `*.bad.yml` with the one
/// that its first line tells after `# expect: `.
@Suite struct ConfigurationTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Configurations")

    static func files(_ suffix: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(suffix) }.sorted()
    }

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private static func read(
        _ text: String? = nil, _ environment: [String: String] = [:],
        _ overrides: [(key: String, value: String)] = []
    ) throws(ConfigurationFailure) -> PerchConfiguration {
        try ConfigurationReader.read(
            text: text, file: "perch.yml", environment: environment, overrides: overrides)
    }

    @Test func thereAreFiles() {
        #expect(Self.files(".good.yml").count >= 4)
        #expect(Self.files(".bad.yml").count >= 20)
    }

    @Test(arguments: files(".good.yml"))
    func good(_ name: String) throws {
        _ = try Self.read(try Self.text(name))
    }

    @Test(arguments: files(".bad.yml"))
    func bad(_ name: String) throws {
        let text = try Self.text(name)
        let line = try #require(text.split(separator: "\n").first)
        let prefix = "# expect: "
        try #require(line.hasPrefix(prefix), "\(name) must begin with \(prefix)")
        let failure = #expect(throws: ConfigurationFailure.self) { try Self.read(text) }
        #expect(failure?.description == String(line.dropFirst(prefix.count)))
    }

    @Test func withNothingItListensOnLoopbackOnly() throws {
        let configuration = try Self.read()
        #expect(configuration.mainAddress.description == "127.0.0.1:9700")
        #expect(PerchConfiguration.defaultOTLPHTTP.description == "127.0.0.1:4318")
        #expect(configuration.auth == .loopback)
        #expect(configuration.limits.bodyByteCountMax == 64 << 20)
        #expect(configuration.retention.logsSeconds == 30 * 86_400)
        #expect(configuration.retention.tracesSeconds == 14 * 86_400)
        #expect(configuration.diskLimit == .percent(80))
        #expect(configuration.freeSpaceByteCountMin == 1 << 30)
        #expect(try Self.read("") == configuration)
        #expect(try Self.read("# nothing\n") == configuration)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try Self.read(try Self.text("every-key.good.yml"))
        #expect(configuration.data == "/var/lib/perch")
        #expect(configuration.listen == ListenAddress(host: "::", port: 9700))
        #expect(configuration.otlpHTTP == ListenAddress(host: "10.0.0.2", port: 4318))
        #expect(configuration.otlpGRPC == ListenAddress(host: "10.0.0.2", port: 4317))
        #expect(configuration.auth == .keys)
        #expect(configuration.hosts == ["perch.example", "perch.internal:9700"])
        #expect(configuration.trustedProxies == ["10.0.0.1", "fd00::1"])
        #expect(configuration.tls?.certificatePath == "/etc/perch/cert.pem")
        #expect(configuration.tls?.keyPath == "/etc/perch/key.pem")
        #expect(configuration.prometheusFile == "/etc/perch/prometheus.yml")
        #expect(configuration.limits.bodyByteCountMax == 32_000_000)
        #expect(configuration.policy.detectors.count == 4)
        #expect(configuration.policy.fields == ["password", "authorization"])
        #expect(configuration.policy.patterns == ["anon-[0-9]+"])
        #expect(configuration.policy.action == .hash)
        #expect(configuration.policy.routes.map(\.keptPerMillion) == [0, 100_000])
        #expect(configuration.policy.elementsMax == 5)
        #expect(configuration.policy.serviceEventsPerSecond == 1_000)
        #expect(configuration.limits.headerByteCountMax == 16 << 10)
        #expect(configuration.limits.connectionsMax == 100)
        #expect(configuration.limits.bodyTimeoutSeconds == 90)
        #expect(configuration.limits.idleTimeoutSeconds == 120)
        #expect(configuration.retention.metricsSeconds == 365 * 86_400)
        #expect(configuration.retention.logsSeconds == 2 * 604_800)
        #expect(configuration.retention.tracesSeconds == 36 * 3_600)
        #expect(configuration.diskLimit == .bytes(50_000_000_000))
        #expect(configuration.freeSpaceByteCountMin == 2 << 30)
        #expect(configuration.headByteCountMax == 512 << 20)
        #expect(configuration.logLevel == "debug")
    }

    /// The page for operators names every key and every variable.
    @Test func thePageNamesEveryKey() throws {
        let page = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/operating/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for key in ConfigurationKey.all {
            #expect(text.contains("`\(key.name)`"), "\(key.name)")
            #expect(text.contains("`\(key.environmentVariable)`"), "\(key.environmentVariable)")
        }
    }

    @Test func theEnvironmentOverridesTheFileAndTheCommandLineBoth() throws {
        let file = "listen: 127.0.0.1:1\nretention: {logs: 1d}\nhosts: [a.example]\n"
        let environment = [
            "PERCH_LISTEN": "127.0.0.1:2", "PERCH_RETENTION_LOGS": "2d",
            "PERCH_HOSTS": "b.example,c.example", "PERCH_TLS_CERT": "c", "PERCH_TLS_KEY": "k",
            "PERCH_SOMETHING_ELSE": "ignored", "PATH": "/bin",
        ]
        let configuration = try Self.read(file, environment, [("listen", "127.0.0.1:3")])
        #expect(configuration.listen?.port == 3)
        #expect(configuration.retention.logsSeconds == 2 * 86_400)
        #expect(configuration.hosts == ["b.example", "c.example"])
        #expect(configuration.tls?.keyPath == "k")
        #expect(try Self.read(file).listen?.port == 1)
    }

    @Test(arguments: [
        ("PERCH_LISTEN", "9700", "expected an address such as 127.0.0.1:9700, got \"9700\""),
        (
            "PERCH_RETENTION_LOGS", "30",
            "expected a duration such as 30d, 12h or 90s, got \"30\""
        ),
        ("PERCH_AUTH", "open", "expected loopback, keys or none, got \"open\""),
        ("PERCH_DATA", "", "expected a folder, got \"\""),
    ])
    func aMistakeInTheEnvironmentNamesTheVariable(
        _ name: String, _ value: String, _ message: String
    ) throws {
        let failure = #expect(throws: ConfigurationFailure.self) {
            try Self.read(nil, [name: value])
        }
        #expect(failure?.place == name)
        #expect(failure?.message == message)
    }

    @Test func aMistakeOnTheCommandLineNamesTheOption() {
        let failure = #expect(throws: ConfigurationFailure.self) {
            try Self.read(nil, [:], [("otlp_http", "x")])
        }
        #expect(failure?.place == "--otlp-http")
    }

    /// Design, section 11: what may listen where.
    @Test(arguments: [
        ("127.0.0.1:9700", "auth: none", true), ("[::1]:9700", "auth: none", true),
        ("localhost:9700", "auth: none", true), ("0.0.0.0:9700", "auth: none", false),
        (":9700", "auth: none", false), ("[::]:9700", "auth: none", false),
        ("192.0.2.1:9700", "{auth: none, tls: {cert: c, key: k}}", false),
        ("127.0.0.1:9700", "{auth: none, behind_proxy: true}", false),
        ("127.0.0.1:9700", "{auth: none, otlp_http: '0.0.0.0:4318'}", false),
        ("0.0.0.0:9700", "{}", false), ("0.0.0.0:9700", "auth: keys", false),
        ("0.0.0.0:9700", "behind_proxy: true", true),
        ("0.0.0.0:9700", "tls: {cert: c, key: k}", true),
        ("127.0.0.1:9700", "otlp_http: 192.0.2.1:4318", false),
        ("127.0.0.1:9700", "otlp_http: 127.0.0.1:9700", false),
        ("127.0.0.1:9700", "otlp_grpc: 127.0.0.1:9700", false),
        ("127.0.0.1:9700", "{otlp_http: '127.0.0.1:1', otlp_grpc: '127.0.0.1:1'}", false),
        ("127.0.0.1:9700", "otlp_grpc: 192.0.2.1:4317", false),
        ("127.0.0.1:0", "otlp_http: 127.0.0.1:0", true),
    ])
    func whatMayListenWhere(_ listen: String, _ file: String, _ isAllowed: Bool) {
        let configuration = try? Self.read(file, ["PERCH_LISTEN": listen])
        #expect((configuration != nil) == isAllowed)
    }

    @Test func aReloadTellsWhatNeedsARestart() throws {
        let old = try Self.read("listen: 127.0.0.1:1")
        let reloadable = try Self.read(
            """
            listen: 127.0.0.1:1
            hosts: [perch.example]
            log_level: debug
            limits: {body: 1MB}
            retention: {logs: 1d, metrics: 2d}
            disk_limit: 5%
            """)
        #expect(reloadable != old)
        #expect(reloadable.restartKeys(comparedTo: old) == [])
        let restart = try Self.read(
            "{listen: '127.0.0.1:2', data: d, auth: keys, memory: {head: 1GiB}}")
        #expect(
            restart.restartKeys(comparedTo: old) == ["data", "listen", "auth", "memory.head"])
        #expect(old.restartKeys(comparedTo: old) == [])
    }

    /// Whatever stands in the file, reading it ends with a value or a failure.
    @Test func everyPrefixAndEveryFlippedByteIsSurvived() throws {
        let bytes = Array(try Self.text("every-key.good.yml").utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            _ = try? Self.read(String(decoding: bytes[..<length], as: UTF8.self))
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x15
            _ = try? Self.read(String(decoding: changed, as: UTF8.self))
        }
    }
}
