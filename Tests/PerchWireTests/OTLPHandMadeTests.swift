import PerchCodec
import PerchModel
import PerchTestSupport
import PerchWire
import Testing

/// Requests written by hand after the OTLP specification.
@Suite(.enabled(if: TestData.isAvailable))
struct OTLPHandMadeTests {
    static func request(_ number: Int) throws -> TestData.Request {
        let requests = try TestData.otlpRequests("hand-made")
        return try #require(requests.first { $0.file.hasPrefix(digits(number)) })
    }

    private static func digits(_ number: Int) -> String {
        String(repeating: "0", count: 3 - String(number).count) + String(number)
    }

    static func traces(_ number: Int, isJSON: Bool = true) throws -> OTLPResult {
        try Replay.traces(try Replay.plainBody(try request(number)), isJSON: isJSON)
    }

    static func text(_ batch: EventBatch, _ field: String, _ row: Int = 0) -> String? {
        batch.value(of: FieldReference(field), row: row)?.text
    }

    @Test func canonicalTrace() throws {
        let result = try Self.traces(1)
        let batch = result.batch
        #expect(batch.rowCount == 1)
        #expect(result.rejectedCount == 0)
        #expect(Self.text(batch, "trace_id") == "5b8efff798038103d269b633813fc60c")
        #expect(Self.text(batch, "parent_span_id") == "eee19b7ec3c1b173")
        #expect(Self.text(batch, "kind") == "2")
        #expect(Self.text(batch, "status_code") == "2")
        #expect(Self.text(batch, "status_message") == "bad")
        #expect(Self.text(batch, "flags") == "257")
        #expect(Self.text(batch, "duration") == "1000000000")
        #expect(Self.text(batch, "scope_name") == "lib")
        #expect(Self.text(batch, "scope.x") == "y")
        #expect(Self.text(batch, "http.response.status_code") == "503")
        #expect(
            Self.text(batch, "events")
                == #"[{"time":1795226858000000005,"name":"exception","#
                + #""attributes":{"exception.type":"E"}}]"#)
        #expect(
            Self.text(batch, "links")
                == #"[{"trace_id":"c06cf318336b962d301830897fffe8b5","#
                + #""span_id":"00f067aa0ba902b7","attributes":{}}]"#)
        let resource = batch.resource(ofRow: 0)
        #expect(resource["n"] == .int(9_007_199_254_740_993))
        #expect(resource["arr"] == .json(#"["a",2,true,1.5]"#))
        #expect(resource["kv.k"] == .string("v"))
        #expect(resource["by"] == .bytes([0x00, 0xff, 0xfe]))
    }

    @Test func numbersAndUpperCaseHex() throws {
        let batch = try Self.traces(2).batch
        #expect(Self.text(batch, "trace_id") == "5b8efff798038103d269b633813fc60c")
        #expect(Self.text(batch, "duration") == "1000000000")
        #expect(Self.text(batch, "i") == "503")
    }

    @Test func enumNamesAndUnknownMembers() throws {
        let batch = try Self.traces(3).batch
        #expect(Self.text(batch, "kind") == "3")
        #expect(Self.text(batch, "status_code") == "2")
        #expect(Self.text(batch, "parent_span_id") == nil)
    }

    @Test func nullIsTheDefault() throws {
        let batch = try Self.traces(5).batch
        #expect(batch.rowCount == 3)
        #expect(batch.resource(ofRow: 0).service == "unknown_service")
        #expect(batch.resource(ofRow: 1).service == "manual-shop")
    }

    @Test(arguments: [(4, 0), (6, 0), (9, 1)])
    func jsonCounts(_ number: Int, _ spans: Int) throws {
        #expect(try Self.traces(number).batch.rowCount == spans)
    }

    @Test(arguments: [(10, 3), (12, 3)])
    func protobufCounts(_ number: Int, _ spans: Int) throws {
        #expect(try Self.traces(number, isJSON: false).batch.rowCount == spans)
    }

