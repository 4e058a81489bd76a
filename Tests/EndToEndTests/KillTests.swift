import Foundation
import NIOCore
import PerchServer
import Synchronization
import Testing

/// `kill -9` under load: what was acknowledged is there after the restart, and only once.
///
/// Logs, spans and samples are written at once, while files of both write logs are sealed and new
/// ones begun, segments are made of them, and those are merged.
@Suite struct KillTests {
    /// Records that the server acknowledged, and all that were sent, by their names.
    private final class Ledger: Sendable {
        struct Records {
            var sent: Set<String> = []
            var acknowledged: Set<String> = []
            var flushCount = 0
        }

        private let records = Mutex(Records())

        var all: Records { records.withLock { $0 } }

        func sent(_ new: [String]) {
            records.withLock { $0.sent.formUnion(new) }
        }

        func acknowledged(_ new: [String]) {
            records.withLock { $0.acknowledged.formUnion(new) }
        }

        func flushed() {
            records.withLock { $0.flushCount += 1 }
        }
    }

    private enum Signal: String, CaseIterable {
        case logs
        case spans
        case samples
    }

    @Test(.timeLimit(.minutes(10)))
    func acknowledgedRecordsSurviveFiftyKills() async throws {
        let folder = try TemporaryFolder()
        let ledger = Ledger()
        var random = SystemRandomNumberGenerator()
        for round in 0..<50 {
            let server = try await PerchProcess.start(dataPath: folder.path)
            let address = server.address
            let delay = Int.random(in: 1...600, using: &random)
            await withTaskGroup(of: Void.self) { group in
                for signal in Signal.allCases {
                    for writer in 0..<2 {
                        group.addTask {
                            await Self.write(
                                signal, to: address, source: "\(signal)-r\(round)-w\(writer)",
                                ledger: ledger)
                        }
                    }
                }
                group.addTask { await Self.flush(address, ledger) }
                try? await Task.sleep(for: .milliseconds(delay))
                server.kill()
                // A client would try to connect again for a while.
                group.cancelAll()
            }
        }
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let seen = try await Self.stored(server.address)
        let all = ledger.all
        #expect(all.flushCount > 10, "files were hardly sealed")
        for signal in Signal.allCases {
            func ours(_ names: some Sequence<String>) -> [String] {
                names.filter { $0.hasPrefix("\(signal)-") }
            }
            let acknowledged = ours(all.acknowledged)
            #expect(acknowledged.count > 100, "too little load of \(signal) to mean anything")
            let lost = acknowledged.filter { seen[$0] == nil }
            #expect(lost.isEmpty, "acknowledged but lost: \(lost.prefix(5)), \(lost.count) in all")
            let doubled = ours(seen.filter { $0.value > 1 }.keys)
            #expect(doubled.isEmpty, "stored twice: \(doubled.prefix(5))")
            let strangers = ours(seen.keys).filter { !all.sent.contains($0) }
            #expect(strangers.isEmpty, "never sent: \(strangers.prefix(5))")
        }
    }

    /// How often each record is stored, by name.
    private static func stored(_ address: String) async throws -> [String: Int] {
        var seen: [String: Int] = [:]
        for row in try await HTTP.events(address, "logs") {
            seen[row["body"] as? String ?? "", default: 0] += 1
        }
        for row in try await HTTP.events(address, "spans") {
            seen[row["name"] as? String ?? "", default: 0] += 1
        }
        for line in try await HTTP.get("\(address)/api/v1/export?match=kills").lines {
            let series = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let labels = series?["metric"] as? [String: String] ?? [:]
            for value in series?["values"] as? [Double] ?? [] {
                seen["\(labels["source"] ?? "")-n\(Int(value))", default: 0] += 1
            }
        }
        return seen
    }

    /// Posts three records at a time until the server is gone.
    private static func write(
        _ signal: Signal, to address: String, source: String, ledger: Ledger
    ) async {
        var number = 0
        while true {
            let numbers = number..<number + 3
            number += 3
            let names = numbers.map { "\(source)-n\($0)" }
            ledger.sent(names)
            let (path, body) =
                switch signal {
                case .logs: ("/ingest/json", logs(names))
                case .spans: ("/v1/traces", spans(names))
                case .samples: ("/v1/metrics", samples(numbers, source))
                }
            let answer = try? await HTTP.post(
                address + path, Array(body.utf8), headers: [("Content-Type", "application/json")],
                timeout: .seconds(2))
            guard let answer, answer.status == 200 else { return }
            ledger.acknowledged(names)
        }
    }

    private static func flush(_ address: String, _ ledger: Ledger) async {
        var count = 0
        while let answer = try? await HTTP.post(
            address + (count % 4 == 3 ? "/-/compact" : "/-/flush"), [], timeout: .seconds(10)),
            answer.status < 300
        {
            ledger.flushed()
            count += 1
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func logs(_ names: [String]) -> String {
        names.map { "{\"level\":\"info\",\"msg\":\"\($0)\"}" }.joined(separator: "\n")
    }

    private static func spans(_ names: [String]) -> String {
        let time = SystemClock.now()
        let spans = names.map { name in
            """
            {"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"\(spanID(name))",\
            "name":"\(name)","kind":2,"startTimeUnixNano":"\(time)","endTimeUnixNano":"\(time)"}
            """
        }
        return """
            {"resourceSpans":[{"scopeSpans":[{"spans":[\(spans.joined(separator: ","))]}]}]}
            """
    }

    private static func spanID(_ name: String) -> String {
        let text = String(UInt64(bitPattern: Int64(name.hashValue)) | 1, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    private static func samples(_ numbers: Range<Int>, _ source: String) -> String {
        let points = numbers.map { number in
            """
            {"timeUnixNano":"\(SystemClock.now() / 1_000_000 * 1_000_000 + Int64(number) * 1_000_000)",\
            "asDouble":\(number),\
            "attributes":[{"key":"source","value":{"stringValue":"\(source)"}}]}
            """
        }
        return """
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"kills","gauge":\
            {"dataPoints":[\(points.joined(separator: ","))]}}]}]}]}
            """
    }
}
