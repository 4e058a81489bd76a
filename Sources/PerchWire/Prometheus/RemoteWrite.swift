package import PerchModel

/// What became of a body of remote write.
package struct RemoteWriteResult: Sendable, Equatable {
    package var batch = SampleBatch()
    /// Samples and histograms that were refused because of their series' labels or their own
    /// form: the others of the body stay, and the sender is told with 400, which it does not
    /// repeat.
    package var rejectedCount = 0
    /// Why the first of them was refused.
    package var rejectedMessage = ""
    /// Exemplars left out because their labels are too long or not valid.
    package var droppedExemplars = 0

    package init() {}
}

/// Prometheus' remote write 1.0, decompressed: `prometheus.WriteRequest`.
///
/// Source: prometheus.io/docs/specs/prw/remote_write_spec and prompb's `remote.proto`,
/// `types.proto`. A body that is no such message is refused whole. What Prometheus does with odd
/// labels is done here too: they are sorted if they are not, empty values are absent labels, and
/// series without a name, with a label twice or with text that is not UTF-8 are refused while
/// the rest is taken.
package enum RemoteWrite {
    package static func decode(_ bytes: [UInt8]) throws(WireFailure) -> RemoteWriteResult {
        var decoder = RemoteWriteDecoder(byteCount: bytes.count)
        try decoder.decode(bytes.span)
        return decoder.finish()
    }

    /// Remote write 2.0, decompressed: `io.prometheus.write.v2.Request`.
    ///
    /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0. Labels are treated as in 1.0; a
    /// series with a reference to no symbol is refused while the rest is taken.
    package static func decode2(_ bytes: [UInt8]) throws(WireFailure) -> RemoteWriteResult {
        var decoder = RemoteWrite2Decoder()
        return try decoder.decode(bytes.span)
    }
}
