import Foundation
import Synchronization
import Testing

/// `kill -9` under load: what was acknowledged is there after the restart, and only once.
@Suite struct KillTests {
    /// Bodies that the server acknowledged, and all that were sent.
    private final class Ledger: Sendable {
        struct Bodies {
            var sent: Set<String> = []
            var acknowledged: Set<String> = []
        }

        private let bodies = Mutex(Bodies())

        var all: Bodies { bodies.withLock { $0 } }

        func sent(_ new: [String]) {
            bodies.withLock { $0.sent.formUnion(new) }
        }

        func acknowledged(_ new: [String]) {
            bodies.withLock { $0.acknowledged.formUnion(new) }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func acknowledgedRecordsSurviveFiftyKills() async throws {
        let folder = try TemporaryFolder()
        let ledger = Ledger()
        var random = SystemRandomNumberGenerator()
        for round in 0..<50 {
            let server = try await PerchProcess.start(dataPath: folder.path)
            let address = server.address
            let delay = Int.random(in: 1...120, using: &random)
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        await Self.write(to: address, round: round, writer: writer, ledger: ledger)
                    }
                }
                try? await Task.sleep(for: .milliseconds(delay))
                server.kill()
            }
        }
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let rows = try await HTTP.events(server.address, "logs")
        var seen: [String: Int] = [:]
        for row in rows { seen[row["body"] as? String ?? "", default: 0] += 1 }
        let (sent, acknowledged) = (ledger.all.sent, ledger.all.acknowledged)
        #expect(acknowledged.count > 200, "the load was too small to mean anything")
        let lost = acknowledged.filter { seen[$0] == nil }
        #expect(lost.isEmpty, "acknowledged but lost: \(lost.prefix(5)), \(lost.count) in all")
        let doubled = seen.filter { $0.value > 1 }
        #expect(doubled.isEmpty, "stored twice: \(doubled.prefix(5))")
        let strangers = seen.keys.filter { !sent.contains($0) }
        #expect(strangers.isEmpty, "never sent: \(strangers.prefix(5))")
    }

    /// Posts three records at a time until the server is gone.
    private static func write(
        to address: String, round: Int, writer: Int, ledger: Ledger
    ) async {
        var number = 0
        while true {
            let bodies = (0..<3).map { "r\(round)-w\(writer)-n\(number)-\($0)" }
            let lines = bodies.map { "{\"level\":\"info\",\"msg\":\"\($0)\"}" }
            ledger.sent(bodies)
            let answer = try? await HTTP.post(
                "\(address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
            guard let answer, answer.status == 200 else { return }
            ledger.acknowledged(bodies)
            number += 1
        }
    }
}
