import Foundation
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Log lines of real loggers, and lines written to break readers.
@Suite struct JSONLinesTests {
    static let received: Int64 = 42

    static func decode(
        _ text: String, _ options: JSONLinesOptions = JSONLinesOptions()
    ) throws -> JSONLinesResult {
        try JSONLines.decode(Array(text.utf8), options: options, receivedNanos: received)
    }

    static func value(_ result: JSONLinesResult, _ field: String, _ row: Int = 0) -> FieldValue? {
        result.batch.value(of: FieldReference(field), row: row)
    }

    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: [
            "bunyan", "loguru", "pino-handmade", "python-json-logger", "structlog", "winston",
        ])
    func recordedLoggers(_ name: String) throws {
        let body = try TestData.bytes("logs/\(name).jsonl")
        let result = try JSONLines.decode(
            body, options: JSONLinesOptions(), receivedNanos: Self.received)
        let all = try TestData.object("logs/expected.json")
        let expected = try #require(all["\(name).jsonl"] as? [String: Any])
        let lines = try #require(expected["lines"] as? Int)
        #expect(result.acceptedCount == lines)
        #expect(result.plainCount == 0)
        #expect(result.batch.rowCount == lines)
        #expect(!result.batch.times.contains(Self.received))
        var levels: [String: Int] = [:]
        for row in 0..<lines {
            levels[Self.value(result, "severity_text", row)?.text ?? "", default: 0] += 1
            #expect(Self.value(result, "severity_number", row) != nil)
            #expect(Self.value(result, "body", row) != nil)
            #expect(
                result.batch.value(of: FieldReference("trace_id", space: .record), row: row) != nil
                    || name != "pino-handmade")
        }
        #expect(levels == expected["levels"] as? [String: Int])
        let stacks = (0..<lines).count {
            Self.value(result, "exception.stacktrace", $0) != nil
        }
        if name != "structlog" {
            #expect(stacks == expected["lines_with_exception_or_stack"] as? Int)
        }
    }

    /// No line is lost; lines that are no JSON object are named.
    @Test(.enabled(if: TestData.isAvailable))
    func brokenLines() throws {
        let result = try JSONLines.decode(
            try TestData.bytes("logs/broken-handmade.log"), options: JSONLinesOptions(),
            receivedNanos: Self.received)
        // The strict parser finds 22; beside them we take the lines with bytes that are no UTF-8,
        // with a byte order mark, and with the prefix of a container runtime.
        #expect(result.acceptedCount == 25)
        #expect(result.plainCount == 43 - 2 - 25)
        #expect(result.batch.rowCount == 41)
        #expect(result.bad.count == 16)
        #expect(
            result.bad.map(\.line) == [4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 23, 25, 38, 39, 40, 41])
        #expect(result.bad[3].reason == "JSON, but not an object")
    }

    @Test func timesOfManyForms() throws {
        let wanted: Int64 = 1_795_226_858_123_000_000
        for text in [
            "\"2026-11-21T02:07:38.123Z\"", "\"2026-11-21 02:07:38,123\"", "1795226858.123",
            "1795226858123", "1795226858123000", "1795226858123000000",
            "\"2026-11-21T03:07:38.123+01:00\"", "\"2026-11-21T02:07:38.123000+0000\"",
            "\"1795226858123\"",
        ] {
            let result = try Self.decode("{\"time\":\(text),\"msg\":\"x\"}")
            #expect(result.batch.times == [wanted], "\(text)")
        }
        for text in ["\"not a time\"", "7", "null", "\"2026-13-21T02:07:38Z\"", "-5"] {
            let result = try Self.decode("{\"time\":\(text),\"msg\":\"x\"}")
            #expect(result.batch.times == [Self.received], "\(text)")
        }
    }

    @Test func levelsNamedAndNumbered() throws {
        for (text, number) in [
            ("30", 9), ("\"warn\"", 13), ("\"ERROR\"", 17), ("60", 21), ("\"critical\"", 18),
            ("\"silly\"", 1), ("3", 17), ("\"20\"", 5),
        ] as [(String, Int64)] {
            let result = try Self.decode("{\"level\":\(text)}")
            #expect(Self.value(result, "severity_number") == .int(number), "\(text)")
            let written = text.filter { $0 != "\"" }
            #expect(Self.value(result, "severity_text") == .string(written))
        }
        let result = try Self.decode(#"{"level":["error"],"msg":{"nested":"m"}}"#)
        #expect(Self.value(result, "severity_number") == nil)
        #expect(Self.value(result, "level") == .json(#"["error"]"#))
        #expect(Self.value(result, "msg.nested") == .string("m"))
    }

    @Test func nestedObjectsAndTypes() throws {
        let result = try Self.decode(
            #"{"msg":"m","a":{"b":{"c":1},"d":[1,{"e":null}]},"f":1.5,"g":true,"h":null,"#
                + #""big":123456789012345678901234567890,"inf":1e400,"nan":NaN,"s":"\u00e9\ud83d"}"#
        )
        #expect(Self.value(result, "a.b.c") == .int(1))
        #expect(Self.value(result, "a.d") == .json(#"[1,{"e":null}]"#))
        #expect(Self.value(result, "f") == .double(1.5))
        #expect(Self.value(result, "g") == .bool(true))
        #expect(Self.value(result, "h") == nil)
        #expect(Self.value(result, "big") == .double(1.2345678901234568e29))
        #expect(Self.value(result, "inf") == .string("1e400"))
        #expect(Self.value(result, "s") == .string("é\u{FFFD}"))
    }

    @Test func idsServiceAndErrors() throws {
        let result = try Self.decode(
            #"""
            {"msg":"a","service":"pay","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","err":{"type":"E","message":"m","stack":"s"}}
            {"msg":"b","service":{"name":"pay"},"logging.googleapis.com/trace":"projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736"}
            {"msg":"c","trace_id":"12345","name":"logger"}
            """#,
            JSONLinesOptions(defaultService: "fallback"))
        #expect(result.batch.resource(ofRow: 0).service == "pay")
        #expect(result.batch.resourceIndexes[0] == result.batch.resourceIndexes[1])
        #expect(result.batch.resource(ofRow: 2).service == "fallback")
        let id = try #require(Hex.decode("4bf92f3577b34da6a3ce929d0e0e4736".utf8))
        #expect(Self.value(result, "trace_id", 0) == .id(id))
        #expect(Self.value(result, "trace_id", 1) == .id(id))
        #expect(Self.value(result, "trace_id", 2) == .string("12345"))
        #expect(Self.value(result, "exception.type", 0) == .string("E"))
        #expect(Self.value(result, "exception.message", 0) == .string("m"))
        #expect(Self.value(result, "exception.stacktrace", 0) == .string("s"))
        #expect(Self.value(result, "name", 2) == .string("logger"))
    }

    @Test func wrappersAreTakenOff() throws {
        let result = try Self.decode(
            #"""
            {"log":"{\"msg\":\"inner\",\"level\":\"info\"}\n","stream":"stderr","time":"2026-11-21T02:00:00.5Z"}
            {"log":"just text\n","stream":"stdout","time":"2026-11-21T02:00:00.5Z"}
            2026-11-21T02:00:00.5Z stdout F {"msg":"cri"}
            """#)
        #expect(result.acceptedCount == 3)
        #expect(
            (0..<3).map { Self.value(result, "body", $0) }
                == [.string("inner"), .string("just text"), .string("cri")])
        #expect(Set(result.batch.times) == [1_795_226_400_500_000_000])
        #expect(Self.value(result, "log.iostream", 0) == .string("stderr"))
    }

    @Test func mappingByOptions() throws {
        let options = JSONLinesOptions(
            timeField: "when", levelField: "how", messageField: "what.text")
        let result = try Self.decode(
            #"{"when":1795226858,"how":"warn","what":{"text":"t"},"msg":"other","level":"info"}"#,
            options)
        #expect(result.batch.times == [1_795_226_858_000_000_000])
        #expect(Self.value(result, "severity_number") == .int(13))
        #expect(Self.value(result, "body") == .string("t"))
        #expect(Self.value(result, "msg") == .string("other"))
    }

    @Test func oneArrayOfObjects() throws {
        let result = try Self.decode(" [{\"msg\":\"a\"},\n{\"msg\":\"b\"}, 7 ]\n")
        #expect(result.acceptedCount == 2)
        #expect(result.bad == [.init(line: 3, reason: "JSON, but not an object")])
    }

    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: ["pino-handmade.jsonl", "broken-handmade.log"])
    func damageNeverTraps(_ file: String) throws {
        let lines = try TestData.bytes("logs/\(file)").split(separator: 0x0a).prefix(45)
        let body = Array(lines.joined(separator: [0x0a]).prefix(7_000))
        DecoderVerifier.verify(body) { bytes in
            _ = try JSONLines.decode(bytes, options: JSONLinesOptions(), receivedNanos: 0)
        }
    }
}
