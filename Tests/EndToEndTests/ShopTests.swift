import Foundation
import Testing

/// The demo shop against the server and against other people's programs: what the SDK tells arrives
/// whole wherever it is sent.
@Suite struct ShopTests {
    private static var isBuilt: Bool { ShopProcess.isBuilt }

    /// Runs the shop for some seconds, and then until it has sent what is left.
    private static func run(
        _ endpoint: String, seconds: Double, _ arguments: [String] = [],
        whileRunning: () async throws -> Void = {}
    ) async throws {
        let status = try await ShopProcess.run(
            ["--endpoint", endpoint, "--rate", "150", "--hurry", "--duration", "\(seconds)"]
                + arguments,
            whileRunning: whileRunning)
        #expect(status == 0)
    }

    private static func number(_ server: PerchProcess, _ query: String) async throws -> Double? {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let text = try await HTTP.get("\(server.address)/api/v1/query?query=\(encoded)").text
        let answer = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let data = answer?["data"] as? [String: Any]
        let value = (data?["result"] as? [[String: Any]])?.first?["value"] as? [Any]
        return (value?.last as? String).flatMap(Double.init)
    }

    /// COR-5, COR-6, COR-7, TRC-1, JOB-1 to JOB-9, BIZ-1, MET-1, MET-3: nothing is lost on the way,
    /// every span has its parent, every line its span; Debian's tools take what is exposed.
    @Test(.enabled(if: isBuilt, "the shop is not built"))
    func allOfItArrives() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let port = try PeerProcess.freePort()
        var exposed = ""
        try await Self.run(
            server.address, seconds: 3, ["--port", "\(port)", "--incident", "bad_deploy"]
        ) {
            // Late enough that there is something of each kind.
            try await Task.sleep(for: .milliseconds(2500))
            exposed = try await HTTP.get("http://127.0.0.1:\(port)/metrics").text
        }
        try Self.check(exposed)
        let spans = try await HTTP.events(server.address, "spans")
        let lines = try await HTTP.events(server.address, "logs")
        let ids = Set(spans.compactMap { $0["span_id"] as? String })
        #expect(ids.count == spans.count)
        let orphans = spans.filter { span in
            guard let parent = span["parent_span_id"] as? String, !parent.isEmpty else {
                return false
            }
            return !ids.contains(parent)
        }
        #expect(orphans.isEmpty, "\(orphans.prefix(2))")
        // Visitors are outside: what they ask for begins the traces.
        let services = Set(spans.compactMap { Self.field($0, "resource", "service.name") })
        #expect(services.count == 5 && services.allSatisfy { $0.hasPrefix("shop-") })
        let ended = lines.filter { ($0["body"] as? String)?.hasPrefix("Request ") == true }
        #expect(ended.count > 30)
        #expect(ended.allSatisfy { ids.contains($0["span_id"] as? String ?? "") })
        // Each request counts once, as a line, as a span and as a metric.
        let counted = try await Self.number(
            server, #"sum(http_requests_total{route!~"/metrics|/health.*"})"#)
        #expect(counted == Double(ended.count))
        let deploys = try await HTTP.get(server.address + "/api/v1/deploys?service=shop-api").text
        #expect(deploys.contains(#""version":"2.3.1""#), "\(deploys)")
        let failures = lines.filter { Self.field($0, "attributes", "error_id") != nil }
        #expect(!failures.isEmpty)
        #expect(
            failures.allSatisfy {
                Self.field($0, "attributes", "exception.stacktrace")?.contains("at ") == true
            }
        )
        // ERR-3: the innermost call is the one that threw.
        let deploy = try #require(
            failures.first {
                Self.field($0, "attributes", "exception.message")?.contains("related") == true
            })
        let stack = Self.field(deploy, "attributes", "exception.stacktrace") ?? ""
        #expect(stack.hasPrefix("  at static Recommendations.render(for:) ("), "\(stack)")
        #expect(stack.contains("ShopAPI.product(_:)"))
        #expect(try await Self.number(server, "sum(telemetry_dropped_total)") ?? 0 == 0)
        #expect((try await Self.number(server, "sum(orders_total)") ?? 0) > 0)
        #expect((try await Self.number(server, "sum(jobs_total)") ?? 0) > 0)
    }

    private static func field(_ row: [String: Any], _ part: String, _ name: String) -> String? {
        (row[part] as? [String: Any])?[name] as? String
    }

    private static func check(_ exposed: String) throws {
        #expect(exposed.contains("http_requests_total"))
        guard let tool = PeerProcess.tool("promtool") else { return }
        let (said, status) = try PeerProcess.run(tool, ["check", "metrics"], input: exposed)
        #expect(status == 0)
        #expect(said == "")
    }

    /// OpenTelemetry's own classes decode every request of the shop, and refuse nothing.
    @Test(.enabled(if: isBuilt && Python.has("opentelemetry.proto"), "no opentelemetry-proto"))
    func openTelemetryDecodesIt() async throws {
        let port = try PeerProcess.freePort()
        let folder = try TemporaryFolder()
        let report = folder.path + "/report.json"
        let script = Repository.root.appending(path: "Tests/EndToEndTests/Scripts/otlp_sink.py")
        let sink = try PeerProcess(Python.program, [script.path(), "\(port)", report])
        defer { sink.stop() }
        // It writes its first report when it listens.
        for _ in 0..<400 where !FileManager.default.fileExists(atPath: report) {
            try await Task.sleep(for: .milliseconds(25))
        }
        try await Self.run("http://127.0.0.1:\(port)", seconds: 2)
        let seen = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: report)))
        let counts = try #require(seen as? [String: Int])
        #expect(counts["refused"] == 0)
        for kind in ["logs", "spans", "points"] { #expect((counts[kind] ?? 0) > 20, "\(counts)") }
        // Names that OpenTelemetry's resources must have.
        #expect(counts["services"] == 5)
    }

    /// A server that somebody else wrote shows the shop's errors as issues, with their stacks.
    ///
    /// It stands in `.venv-bugsink`, which `Scripts/test-tools.sh` makes.
    @Test(.enabled(if: isBuilt && Bugsink.isThere, "no Bugsink in .venv-bugsink"))
    func bugsinkShowsItsErrors() async throws {
        let folder = try TemporaryFolder()
        let bugsink = try await Bugsink.start(folder.path)
        defer { bugsink.stop() }
        try await Self.run(
            "http://127.0.0.1:9", seconds: 2,
            ["--dsn", bugsink.dsn, "--incident", "bad_deploy"])
        let issues = try bugsink.issues()
        let issue = try #require(issues.first { $0.type.hasSuffix("ShopFailure") })
        #expect(issue.value.contains("rendering recommendations"))
        // The stack of the `throw`, though the middleware took it.
        #expect(issue.page.contains("Recommendations.render(for:)"))
        #expect(issue.page.contains("Recommendations.swift"))
    }
}
