import PerchWire
import Testing

/// The bodies of answers (OTLP/HTTP Response).
@Suite struct OTLPResponseTests {
    @Test func success() {
        #expect(OTLPResponse.success(.protobuf).isEmpty)
        #expect(OTLPResponse.success(.json) == Array("{}".utf8))
    }

    @Test func partialSuccess() {
        #expect(
            OTLPResponse.partial(.traces, rejected: 2, message: "no", type: .protobuf)
                == [0x0a, 6, 0x08, 2, 0x12, 2, 0x6e, 0x6f])
        #expect(
            OTLPResponse.partial(.logs, rejected: 2, message: "a \"b\"", type: .json)
                == Array(
                    #"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"a \"b\""}}"#
                        .utf8))
    }

    @Test func error() {
        #expect(
            OTLPResponse.error(code: 3, message: "x", type: .protobuf)
                == [0x08, 3, 0x12, 1, 0x78])
        #expect(
            OTLPResponse.error(code: 3, message: "x", type: .json)
                == Array(#"{"code":3,"message":"x"}"#.utf8))
    }
}
