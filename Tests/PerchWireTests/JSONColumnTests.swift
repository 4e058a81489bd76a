import Foundation
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Columns of JSON hold JSON on one line, whatever the sender wrote.
@Suite struct JSONColumnTests {
    private static func value(_ text: String, isArray: Bool = false) throws -> String? {
        try value(Array((isArray ? "[\(text)]" : text).utf8))
    }

    private static func value(_ body: [UInt8]) throws -> String? {
        let result = try JSONLines.decode(
            body, options: JSONLinesOptions(), receivedNanos: 1)
        #expect(result.plainCount == 0)
        for column in result.batch.columns { #expect(DecoderDamageTests.isJSON(column)) }
        return result.batch.value(of: FieldReference("a"), row: 0)?.text
    }

    @Test("numbers that JSON lacks become strings", arguments: [false, true])
    func nonFinite(isArray: Bool) throws {
        let text = #"{"a":[NaN, Infinity,-Infinity , "NaN -Infinity", 1.5]}"#
        #expect(
            try Self.value(text, isArray: isArray)
                == #"["NaN","Infinity","-Infinity","NaN -Infinity",1.5]"#)
    }

    @Test("a value over several lines is kept on one")
    func lineFeeds() throws {
        let text = "{\"a\":\r\n\t[ 1 ,\n {\"k\" : \"v \\\" \\n w\" , \"e\":{ } } ]\n}"
        #expect(try Self.value(text, isArray: true) == #"[1,{"k":"v \" \n w","e":{}}]"#)
    }

    @Test("bytes that are no UTF-8 are repaired in JSON too")
    func badUTF8() throws {
        let body =
            Array(#"{"a":["#.utf8) + Array("\"x".utf8) + [0xff, 0xc3] + Array("\"]}".utf8)
        #expect(try Self.value(body) == "[\"x\u{FFFD}\u{FFFD}\"]")
    }

    @Test("so is a list of OTLP")
    func otlp() throws {
        var any = ProtoWriter()
        any.bytes(field: 1, [0x78, 0xff, 0x0a])
        var list = ProtoWriter()
        list.bytes(field: 1, any.bytes)
        var body = ProtoWriter()
        body.bytes(field: 5, list.bytes)
        var record = ProtoWriter()
        record.bytes(field: 5, body.bytes)
        var scope = ProtoWriter()
        scope.bytes(field: 2, record.bytes)
        var resource = ProtoWriter()
        resource.bytes(field: 2, scope.bytes)
        var request = ProtoWriter()
        request.bytes(field: 1, resource.bytes)
        let batch = try OTLPLogs.decode(request.bytes, receivedNanos: 1).batch
        #expect(batch.value(of: FieldReference("body"), row: 0) == .json("[\"x\u{FFFD}\\n\"]"))
    }

    @Test("a body of one array has no more elements than records are taken")
    func elementsAreLimited() {
        let body = Array("[{}".utf8) + (0..<1_000_000).flatMap { _ in Array(",1".utf8) } + [0x5d]
        let error = #expect(throws: WireFailure.self) { _ = try ArrayBody.elements(body) }
        guard case .tooLarge? = error else {
            Issue.record("not refused for its size")
            return
        }
    }

    /// The reader of OTLP/JSON guesses each key; a wrong guess must cost time only.
    @Test(
        "the order of keys and the space between them do not matter",
        .enabled(if: TestData.isAvailable))
    func orderOfKeys() throws {
        for request in try TestData.otlpRequests("edge-traces-json").prefix(3) {
            let body = try Replay.plainBody(request)
            let tree = try JSONSerialization.jsonObject(with: Data(body))
            let wanted = EventOracle.rows(try Replay.traces(body, isJSON: true).batch)
            #expect(!wanted.isEmpty)
            for options in [[.prettyPrinted], [.sortedKeys], []]
                as [JSONSerialization.WritingOptions]
            {
                let other = try JSONSerialization.data(withJSONObject: tree, options: options)
                let rows = EventOracle.rows(try Replay.traces(Array(other), isJSON: true).batch)
                #expect(rows == wanted)
            }
        }
    }
}
