
/// Reads `ExportMetricsServiceRequest`.
package enum OTLPMetrics {
    /// Reads a request in protobuf. `receivedNanos` is the time of records that give none.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPMetricsResult {
        throw .malformed("stub", atByte: 0)
    }

    /// Reads a request in OTLP/JSON.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPMetricsResult {
        throw .malformed("stub", atByte: 0)
    }
}
