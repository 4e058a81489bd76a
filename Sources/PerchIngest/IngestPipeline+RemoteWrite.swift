import PerchWire

extension IngestPipeline {
    /// One request of Prometheus' remote write 1.0.
    ///
    /// The retry contract: 204 when all is durable; 400 for what will never be taken, the rest of
    /// the request being durable, so that the sender does not repeat it; 429 and 5xx when nothing
    /// is durable and the same request may be sent again.
    package func remoteWrite(_ request: consuming IngestRequest) async -> IngestAnswer {
        var request = request
        let door = IngestDoor.remoteWrite
        guard Self.isRemoteWrite1(request.contentType) else {
            return refuse(
                door,
                Refusal(
                    status: 415, reason: .unsupportedType,
                    message: "expected content type application/x-protobuf with"
                        + " proto=prometheus.WriteRequest or none (remote write 1.0)"),
                contentType: nil)
        }
        // The protocol has one encoding, which early senders do not name.
        if (request.contentEncoding ?? "").isEmpty { request.contentEncoding = "snappy" }
        return await taking(&request, at: door, factor: Limits.binaryFactor) { plain in
            let result = try RemoteWrite.decode(plain)
            let rejected = try await samples.take(
                result.batch, from: door.source, nowNanos: now(),
                ageNanosMax: sampleAgeNanosMax)
            counters.refused(result.rejectedCount, door.source, .invalid)
            guard result.rejectedCount + rejected.count > 0 else {
                return IngestAnswer(status: 204, body: [], contentType: "text/plain")
            }
            return Self.partly(
                result.rejectedCount + rejected.count, [result.rejectedMessage, rejected.message])
        }
    }

    /// 400 for a request of which a part was refused, and which must not come again.
    static func partly(_ count: Int, _ messages: [String]) -> IngestAnswer {
        let reasons = messages.filter { !$0.isEmpty }.joined(separator: "; ")
        return IngestAnswer(
            status: 400,
            body: Array("\(count) samples refused, all others taken: \(reasons)\n".utf8),
            contentType: "text/plain; charset=utf-8")
    }

    /// Whether a content type is that of version 1.0, or none.
    ///
    /// A sender of 2.0 learns by 415 that it must speak 1.0 (remote write 2.0, "Required Content
    /// Type").
    private static func isRemoteWrite1(_ header: String?) -> Bool {
        let parts = (header ?? "").lowercased().filter { $0 != " " && $0 != "\"" }
            .split(separator: ";", omittingEmptySubsequences: false)
        guard let type = parts.first, ["", "application/x-protobuf"].contains(String(type)) else {
            return false
        }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("proto=") || $0 == "proto=prometheus.writerequest"
        }
    }
}
