import PerchCodec
import PerchPromQL
import PerchWire

/// The decoders by the name of their corpus folder.
enum Decoders {
    static let all: [String: @Sendable ([UInt8]) throws -> Void] = [
        "logs-protobuf": { _ = try OTLPLogs.decode($0, receivedNanos: 1) },
        "logs-json": { _ = try OTLPLogs.decodeJSON($0, receivedNanos: 1) },
        "traces-protobuf": { _ = try OTLPTraces.decode($0, receivedNanos: 1) },
        "traces-json": { _ = try OTLPTraces.decodeJSON($0, receivedNanos: 1) },
        "metrics-protobuf": { _ = try OTLPMetrics.decode($0, receivedNanos: 1) },
        "metrics-json": { _ = try OTLPMetrics.decodeJSON($0, receivedNanos: 1) },
        "json-lines": {
            _ = try JSONLines.decode($0, options: JSONLinesOptions(), receivedNanos: 1)
        },
        "loki-json": { _ = try LokiPush.decodeJSON($0, receivedNanos: 1) },
        "loki-protobuf": { _ = try LokiPush.decode($0, receivedNanos: 1) },
        "bulk": { _ = try Bulk.decode($0, options: JSONLinesOptions(), receivedNanos: 1) },
        "remote-write": { _ = try RemoteWrite.decode($0) },
        "remote-write-2": { _ = try RemoteWrite.decode2($0) },
        "exposition-text": {
            _ = try Exposition.decode(
                $0, format: .text, options: ExpositionOptions(defaultTimeMillis: 1))
        },
        "openmetrics": {
            var options = ExpositionOptions(defaultTimeMillis: 1)
            options.isStrict = $0.count % 2 == 0
            _ = try Exposition.decode($0, format: .openMetrics, options: options)
        },
        "promql": { bytes in
            let expression = try Parser.parse(String(decoding: bytes, as: UTF8.self))
            // What is printed is the same query, on one line or on many.
            for text in [expression.text, expression.prettyText] {
                let again = try? Parser.parse(text)
                precondition(again?.text == expression.text, "printed as \(text)")
            }
        },
        "gzip": { _ = try Decompressor.decompress($0, encoding: .gzip, limit: 1 << 20) },
        "deflate": { _ = try Decompressor.decompress($0, encoding: .deflate, limit: 1 << 20) },
        "snappy": { _ = try Decompressor.decompress($0, encoding: .snappy, limit: 1 << 20) },
        "zstd": { _ = try Decompressor.decompress($0, encoding: .zstd, limit: 1 << 20) },
    ]
}
