import Foundation
import Testing

/// Debian's Prometheus as an agent that scrapes once a second and writes to a server under test.
enum Agent {
    /// Starts one that also scrapes a target that nobody serves: its `up` is written whether the
    /// server is there or not.
    static func start(_ folder: String, port: Int) throws -> PeerProcess {
        try """
        global:
          scrape_interval: 1s
        scrape_configs:
          - job_name: perch
            static_configs:
              - targets: ["127.0.0.1:\(port)"]
          - job_name: nobody
            static_configs:
              - targets: ["127.0.0.1:1"]
        remote_write:
          - url: "http://127.0.0.1:\(port)/api/v1/write"
            send_exemplars: true
            queue_config:
              batch_send_deadline: 1s
              max_backoff: 1s
        """.write(toFile: folder + "/prometheus.yml", atomically: true, encoding: .utf8)
        return try PeerProcess(
            try #require(PeerProcess.tool("prometheus")),
            [
                "--enable-feature=agent", "--config.file=\(folder)/prometheus.yml",
                "--storage.agent.path=\(folder)/agent", "--web.listen-address=127.0.0.1:0",
                "--log.level=warn",
            ])
    }

    /// When the target that is always down was found down, in milliseconds.
    static func times(_ address: String) async throws -> [Int] {
        let answer = try await HTTP.get("\(address)/api/v1/export?match=up&match=job%3Dnobody")
        return try answer.lines.flatMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["timestamps"] as? [Int] ?? []
        }.sorted()
    }

    /// Waits for scrapes after `time`, for half a minute at most.
    static func wait(_ address: String, after time: Int) async throws -> [Int] {
        var times: [Int] = []
        for _ in 0..<300 {
            times = try await Self.times(address)
            if times.last ?? 0 > time { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return times
    }

    /// One scrape a second, none missing and none twice.
    static func expectGapless(_ times: [Int]) {
        for (time, next) in zip(times, times.dropFirst()) {
            #expect(next - time < 1_900, "a gap of \(next - time) ms")
            #expect(next > time, "the same scrape twice")
        }
    }
}
