import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Every decoder on every prefix of real bodies, and on bodies with each byte changed.
///
/// The decoders read whole bodies, so there is no state between bytes that drips could upset.
@Suite(.enabled(if: TestData.isAvailable))
struct DecoderDamageTests {
    @Test(arguments: [
        "hand-made", "edge-logs", "edge-logs-json", "edge-metrics", "edge-metrics-json",
        "edge-traces", "edge-traces-json",
    ])
    func otlp(_ folder: String) throws {
        var seen: Set<String> = []
        for request in try TestData.otlpRequests(folder) {
            guard let type = OTLPContentType(header: request.header("content-type")),
                let body = try? Replay.plainBody(request), body.count < 200_000,
                folder == "hand-made" || seen.insert(request.path).inserted
            else { continue }
            let isJSON = type == .json
            DecoderVerifier.verify(body, seed: UInt64(body.count)) { bytes in
                switch request.path {
                case "/v1/logs": Self.check(try Replay.logs(bytes, isJSON: isJSON).batch)
                case "/v1/metrics": Self.check(try Replay.metrics(bytes, isJSON: isJSON).batch)
                default: Self.check(try Replay.traces(bytes, isJSON: isJSON).batch)
                }
            }
        }
    }

    /// What a batch promises holds for damaged input too.
    static func check(_ batch: EventBatch) {
        var keys: Set<String> = []
        for column in batch.columns {
            let isNew = keys.insert("\(column.space) \(column.kind) \(column.name)").inserted
            let isSorted = zip(column.rows, column.rows.dropFirst()).allSatisfy { $0 < $1 }
            let values =
                column.kind.isBytes
                ? (column.isDictionary ? column.codes.count : column.ends.count)
                : column.kind == .double ? column.doubles.count : column.ints.count
            let isCoded = column.codes.allSatisfy { $0 < column.ends.count }
            if !isNew || !isSorted || !isCoded || values != column.rows.count
                || !Self.isJSON(column)
            {
                Issue.record("column \(column.name) breaks its promise")
            }
        }
    }

    /// Whether the values of a column of JSON are JSON, each on one line; true for other columns.
    static func isJSON(_ column: Column) -> Bool {
        guard column.kind == .json else { return true }
        let bytes = column.bytes.span
        return column.rows.indices.allSatisfy { index in
            let value = column.byteRange(at: index)
            var reader = JSONReader(value)
            guard (try? reader.skipValue(bytes)) != nil, (try? reader.finish(bytes)) != nil else {
                return false
            }
            return UTF8Check.isValid(bytes.extracting(value))
                && !column.bytes[value].contains { $0 == 0x0a || $0 == 0x0d }
        }
    }

    static func check(_ batch: SampleBatch) {
        if batch.times.count != batch.values.count
            || batch.times.count != batch.seriesIndexes.count
            || batch.seriesIndexes.contains(where: { $0 >= UInt32(batch.seriesCount) })
        {
            Issue.record("samples do not fit their series")
        }
    }

    /// Nesting as deep as a body can write it ends in an error, not in the stack.
    @Test func deepNestingIsRefused() {
        var value: [UInt8] = []
        for _ in 0..<5_000 {
            var list = ProtoWriter()
            list.bytes(field: 1, value)
            var any = ProtoWriter()
            any.bytes(field: 5, list.bytes)
            value = any.bytes
            if value.count > 60_000 { break }
        }
        var record = ProtoWriter()
        record.bytes(field: 5, value)
        var scope = ProtoWriter()
        scope.bytes(field: 2, record.bytes)
        var resource = ProtoWriter()
        resource.bytes(field: 2, scope.bytes)
        var request = ProtoWriter()
        request.bytes(field: 1, resource.bytes)
        #expect(throws: WireFailure.self) {
            try OTLPLogs.decode(request.bytes, receivedNanos: 0)
        }
        let open = String(repeating: #"{"arrayValue":{"values":["#, count: 20_000)
        let json = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"# + open
        #expect(throws: WireFailure.self) {
            try OTLPLogs.decodeJSON(Array(json.utf8), receivedNanos: 0)
        }
        let arrays = String(repeating: "[", count: 100_000)
        let line = "{\"msg\":\"m\",\"deep\":\(arrays)"
        #expect(throws: Never.self) {
            let result = try JSONLines.decode(
                Array(line.utf8), options: JSONLinesOptions(), receivedNanos: 0)
            #expect(result.plainCount == 1)
        }
    }

    /// A small body whose scope repeats over many records is refused, not stored.
    @Test func repeatedScopesAreLimited() {
        var inner = ProtoWriter()
        inner.bytes(field: 1, [UInt8](repeating: 0x61, count: 1_000_000))
        var scope = ProtoWriter()
        scope.bytes(field: 1, inner.bytes)
        for _ in 0..<1_000 { scope.bytes(field: 2, []) }
        var resource = ProtoWriter()
        resource.bytes(field: 2, scope.bytes)
        var request = ProtoWriter()
        request.bytes(field: 1, resource.bytes)
        let error = #expect(throws: WireFailure.self) {
            try OTLPLogs.decode(request.bytes, receivedNanos: 0)
        }
        guard case .tooLarge? = error else {
            Issue.record("not refused for its size")
            return
        }
    }
}
