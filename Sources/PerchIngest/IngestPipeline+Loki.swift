import PerchCodec
import PerchModel
import PerchWire

extension IngestPipeline {
    /// One push in Loki's protocol: JSON by its content type, else protobuf as snappy writes it.
    ///
    /// 204 when all is durable; 400 when entries were refused for their time, all others being
    /// durable, so that the sender does not repeat them.
    package func loki(_ request: consuming IngestRequest) async -> IngestAnswer {
        var request = request
        let type = (request.contentType ?? "").prefix { $0 != ";" }.lowercased()
            .filter { $0 != " " }
        let isJSON = type == "application/json"
        guard isJSON || ["", "application/x-protobuf"].contains(type) else {
            return refuse(
                .loki,
                Refusal(
                    status: 415, reason: .unsupportedType,
                    message: "expected content type application/json or application/x-protobuf"),
                contentType: nil)
        }
        let encoding = (request.contentEncoding ?? "").lowercased()
        // Senders of protobuf compress by snappy and rarely say so; one that names gzip has done
        // both.
        let isTwice = !isJSON && !["", "snappy"].contains(encoding)
        if !isJSON, encoding.isEmpty { request.contentEncoding = "snappy" }
        if isJSON, encoding == "snappy" { request.contentEncoding = nil }
        let factor = isJSON ? Limits.jsonFactor : Limits.binaryFactor
        return await taking(&request, at: .loki, factor: factor) { plain in
            let received = now()
            let body =
                isTwice
                ? try Decompressor.decompress(plain, encoding: .snappy, limit: bodyByteCountMax)
                : plain
            var batch =
                isJSON
                ? try LokiPush.decodeJSON(body, receivedNanos: received)
                : try LokiPush.decode(body, receivedNanos: received)
            let refused = Admission(nowNanos: received).admit(&batch, logAges).refused
            try await keep(&batch, from: .loki)
            count(refused, .loki)
            guard refused.count > 0 else {
                return IngestAnswer(status: 204, body: [], contentType: "text/plain")
            }
            return IngestAnswer(
                status: 400,
                body: Array(
                    "\(refused.count) entries refused, all others taken: \(refused.message)\n".utf8),
                contentType: "text/plain; charset=utf-8")
        }
    }
}
