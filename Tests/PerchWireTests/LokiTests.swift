import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// What is pushed to Loki becomes rows whose lines, labels and fields are what was sent.
@Suite struct LokiTests {
    private static func decode(_ text: String) throws -> EventBatch {
        try LokiPush.decodeJSON(Array(text.utf8), receivedNanos: 42)
    }

    private static func field(_ batch: EventBatch, _ name: String, _ row: Int = 0) -> FieldValue? {
        batch.value(of: FieldReference(name), row: row)
    }

    @Test func labelsBecomeTheSender() throws {
        let batch = try Self.decode(
            #"""
            {"streams":[{"stream":{"app":"pay","host_name":"h1","level":"WARN","k8s_pod_name":"p"},
            "values":[["7","one"],["0","two"]]},{"stream":{"service_name":"api","app":"x"},
            "values":[["9","three"]]}]}
            """#)
        #expect(batch.times == [7, 42, 9])
        let first = batch.resource(ofRow: 0)
        #expect(first.service == "pay")
        #expect(first["app"] == .string("pay"))
        #expect(first["host.name"] == .string("h1"))
        #expect(first["k8s.pod.name"] == .string("p"))
        #expect(first["level"] == .string("WARN"))
        #expect(batch.resource(ofRow: 2).service == "api")
        #expect(Self.field(batch, "severity_text") == .string("WARN"))
        #expect(Self.field(batch, "severity_number") == .int(13))
        #expect(Self.field(batch, "severity_number", 2) == nil)
        #expect(Self.field(batch, "body", 1) == .string("two"))
    }

    /// Integers are kept as such only when their digits say the same again.
    @Test func metadataComesBackAsItWasSent() throws {
        let sent = [
            "a": "42", "b": "042", "c": "-1", "d": "-0", "e": "1.50", "f": "", "g": "0", "h": "-",
            "i": "12345678901234567890", "level": "error", "j": "é\\n",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00F067AA0BA902B7",
        ]
        let object = sent.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        let batch = try Self.decode(
            #"{"streams":[{"stream":{"app":"a"},"values":[["1","x",{\#(object)}]]}]}"#)
        for (name, value) in sent {
            let back = Self.field(batch, name)?.text
            #expect(back == value.replacing("\\n", with: "\n"), "\(name)")
        }
        #expect(Self.field(batch, "a") == .int(42))
        #expect(Self.field(batch, "severity_number") == .int(17))
        let trace = batch.columns.first { $0.name == "trace_id" }
        #expect(trace?.space == .record)
        #expect(trace?.kind == .id)
        #expect(batch.columns.first { $0.name == "span_id" }?.kind == .string)
    }

    /// A line that is JSON or logfmt gives its fields, and stays as it came (issue 4, item 2).
    @Test func linesGiveTheirFields() throws {
        let lines = [
            #"{\"level\":\"error\",\"status\":500,\"user\":{\"id\":7},\"ok\":false}"#,
            #"level=warn msg=\"a \\\"b\\\" c\" dur=12.5 ok=true path=/x?y=1 empty="#,
            "level=warn and then words", "just=one", "plain words",
        ]
        let values = lines.enumerated().map { #"["\#($0.offset + 1)","\#($0.element)"]"# }
        let batch = try Self.decode(
            #"{"streams":[{"values":[\#(values.joined(separator: ","))],"stream":{"app":"a"}}]}"#)
        #expect(batch.rowCount == 5)
        #expect(Self.field(batch, "status") == .int(500))
        #expect(Self.field(batch, "user.id") == .int(7))
        #expect(Self.field(batch, "ok") == .bool(false))
        #expect(Self.field(batch, "severity_number") == .int(17))
        #expect(Self.field(batch, "msg", 1) == .string(#"a "b" c"#))
        #expect(Self.field(batch, "dur", 1) == .double(12.5))
        #expect(Self.field(batch, "path", 1) == .string("/x?y=1"))
        #expect(Self.field(batch, "empty", 1) == .string(""))
        #expect(Self.field(batch, "severity_text", 1) == .string("warn"))
        for row in 2..<5 { #expect(Self.field(batch, "level", row) == nil) }
        #expect(Self.field(batch, "body", 4) == .string("plain words"))
        #expect(
            Self.field(batch, "body")
                == .string(#"{"level":"error","status":500,"user":{"id":7},"ok":false}"#))
    }

    @Test(arguments: [
        ("{}", ""), (#"{"streams":null}"#, ""), (#"{"streams":[]}"#, ""),
        (#"{"streams":[{"stream":{},"values":[]}]}"#, "at least one label pair"),
        (#"{"streams":[{"values":[]}]}"#, "at least one label pair"),
        (#"{"streams":[{"stream":{"bad-name":"x"},"values":[]}]}"#, "bad-name"),
        (#"{"streams":[{"stream":{"a":"x"},"values":[["yesterday","x"]]}]}"#, "nanoseconds"),
        (#"{"streams":[{"stream":{"a":"x"},"values":[["1"]]}]}"#, "a line belongs"),
        (#"{"streams":[{"stream":{"a":"x"},"values":[["1",null]]}]}"#, "a line belongs"),
        (#"{"streams":[{"labels":"{a=b}","entries":[]}]}"#, "quoted value"),
        (#"{"streams":[{"labels":"{a=\"b\"","entries":[]}]}"#, "a comma or }"),
        (#"{"streams":[{"labels":"{a=\"b\"} x","entries":[]}]}"#, "nothing belongs"),
        (#"{"streams":"#, "ends"),
    ])
    func bodiesThatDoNotRead(_ body: String, _ message: String) throws {
        if message.isEmpty {
            #expect(try Self.decode(body).rowCount == 0)
            return
        }
        do throws(WireFailure) {
            _ = try LokiPush.decodeJSON(Array(body.utf8), receivedNanos: 42)
            Issue.record("\(body) was taken")
        } catch {
            guard case .malformed(let told, let position) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(told.contains(message), "\(told)")
            #expect((0...body.utf8.count).contains(position))
        }
    }

    /// The same entries in JSON and in protobuf make the same batch.
    @Test func bothFormsSayTheSame() throws {
        let protobuf = LokiPushWriter.push(
            labels: #"{app="pay", env="prod"}"#,
            entries: [(7_000_000_005, "level=info a=1", [("k", "v")]), (8_000_000_000, "x", [])])
        let json = try Self.decode(
            #"""
            {"streams":[{"stream":{"app":"pay","env":"prod"},
            "values":[["7000000005","level=info a=1",{"k":"v"}],["8000000000","x"]]}]}
            """#)
        #expect(try LokiPush.decode(protobuf, receivedNanos: 42) == json)
    }

    @Test func damagedBodiesAreRefusedOrRead() throws {
        let json = #"""
            {"streams":[{"stream":{"app":"a","level":"info"},"values":[["1","{\"a\":1,\"b\":[2]}",
            {"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","n":"5"}],["2","k=v l=\"w\u00e9\""]]},
            {"labels":"{a=\"b\"}","entries":[{"ts":"2026-11-21T02:07:38.5Z","line":"old"}]}]}
            """#
        DecoderVerifier.verify(Array(json.utf8), seed: 4) {
            DecoderDamageTests.check(try LokiPush.decodeJSON($0, receivedNanos: 42))
        }
        let protobuf = LokiPushWriter.push(
            labels: #"{app="a \"b\"", level="info"}"#,
            entries: [
                (1, #"{"a":1,"b":[2]}"#, [("span_id", "00f067aa0ba902b7")]), (2, "k=v l=w", []),
            ])
        DecoderVerifier.verify(protobuf, seed: 5) {
            DecoderDamageTests.check(try LokiPush.decode($0, receivedNanos: 42))
        }
    }
}

/// Writes `logproto.PushRequest`.
enum LokiPushWriter {
    static func push(
        labels: String, entries: [(nanos: Int64, line: String, fields: [(String, String)])]
    ) -> [UInt8] {
        var stream = ProtoWriter()
        stream.bytes(field: 1, Array(labels.utf8))
        for entry in entries {
            var time = ProtoWriter()
            time.varint(field: 1, UInt64(entry.nanos / 1_000_000_000))
            time.varint(field: 2, UInt64(entry.nanos % 1_000_000_000))
            var writer = ProtoWriter()
            writer.bytes(field: 1, time.bytes)
            writer.bytes(field: 2, Array(entry.line.utf8))
            for (name, value) in entry.fields {
                var pair = ProtoWriter()
                pair.bytes(field: 1, Array(name.utf8))
                pair.bytes(field: 2, Array(value.utf8))
                writer.bytes(field: 3, pair.bytes)
            }
            stream.bytes(field: 2, writer.bytes)
        }
        var push = ProtoWriter()
        push.bytes(field: 1, stream.bytes)
        return push.bytes
    }
}
