import Logging
import NIOCore
import NIOPosix
import Testing
import Tracing

@testable import Perch

/// A collector that is dead in one way or another never holds up the application.
@Suite(.serialized)
struct DeadCollectorTests: Exporting {
    /// Runs a body with a port that takes connections and says nothing.
    private func withSilentPort(_ body: (String) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)"))
        } catch {
            result = .failure(error)
        }
        try await channel.close().get()
        try result.get()
    }

    /// How long each part of a service's life takes with this collector.
    private func expectUnhindered(_ address: String) async throws {
        let lines = Lines()
        let service = service(address, lines) { options in
            options.export.waitingByteCountMax = 100_000
            options.export.batchCount = 16
            options.export.delay = .milliseconds(1)
            options.export.flushTimeout = .milliseconds(200)
        }
        let log = Logger(label: "a", factory: { service.logs.handler(label: $0) })
        let clock = ContinuousClock()
        var slowest = Duration.zero
        let start = clock.now
        var stop = start
        try await run(service) {
            for _ in 0..<2000 {
                let before = clock.now
                service.tracer.withSpan("work", context: .topLevel) { _ in
                    log.info("a line that will not be sent anywhere")
                }
                slowest = max(slowest, clock.now - before)
            }
            stop = clock.now
        }
        // No call waits for the network: its shortest wait would be the pause of 250 ms.
        #expect(slowest < .milliseconds(200))
        #expect(clock.now - stop < .seconds(3))
        #expect(service.droppedCount > 1000)
        // Once for each signal, however many batches are lost.
        #expect(lines.all.count { $0.contains("could not be sent") } <= 3)
        let dropped = service.metrics.snapshot().first { $0.name == "telemetry_dropped" }
        #expect(dropped?.series.count == 3)
    }

    @Test(.timeLimit(.minutes(5)))
    func aPortThatNeverAnswers() async throws {
        try await withSilentPort { try await expectUnhindered($0) }
    }

    @Test(.timeLimit(.minutes(5)))
    func aPortThatIsClosed() async throws {
        try await expectUnhindered("http://127.0.0.1:1")
    }

    @Test("LIFE-3: what is under way when the process ends still arrives, once")
    func slowCollector() async throws {
        let collector = Collector()
        try await collector.serve { address in
            let service = service(address) { $0.export.batchCount = 10 }
            let log = Logger(label: "a", factory: { service.logs.handler(label: $0) })
            try await run(service) {
                for number in 0..<95 { log.info("line \(number)") }
            }
            #expect(service.droppedCount == 0)
        }
        let text = collector.received.map { String(decoding: $0.body, as: UTF8.self) }.joined()
        for number in 0..<95 {
            #expect(text.split(separator: "line \(number)\"").count <= 2)
        }
        #expect(text.split(separator: "line ").count == 96)
        let logs = collector.received.filter { $0.path == "/v1/logs" }
        #expect(logs.count == 10)
    }
}
