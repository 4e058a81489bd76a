import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Elasticsearch's bulk format, and how documents say who sent them.
@Suite struct BulkTests {
    private static let body = #"""
        {"create":{"_index":"logs-a","_id":"7"}}
        {"@timestamp":"2026-11-21T02:00:00Z","message":"one","host":{"name":"h1"},"n":1}

        {"delete":{"_id":"1"}}
        {"update":{"_id":"1"}}
        {"doc":{"a":1}}
        {"index":{}}
        plain level=info status=200
        """#

    private static func decode(_ text: String) throws -> BulkResult {
        try Bulk.decode(Array(text.utf8), options: JSONLinesOptions(), receivedNanos: 42)
    }

    @Test func actionsAndDocuments() throws {
        let result = try Self.decode(Self.body)
        #expect(
            result.items == [
                .init(action: "create", index: "logs-a", row: 0),
                .init(action: "delete", index: "", row: nil),
                .init(action: "update", index: "", row: nil),
                .init(action: "index", index: "", row: 1),
            ])
        #expect(result.batch.rowCount == 2)
        #expect(result.batch.resource(ofRow: 0)["host.name"] == .string("h1"))
        #expect(result.batch.value(of: FieldReference("n"), row: 0) == .int(1))
        #expect(result.batch.times == [1_795_226_400_000_000_000, 42])
        let text = result.batch.value(of: FieldReference("body"), row: 1)
        #expect(text == .string("plain level=info status=200"))
    }

    @Test(arguments: [
        "x", "{}", #"{"create":{}}"#, #"{"create":1}"#, #"{"make":{}}"# + "\n{}",
        #"{"create":{},"index":{}}"# + "\n{}",
    ])
    func whatIsNoAction(_ body: String) {
        #expect(throws: WireFailure.self) { try Self.decode(body) }
    }

    @Test func damagedBodiesAreRefusedOrRead() {
        DecoderVerifier.verify(Array(Self.body.utf8), seed: 6) {
            let result = try Bulk.decode($0, options: JSONLinesOptions(), receivedNanos: 42)
            DecoderDamageTests.check(result.batch)
        }
    }

    /// Fields that a request names, and resource attributes of OpenTelemetry, are the sender's;
    /// with too many senders they stay fields.
    @Test func senders() throws {
        let options = JSONLinesOptions(
            timeField: "t0,_time", messageField: "_msg", senderFields: ["tenant", "n"])
        let lines = #"""
            {"_time":"2026-11-21T02:00:00Z","_msg":"a","service.name":"s","tenant":"x","n":1,"k":1}
            {"_time":"2026-11-21T02:00:00Z","_msg":"b","service.name":"s","tenant":"x","n":1,"k":2}
            {"t0":1795226407,"_time":"2026-11-21T02:00:00Z","_msg":"c","service.name":"s","tenant":"y"}
            {"k8s":{"pod":{"name":"p"}},"_msg":"d"}
            """#
        let batch = try JSONLines.decode(
            Array(lines.utf8), options: options, receivedNanos: 42
        ).batch
        #expect(batch.resources.count == 3)
        #expect(batch.resourceIndexes == [0, 0, 1, 2])
        #expect(batch.resources[0].service == "s")
        #expect(batch.resources[0]["tenant"] == .string("x"))
        #expect(batch.resources[0]["n"] == .int(1))
        #expect(batch.resources[2]["k8s.pod.name"] == .string("p"))
        #expect(
            batch.times == [
                1_795_226_400_000_000_000, 1_795_226_400_000_000_000, 1_795_226_407_000_000_000, 42,
            ])
        #expect(batch.value(of: FieldReference("body"), row: 3) == .string("d"))
        #expect(!batch.columns.contains { ["tenant", "n"].contains($0.name) })
        let many = (0..<Limits.maxSenders + 5).map { #"{"msg":"m","host.name":"h\#($0)"}"# }
        let limited = try JSONLines.decode(
            Array(many.joined(separator: "\n").utf8), options: JSONLinesOptions(),
            receivedNanos: 42
        ).batch
        #expect(limited.resources.count <= Limits.maxSenders + 1)
        let last = limited.rowCount - 1
        #expect(limited.value(of: FieldReference("host.name"), row: last) == .string("h\(last)"))
    }
}
