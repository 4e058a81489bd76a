
/// Reads `ExportTracesServiceRequest`.
package enum OTLPTraces {
    /// Reads a request in protobuf. `receivedNanos` is the time of records that give none.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        throw .malformed("", atByte: 0)
    }

    /// Reads a request in OTLP/JSON.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        throw .malformed("", atByte: 0)
    }
}
