import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Perch

/// Health checks (HLT-1 to HLT-10).
struct HealthTests {
    private struct Down: Error, CustomStringConvertible { var description: String { "no route" } }

    @Test("HLT-10: ready only when all critical checks pass, with latencies also on failure")
    func ready() async throws {
        let checks = HealthChecks(clock: { fixedTime })
        checks.add(HealthCheck("database") { ["pool": .number(3)] })
        checks.add(HealthCheck("cache", isCritical: false) { throw Down() })
        var report = await checks.report(.ready)
        #expect(report.httpStatus == 200)
        checks.add(HealthCheck("storage") { throw Down() })
        report = await checks.report(.ready)
        #expect(report.httpStatus == 503)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(report.readyJSON(showsFailures: true)))
                as? [String: Any])
        #expect(json["ready"] as? Bool == false)
        let shown = try #require(json["checks"] as? [String: [String: Any]])
        #expect(shown["database"]?["healthy"] as? Bool == true)
        #expect(shown["database"]?["pool"] as? Int == 3)
        #expect(shown["storage"]?["error"] as? String == "no route")
        #expect(shown["storage"]?["latency"] is NSNumber)
        let hidden = String(decoding: report.readyJSON(showsFailures: false), as: UTF8.self)
        #expect(!hidden.contains("no route"))
    }

    @Test("LIFE-3: a process that stops is not ready, but lives")
    func stopping() async {
        let checks = HealthChecks(clock: { fixedTime })
        checks.stop()
        #expect(await checks.report(.ready).httpStatus == 503)
        let live = await checks.report(.live)
        #expect(live.httpStatus == 200)
        #expect(
            String(decoding: live.statusJSON, as: UTF8.self)
                == #"{"status":"ok","timestamp":"2026-01-31T23:59:59.123Z"}"#)
    }

    @Test(
        "A check that hangs fails after its time, holds up nobody, and is not started again",
        .timeLimit(.minutes(5)))
    func hanging() async {
        let checks = HealthChecks(clock: { fixedTime })
        let starts = Atomic(0)
        checks.add(
            HealthCheck("slow", timeout: .milliseconds(50)) {
                starts.wrappingAdd(1, ordering: .relaxed)
                // Deaf to cancellation, as a blocked driver would be: the inner task knows of none.
                await Task { try? await Task.sleep(for: .seconds(3600)) }.value
                return [:]
            })
        checks.add(HealthCheck("quick") { [:] })
        let first = await checks.report(.ready)
        let second = await checks.report(.ready)
        #expect(first.entries.map(\.isHealthy) == [true, false])
        #expect(second.entries.map(\.isHealthy) == [true, false])
        #expect(starts.load(ordering: .relaxed) == 1)
    }

    @Test("HLT-8, EXT-2: a cached answer is given again without looking")
    func caching() async {
        let checks = HealthChecks(clock: { fixedTime })
        let runs = Atomic(0)
        checks.add(
            HealthCheck("smtp", cachedFor: .seconds(60)) {
                runs.wrappingAdd(1, ordering: .relaxed)
                return [:]
            })
        _ = await checks.report(.ready)
        _ = await checks.report(.ready)
        #expect(runs.load(ordering: .relaxed) == 1)
    }

    @Test("HLT-8: freshness of the last success")
    func freshness() async throws {
        let never = HealthCheck.freshness("scan", ageMax: .seconds(60)) { nil }
        await #expect(throws: HealthFailure.self) { try await never.run() }
        let old = HealthCheck.freshness("scan", ageMax: .seconds(60)) { fixedTime }
        await #expect(throws: HealthFailure.self) { try await old.run() }
        let fresh = HealthCheck.freshness("scan", ageMax: .seconds(60)) { WallClock.nanoseconds() }
        #expect(try await fresh.run()["age_s"] != nil)
    }

    /// Answers each connection with bytes, after the first bytes came or at once.
    private final class Greeter: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let greeting: [UInt8]
        let waits: Bool

        init(_ greeting: [UInt8], waits: Bool) {
            self.greeting = greeting
            self.waits = waits
        }

        func channelActive(context: ChannelHandlerContext) {
            if !waits { answer(context) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if waits { answer(context) }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let buffer = ByteBuffer(bytes: greeting)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }

    @Test(
        "HLT-2: servers are known by their protocol's first words",
        arguments: [
            ("postgres", "S", true, true), ("postgres", "HTTP/1.1 400", true, false),
            ("mysql", "J\0\0\0\u{0a}8.0", false, true), ("mysql", "hello world", false, false),
            ("redis", "+PONG\r\n", true, true), ("redis", "-NOAUTH no\r\n", true, true),
            ("redis", "-ERR what\r\n", true, false), ("smtp", "220 mx ready\r\n", false, true),
            ("smtp", "554 go away\r\n", false, false),
        ])
    func handshakes(
        _ kind: String, _ greeting: String, _ waits: Bool, _ isHealthy: Bool
    ) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(Greeter(Array(greeting.utf8), waits: waits))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        let check =
            switch kind {
            case "postgres": HealthCheck.postgres(host: "127.0.0.1", port: port)
            case "mysql": HealthCheck.mysql(host: "127.0.0.1", port: port)
            case "redis": HealthCheck.redis(host: "127.0.0.1", port: port)
            default: HealthCheck.smtp(host: "127.0.0.1", port: port)
            }
        let checks = HealthChecks(clock: { fixedTime })
        checks.add(check)
        #expect(await checks.report(.ready).httpStatus == (isHealthy ? 200 : 503))
        try await channel.close().get()
        let gone = await HealthChecks(clock: { fixedTime }).entry(named: "nothing")
        #expect(gone == nil)
    }
}
