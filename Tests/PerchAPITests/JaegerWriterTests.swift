import Foundation
import PerchModel
import Testing

@testable import PerchAPI

/// The parts of Jaeger's JSON that recorded traces do not have.
@Suite struct JaegerWriterTests {
    private func written(_ spans: SomeSpans) throws -> [String: Any] {
        var text: [UInt8] = []
        JaegerTraceWriter.append(try spans.trace(0xab), to: &text)
        let value = try JSONSerialization.jsonObject(with: Data(text))
        return try #require(value as? [String: Any])
    }

    @Test func aSpanThatWasSentTwiceIsShownOnce() throws {
        var spans = SomeSpans()
        spans.add(trace: 0xab, span: 1)
        spans.add(trace: 0xab, span: 1)
        let trace = try written(spans)
        #expect(trace["traceID"] as? String == "00000000000000ab")
        #expect((trace["spans"] as? [Any])?.count == 1)
        #expect(trace["warnings"] is NSNull)
    }

    @Test func spansOfOneIDThatDifferAreAllShown() throws {
        var spans = SomeSpans()
        spans.add(trace: 0xab, span: 1, service: "a")
        spans.add(trace: 0xab, span: 1, service: "b")
        let trace = try written(spans)
        let shown = try #require(trace["spans"] as? [[String: Any]])
        #expect(shown.map { $0["processID"] as? String } == ["p1", "p2"])
        #expect(shown[0]["warnings"] is NSNull)
        #expect((shown[1]["warnings"] as? [String])?.count == 1)
        #expect((trace["processes"] as? [String: Any])?.count == 2)
    }

    @Test func linksBecomeReferencesAndMayNameTheParent() throws {
        let other = "000102030405060708090a0b0c0d0e0f"
        let same = "00000000000000000000000000000000".dropLast(2) + "ab"
        let links = """
            [{"trace_id":"\(other)","span_id":"1111111111111111","attributes":{}},\
            {"trace_id":"\(other)","span_id":"2222222222222222",\
            "attributes":{"opentracing.ref_type":"child_of"}},\
            {"trace_id":"\(same)","span_id":"0000000000000009","attributes":{}},\
            {"trace_id":"","span_id":"","attributes":{}},\
            {"trace_id":"zz","span_id":"\\u0022","attributes":{}}]
            """
        var spans = SomeSpans()
        spans.add(
            trace: 0xab, span: 1, parent: 9,
            fields: [(.record, RecordField.links, .json(links))])
        let shown = try #require(try written(spans)["spans"] as? [[String: Any]])
        let references = try #require(shown[0]["references"] as? [[String: String]])
        #expect(references.map { $0["refType"] } == ["FOLLOWS_FROM", "FOLLOWS_FROM", "CHILD_OF"])
        #expect(references.map { $0["traceID"] } == ["00000000000000ab", other, other])
        #expect(
            references.map { $0["spanID"] }
                == ["0000000000000009", "1111111111111111", "2222222222222222"])
    }

    @Test func integersThatJavaScriptWouldRoundAreStrings() throws {
        var spans = SomeSpans()
        spans.add(
            trace: 0xab, span: 1,
            fields: [
                (.attribute, "big", .int(1 << 53)), (.attribute, "fits", .int((1 << 53) - 1)),
                (.attribute, "least", .int(.min)), (.attribute, "half", .double(0.5)),
                (.attribute, "none", .double(.nan)), (.attribute, "raw", .bytes([1, 2])),
                (.attribute, "list", .json(#"["a",1]"#)),
            ])
        let shown = try #require(try written(spans)["spans"] as? [[String: Any]])
        let tags = try #require(shown[0]["tags"] as? [[String: Any]])
        let byKey = Dictionary(uniqueKeysWithValues: tags.map { ($0["key"] as? String ?? "", $0) })
        #expect(byKey["big"]?["value"] as? String == "9007199254740992")
        #expect(byKey["fits"]?["value"] as? Int == 9_007_199_254_740_991)
        #expect(byKey["least"]?["value"] as? String == "-9223372036854775808")
        #expect(byKey["least"]?["type"] as? String == "int64")
        #expect(byKey["half"]?["value"] as? Double == 0.5)
        #expect(byKey["none"]?["value"] as? String == "NaN")
        #expect(byKey["raw"]?["value"] as? String == "AQI=")
        #expect(byKey["raw"]?["type"] as? String == "binary")
        #expect(byKey["list"]?["value"] as? String == #"["a",1]"#)
        #expect(byKey["span.kind"]?["value"] as? String == "server")
    }

    @Test func timesAndDurationsBelowZeroAreZero() throws {
        var spans = SomeSpans()
        spans.add(trace: 0xab, span: 1, start: -5_000, duration: -7_000)
        let shown = try #require(try written(spans)["spans"] as? [[String: Any]])
        #expect(shown[0]["startTime"] as? Int == 0)
        #expect(shown[0]["duration"] as? Int == 0)
    }

    /// Whatever text stands where the decoder writes JSON, the answer stays JSON.
    @Test(arguments: ["", "[", "{}", "[1,null,[]]", #"[{"time":"x","name":7,"attributes":[]}]"#])
    func brokenEventsBreakNothing(_ text: String) throws {
        var spans = SomeSpans()
        spans.add(
            trace: 0xab, span: 1,
            fields: [
                (.record, RecordField.events, .json(text)),
                (.record, RecordField.links, .json(text)),
            ])
        #expect((try written(spans)["spans"] as? [Any])?.count == 1)
    }
}