    @Test func emptyBodyIsAnEmptyMessage() throws {
        let result = try OTLPMetrics.decode([], receivedNanos: 0)
        #expect(result.pointCount == 0)
        #expect(result.batch.seriesCount == 0)
    }

    @Test func allMetricKinds() throws {
        let body = try Self.request(7).body
        let result = try OTLPMetrics.decodeJSON(body, receivedNanos: Replay.received)
        #expect(result.pointCount == 11)
        #expect(result.rejectedCount == 0)
        let stale = result.batch.values.filter { $0.bitPattern == SampleBatch.staleMarkerBits }
        #expect(stale.count == 1)
        #expect(result.batch.values.contains(-.infinity))
        let names = Set(
            (0..<result.batch.seriesCount).map { result.batch.labels(at: $0).metricName })
        #expect(names.isSuperset(of: ["my_counter_total", "my_gauge_celsius", "target_info"]))
        let index = try #require(
            (0..<result.batch.seriesCount).first {
                result.batch.labels(at: $0).metricName == "my_counter_total"
            })
        let labels = result.batch.labels(at: index)
        #expect(labels["job"] == "manual-shop")
        #expect(labels["service_name"] == "manual-shop")
        #expect(labels["k"] == "v")
        let exemplar = try #require(result.batch.exemplars.first)
        #expect(exemplar.labels["trace_id"] == "5b8efff798038103d269b633813fc60c")
        #expect(exemplar.labels["f"] == "g")
    }

    @Test func logRecords() throws {
        let result = try OTLPLogs.decodeJSON(
            try Self.request(8).body, receivedNanos: Replay.received)
        let batch = result.batch
        #expect(batch.rowCount == 5)
        #expect((0..<5).count { Self.text(batch, "trace_id", $0) != nil } == 1)
        #expect(Self.text(batch, "body", 0) == "plain")
        #expect(Self.text(batch, "body", 1) == #"{"msg":"map body","n":{}}"#)
        #expect(Self.text(batch, "body", 2) == "[1]")
        #expect(Self.text(batch, "body", 3) == nil)
        #expect(Self.text(batch, "body", 4) == nil)
        #expect(Self.text(batch, "event_name", 2) == "my.event")
        #expect(batch.times[1] == 1_795_226_858_000_000_002)
        #expect(batch.times[2] == 1_795_226_858_000_000_003)
    }

    @Test func invalidIDsAreRefusedOneByOne() throws {
        let request = try Self.request(13)
        let isJSON = OTLPContentType(header: request.header("content-type")) == .json
        let result = try Self.traces(13, isJSON: isJSON)
        #expect(result.batch.rowCount == 1)
        #expect(result.rejectedCount == 2)
        #expect(result.rejectedMessage.contains("trace id"))
    }

    @Test(arguments: [14, 15, 16, 17, 18, 19, 20, 21])
    func malformedBodies(_ number: Int) throws {
        let request = try Self.request(number)
        let isJSON = OTLPContentType(header: request.header("content-type")) == .json
        #expect(throws: WireFailure.self) {
            if request.path == "/v1/logs" {
                _ = try Replay.logs(request.body, isJSON: isJSON)
            } else {
                _ = try Replay.traces(request.body, isJSON: isJSON)
            }
        }
    }

    @Test(arguments: [25, 26])
    func malformedCompression(_ number: Int) throws {
        let request = try Self.request(number)
        #expect(throws: DecompressFailure.self) { try Replay.plainBody(request) }
    }

    @Test func contentTypes() throws {
        #expect(OTLPContentType(header: "application/json; charset=utf-8") == .json)
        #expect(OTLPContentType(header: "application/x-protobuf") == .protobuf)
        #expect(OTLPContentType(header: "text/plain") == nil)
        #expect(OTLPContentType(header: nil) == nil)
    }
}
