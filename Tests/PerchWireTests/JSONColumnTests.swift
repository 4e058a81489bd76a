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

    /// Attributes have a fast path, which a space after the brace keeps them from.
    @Test("an attribute's fast path gives what the general way gives")
    func attributes() throws {
        let texts = [0, 1, 7, 8, 126, 127, 128, 300, 20_000].map {
            String(repeating: "x", count: $0)
        }
        var values = texts.map { "{\"stringValue\":\"\($0)\"}" }
        values += ["0", "-1", "127", "128", "-9223372036854775808", "9223372036854775807"].map {
            "{\"intValue\":\"\($0)\"}"
        }
        values += [
            "{\"stringValue\":\"é\\n\"}", "{\"intValue\":5}", "{\"intValue\":\"1.0\"}", "{}",
            "null",
            "{\"stringValue\":\"a\",\"intValue\":\"1\"}", "{\"stringValue\":null}",
            "{\"boolValue\":true}", "{\"stringValue\":\"a\"", "{\"intValue\":\"\"}",
            "{\"intValue\":\"x\"}",
            "{\"stringValue\":\"a\"}}", "{\"stringValue\":\"a}", "{\"stringValue\":1}",
        ]
        var taken = 0
        for key in ["k", "", "é", texts[6], texts[7]] {
            for value in values {
                let fast = Self.record("{\"key\":\"\(key)\",\"value\":\(value)}")
                let general = Self.record("{ \"key\":\"\(key)\",\"value\":\(value)}")
                #expect(fast == general, "\(key) \(value)")
                // The form with spaces has a fast path of its own.
                let wide = value.replacingOccurrences(of: "Value\":", with: "Value\": ")
                let spaced = Self.record("{\"key\": \"\(key)\", \"value\": \(wide)}")
                #expect(spaced == general, "\(key) \(wide)")
                taken += fast == nil ? 0 : 1
            }
        }
        #expect(taken == 5 * (values.count - 6))
    }

    /// The rows of a log record with this attribute and another, or nil when it is refused.
    private static func record(_ attribute: String) -> [EventOracle.Row]? {
        let other = #"{"key":"other","value":{"stringValue":"o"}}"#
        let body =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":["#
            + "\(attribute),\(other)" + #"]}]}]}]}"#
        return (try? OTLPLogs.decodeJSON(Array(body.utf8), receivedNanos: 1)).map {
            EventOracle.rows($0.batch)
        }
    }

    @Test("a literal is found where it stands and nowhere else", arguments: 1...32)
    func literals(count: Int) {
        let text = (0..<count).map { UInt8(0x41 + $0) }
        let literal = ByteLiteral(String(decoding: text, as: UTF8.self))
        let bytes = [0x20] + text + [UInt8](repeating: 0x20, count: 8)
        func stands(_ bytes: [UInt8], _ position: Int) -> Bool {
            literal.stands(in: bytes.span, at: position)
        }
        #expect(stands(bytes, 1))
        #expect(!stands(bytes, 0))
        #expect(!stands(text, 1))
        // Words cannot be read so near the end.
        #expect(stands(text, 0) == (count >= 8))
        for place in 0..<count {
            var other = bytes
            other[1 + place] ^= 1
            #expect(!stands(other, 1))
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
