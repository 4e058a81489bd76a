package import PerchModel

/// Reads what is pushed to Loki: streams of lines under labels, as JSON or protobuf.
///
/// See docs/protocols/loki.md for what becomes of labels and metadata. Source: grafana/loki,
/// pkg/push/push.proto, and the HTTP API's page of Loki's documentation.
package enum LokiPush {
    /// Reads JSON, of the present form or of the one that `/api/prom/push` had.
    ///
    /// `receivedNanos` is the time of entries that give 0.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> EventBatch {
        var decoder = LokiJSON(receivedNanos: receivedNanos)
        try decoder.request(body)
        return decoder.rows.batch
    }

    /// Reads a `logproto.PushRequest` in protobuf, which has been decompressed.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> EventBatch {
        var decoder = LokiProtobuf(receivedNanos: receivedNanos)
        try decoder.request(body)
        return decoder.rows.batch
    }
}
