import Foundation
import Testing

/// One shop, told of in three ways: what it exposes, what Debian's Prometheus scrapes of it, and
/// what Perch gets of it by OTLP.
@Suite struct ShopScrapeTests {
    private static var isPossible: Bool {
        ShopProcess.isBuilt && PeerProcess.tool("prometheus") != nil
    }

    /// Counters of the shop's API, in which each visit shows; those of scrapes are left out.
    private static let counters = [
        "http_requests_total", "http_request_duration_seconds_count", "cache_requests_total",
        "orders_total", "order_value_total", "payments_total", "product_views_total",
        "client_requests_total", "db_query_duration_seconds_count",
    ]

    /// CM-1 to CM-3, MET-1, MET-5: traffic ends and the shop goes on, so that all three must come
    /// to the same values, series by series, whatever the pace of the machine.
    @Test(.enabled(if: isPossible, "no prometheus, or the shop is not built"))
    func allThreeAgree() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path + "/perch")
        defer { server.kill() }
        let (port, paymentsPort) = (try PeerProcess.freePort(), try PeerProcess.freePort())
        let (prometheus, address) = try await Self.prometheus(folder.path, port, paymentsPort)
        defer { prometheus.stop() }
        var exposed: [String: Double] = [:]
        let status = try await ShopProcess.run(
            [
                "--endpoint", server.address, "--rate", "150", "--traffic", "1", "--hurry",
                "--port",
                "\(port)", "--payments-port", "\(paymentsPort)",
            ], isStopped: true
        ) {
            exposed = try await Self.settled("http://127.0.0.1:\(port)/metrics", address)
            // Both targets answer; on a busy machine not each time within the limit.
            var up: [String: Double] = [:]
            for _ in 0..<40 where up != ["{}": 1] {
                up = try await Self.query(address, "min(up)")
                if up != ["{}": 1] { try await Task.sleep(for: .milliseconds(250)) }
            }
            #expect(up == ["{}": 1])
        }
        #expect(status == 0)
        // Its last words are sent when it ends.
        let sent = try await Self.values(server.address, job: "shop-api")
        #expect(Self.difference(sent, exposed) == [])
        // JOB-6: the worker's jobs keep their names beside the job that Prometheus means.
        let jobs = try await Self.query(
            server.address, #"max by (job, job_name) (jobs_total{status="success"})"#)
        #expect(jobs.keys.contains(#"{job="shop-worker",job_name="fulfil_order"}"#), "\(jobs)")
    }

    private static func prometheus(
        _ folder: String, _ ports: Int...
    ) async throws -> (PeerProcess, String) {
        let targets = ports.map { #""127.0.0.1:\#($0)""# }
        let file = folder + "/prometheus.yml"
        try Data(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: shop
                static_configs: [{targets: [\(targets[0])]}]
              - job_name: payments
                static_configs: [{targets: [\(targets[1])]}]

            """.utf8
        ).write(to: URL(filePath: file))
        return try await PeerProcess.prometheus(folder, configuration: file)
    }

    /// What the shop exposes and Prometheus has of it, when that is the same.
    ///
    /// Visitors come and go meanwhile, and then no more: both are read again and again.
    private static func settled(
        _ shop: String, _ prometheus: String
    ) async throws -> [String: Double] {
        var differences: [String] = []
        for _ in 0..<150 {
            try await Task.sleep(for: .milliseconds(200))
            guard let text = try? await HTTP.get(shop).text else { continue }
            let exposed = exposed(text)
            let scraped = try await values(prometheus, job: "shop")
            differences =
                counters.filter { name in !exposed.keys.contains { $0.hasPrefix(name + "{") } }
                .map { "no \($0)" }
            differences += difference(scraped, exposed)
            if differences.isEmpty { return exposed }
        }
        throw PerchProcess.Failure(description: "\(differences.prefix(5))")
    }

    /// The counters of a page of metrics.
    private static func exposed(_ text: String) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let end = line.lastIndex(of: " ") else { continue }
            let series = String(line[..<end])
            guard counters.contains(String(series.prefix { $0 != "{" })), !isOfScrapes(series)
            else { continue }
            values[series] = Double(line[line.index(after: end)...])
        }
        return values
    }

    /// Labels that a receiver adds.
    private static let ofTarget: Set = ["job", "instance", "service_name"]

    private static func isOfScrapes(_ series: String) -> Bool {
        series.contains(#"route="/metrics""#)
    }

    /// The same series as another server has them, written as the shop writes them.
    private static func values(_ address: String, job: String) async throws -> [String: Double] {
        let names = counters.joined(separator: "|")
        return try await query(address, #"{__name__=~"\#(names)",job="\#(job)"}"#)
            .filter { !isOfScrapes($0.key) }
    }

    /// An instant query; labels of the target are left out.
    private static func query(
        _ address: String, _ query: String
    ) async throws -> [String: Double] {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let text = try await HTTP.get("\(address)/api/v1/query?query=\(encoded)").text
        let answer = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let data = answer?["data"] as? [String: Any]
        var values: [String: Double] = [:]
        for row in data?["result"] as? [[String: Any]] ?? [] {
            var labels = row["metric"] as? [String: String] ?? [:]
            let name = labels.removeValue(forKey: "__name__")
            if name != nil { labels = labels.filter { !ofTarget.contains($0.key) } }
            let pairs = labels.sorted { $0.key < $1.key }.map { #"\#($0.key)="\#($0.value)""# }
            let number = ((row["value"] as? [Any])?.last as? String).flatMap(Double.init)
            values["\(name ?? ""){\(pairs.joined(separator: ","))}"] = number
        }
        return values
    }

    private static func difference(
        _ seen: [String: Double], _ wish: [String: Double]
    ) -> [String] {
        Set(seen.keys).union(wish.keys).filter { seen[$0] != wish[$0] }.sorted().prefix(5).map {
            "\($0): \(seen[$0].map { "\($0)" } ?? "none"), not \(wish[$0].map { "\($0)" } ?? "none")"
        }
    }
}
