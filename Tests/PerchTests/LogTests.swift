import Foundation
import Instrumentation
import Logging
import PerchModel
import Testing

@testable import Perch

/// Log lines as the requirements LOG-1 to LOG-20 ask for them.
struct LogTests {
    @Test("LOG-1: numbers are written as the standard library writes them")
    func numbers() {
        var random = SystemRandomNumberGenerator()
        var numbers: [Double] = [
            0, -0.0, 0.1, 12.5, 12.57, 1e15, 99_999_999_999.99, .infinity, -3.5,
        ]
        for _ in 0..<20_000 {
            let number = Double.random(in: 0..<1e6, using: &random)
            numbers += [number, (number * 100).rounded() / 100, Double(Int(number) % 5000) / 10]
        }
        for number in numbers {
            var (fast, slow): ([UInt8], [UInt8]) = ([], [])
            LogJSON.appendNumber(number, to: &fast)
            JSONText.appendDouble(number, to: &slow)
            #expect(fast == slow, "\(number)")
        }
    }

    private func object(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(value as? [String: Any])
    }

    @Test("LOG-1, LOG-7, LOG-10: one JSON object a line with level as text and base fields")
    func jsonLine() throws {
        let lines = Lines()
        var log = logger(logSystem(lines) { $0.base = ["version": "1.2"] })
        log[metadataKey: "shop_id"] = "7"
        log.warning(
            "card \"declined\"\n", metadata: ["duration_ms": "\(12)", "n": .stringConvertible(3)])
        let line = try object(try #require(lines.all.first))
        #expect(lines.all.count == 1)
        #expect(line["timestamp"] as? String == "2026-01-31T23:59:59.123Z")
        #expect(line["level"] as? String == "warn")
        #expect(line["message"] as? String == "card \"declined\"\n")
        #expect(line["service"] as? String == "api")
        #expect(line["env"] as? String == "test")
        #expect(line["version"] as? String == "1.2")
        #expect(line["shop_id"] as? String == "7")
        #expect(line["n"] as? Int == 3)
    }

    @Test("LOG-6: field names and case change without changing call sites")
    func camelCase() throws {
        let lines = Lines()
        let log = logger(logSystem(lines) { $0.fields = .camelCase })
        var context = ServiceContext.topLevel
        context.work = WorkContext(requestID: "r1", jobID: "j1")
        ServiceContext.withValue(context) {
            log.info("done", metadata: ["duration_ms": .stringConvertible(5)])
        }
        let line = try object(try #require(lines.all.first))
        #expect(line["requestId"] as? String == "r1")
        #expect(line["jobId"] as? String == "j1")
        #expect(line["durationMs"] as? Int == 5)
        #expect(line["request_id"] == nil)
    }

    @Test("COR-5: trace and span of the task stand in the line")
    func correlation() throws {
        let lines = Lines()
        let log = logger(logSystem(lines))
        var context = ServiceContext.topLevel
        context.spanContext = Propagation.parent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        ServiceContext.withValue(context) { log.info("x") }
        let line = try object(try #require(lines.all.first))
        #expect(line["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(line["span_id"] as? String == "b7ad6b7169203331")
    }

    @Test("LOG-9: the level changes while the process runs, but not for a logger with its own")
    func runtimeLevel() {
        let lines = Lines()
        let system = logSystem(lines)
        let log = logger(system)
        var own = logger(system, "own")
        own.logLevel = .error
        log.debug("no")
        system.level = .debug
        log.debug("yes")
        own.debug("no")
        #expect(lines.all.count == 1)
        #expect(lines.text.contains("yes"))
    }

    @Test("LOG-20, CAR-2: long arrays and maps are trimmed to the first five")
    func trimming() throws {
        let lines = Lines()
        let log = logger(logSystem(lines))
        let many = (0..<8).map { Logger.MetadataValue.stringConvertible($0) }
        let map = Dictionary(
            uniqueKeysWithValues: (0..<7).map { ("k\($0)", Logger.MetadataValue.string("v")) })
        log.info("x", metadata: ["list": .array(many), "map": .dictionary(map)])
        let line = try object(try #require(lines.all.first))
        let list = try #require(line["list"] as? [Any])
        #expect(list.count == 6)
        #expect(list.last as? String == "… 3 more")
        let shown = try #require(line["map"] as? [String: Any])
        #expect(shown.count == 6)
        #expect(shown["…"] as? String == "2 more")
    }

    @Test("LOG-11: an error is a structured value")
    func structuredError() throws {
        struct Declined: Error, CustomStringConvertible { var description: String { "no money" } }
        let lines = Lines()
        logger(logSystem(lines)).error("payment failed", error: Declined())
        let line = try object(try #require(lines.all.first))
        let error = try #require(line["error"] as? [String: Any])
        #expect(error["message"] as? String == "no money")
        #expect((error["type"] as? String)?.contains("Declined") == true)
    }

    @Test("SMP-5: health checks go, routes are thinned, errors and security events stay")
    func sampling() {
        let lines = Lines()
        let log = logger(
            logSystem(lines) { options in
                options.sampling.droppedRoutes = ["/health"]
                options.sampling.keptRatioByRoute = ["/feed": 0]
            })
        log.info("a", metadata: ["route": "/health"])
        log.info("b", metadata: ["route": "/feed"])
        log.info("c", metadata: ["route": "/feed", "security_event": "login"])
        log.error("d", metadata: ["route": "/health"])
        log.info("e", metadata: ["route": "/cart"])
        #expect(lines.all.count == 3)
    }

    @Test("A line for people has no control characters but its end")
    func textLine() {
        let lines = Lines()
        let log = logger(logSystem(lines) { $0.format = .text })
        log.info("two\nlines \u{1b}[2J", metadata: ["k": "v"])
        #expect(lines.all.count == 1)
        #expect(!lines.text.contains("\u{1b}"))
        #expect(lines.text.contains("INFO"))
        #expect(lines.text.contains("k=v"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999Z"),
    ])
    func times(_ time: Int64, _ text: String) {
        var writer = LogTime()
        var bytes: [UInt8] = []
        writer.append(time, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
