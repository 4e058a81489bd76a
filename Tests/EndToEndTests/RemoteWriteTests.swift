import Foundation
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Recorded remote write of real senders, and a real sender.
@Suite struct RemoteWriteTests {
    private struct Counts: Equatable {
        var series = 0
        var samples = 0
        var histograms = 0
        var exemplars = 0
        var byJob: [String: Int] = [:]
        var staleByJob: [String: Int] = [:]
    }

    @Test(arguments: ["remote-write-server", "remote-write-otel-python"])
    func everythingRecordedComesBack(_ folder: String) async throws {
        let expected = try TestData.object("prometheus/\(folder)/expected.json")
        let files = (expected["requests"] as? [[String: Any]] ?? [])
            .compactMap { $0["file"] as? String }
        let data = try TemporaryFolder()
        let (chunks, families) = try await InProcess.run(
            dataPath: data.path, change: { $0.retention.metricsSeconds = 36_500 * 86_400 }
        ) { (running, address) async throws in
            // A sender that got no answer sends again; it counts once.
            for _ in 0..<2 { try await Self.replay(folder, files, to: address) }
            return (
                try await running.samples.all(SampleQuery(matchers: [], times: .min ... .max)),
                try await running.samples.metadata()
            )
        }
        var counts = Counts()
        counts.series = chunks.count { !$0.times.isEmpty || !$0.histograms.isEmpty }
        for chunk in chunks {
            let job = chunk.labels["job"] ?? ""
            counts.samples += chunk.times.count
            counts.histograms += chunk.histograms.count
            counts.exemplars += chunk.exemplars.count
            if !chunk.times.isEmpty { counts.byJob[job, default: 0] += chunk.times.count }
            let stale = chunk.values.count { $0.bitPattern == SampleBatch.staleMarkerBits }
            if stale > 0 { counts.staleByJob[job, default: 0] += stale }
        }
        var wanted = Counts()
        wanted.series = expected["series"] as? Int ?? -1
        wanted.samples = expected["float_samples"] as? Int ?? -1
        wanted.histograms = expected["histogram_samples"] as? Int ?? -1
        wanted.exemplars = expected["exemplars"] as? Int ?? -1
        wanted.byJob = expected["float_samples_by_job"] as? [String: Int] ?? [:]
        wanted.staleByJob = expected["stale_markers_by_job"] as? [String: Int] ?? [:]
        #expect(counts == wanted)
        #expect(families.count == expected["metadata_families"] as? Int)
        try Self.expectSelected(expected["selected_series"] as? [String: Any] ?? [:], in: chunks)
    }

    private static func replay(
        _ folder: String, _ files: [String], to address: String
    ) async throws {
        for file in files {
            let body = try TestData.bytes(
                "prometheus/\(folder)/\(file.replacing(".request.json", with: ".body"))")
            let answer = try await HTTP.post(
                "\(address)/api/v1/write", body,
                headers: [
                    ("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf"),
                    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
                ])
            #expect(answer.status == 204, "\(file): \(answer.text)")
        }
    }

    private static func expectSelected(
        _ selected: [String: Any], in chunks: [SeriesChunk]
    ) throws {
        for (key, facts) in selected {
            let wanted = try JSONSerialization.jsonObject(with: Data(key.utf8)) as? [String: String]
            let chunk = chunks.first { chunk in
                Dictionary(uniqueKeysWithValues: chunk.labels.pairs.map { ($0.name, $0.value) })
                    == wanted
            }
            let facts = facts as? [String: Any] ?? [:]
            #expect(chunk?.times.count == facts["samples"] as? Int, "\(key)")
            guard let first = facts["first"] as? [Double], let last = facts["last"] as? [Double],
                first.count == 2, last.count == 2
            else { continue }
            #expect(chunk?.times.first.map { Double($0) } == first[0], "\(key)")
            #expect(Self.isClose(chunk?.values.first, first[1]), "\(key)")
            #expect(chunk?.times.last.map { Double($0) } == last[0], "\(key)")
            #expect(Self.isClose(chunk?.values.last, last[1]), "\(key)")
        }
    }

    /// Equal but for the last digit, which a parser of JSON may lose.
    private static func isClose(_ value: Double?, _ wanted: Double) -> Bool {
        guard let value else { return false }
        return abs(value - wanted) <= abs(wanted) * 1e-15
    }

    /// How long Perch is away; the acceptance run sets 60, which costs every run a minute.
    private static var outageSeconds: Int {
        ProcessInfo.processInfo.environment["PERCH_TEST_OUTAGE_SECONDS"].flatMap { Int($0) } ?? 6
    }

    /// Debian's Prometheus as an agent writes to Perch, which is killed and started again, then
    /// goes away for a while and comes back: not one scrape is missing.
    @Test(.enabled(if: PeerProcess.tool("prometheus") != nil, "no prometheus in .tools-tests"))
    func anAgentLosesNothingWhilePerchIsAway() async throws {
        let folder = try TemporaryFolder()
        let data = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: data.path)
        let port = server.port
        let agent = try Agent.start(folder.path, port: port)
        defer { agent.stop() }
        try await Task.sleep(for: .seconds(6))
        let arguments = ["--no-auth", "--listen", "127.0.0.1:\(port)"]
        server.kill()
        let second = try await PerchProcess.start(dataPath: data.path, arguments: arguments)
        try await Task.sleep(for: .seconds(4))
        second.terminate()
        try await Task.sleep(for: .seconds(Self.outageSeconds))
        let third = try await PerchProcess.start(dataPath: data.path, arguments: arguments)
        defer { third.kill() }
        let back = Int(Date().timeIntervalSince1970 * 1_000)
        let times = try await Agent.wait(third.address, after: back + 2_000)
        // Before the server: at its end an agent tries for a minute to send the rest.
        agent.stop()
        let first = try #require(times.first)
        #expect(times.last ?? 0 >= back + 2_000, "\(times)")
        #expect(first < back - 1_000 * Self.outageSeconds - 4_000, "\(times)")
        Agent.expectGapless(times)
    }
}
