import PerchModel
import PerchWire

extension IngestPipeline {
    /// The messages of remote write, by the version of the protocol.
    private enum RemoteWriteMessage {
        case version1
        case version2
    }

    /// One request of Prometheus' remote write, 1.0 or 2.0.
    ///
    /// The retry contract: 204 when all is durable; 400 for what will never be taken, the rest of
    /// the request being durable, so that the sender does not repeat it; 429 and 5xx when nothing
    /// is durable and the same request may be sent again.
    package func remoteWrite(_ request: consuming IngestRequest) async -> IngestAnswer {
        var request = request
        let door = IngestDoor.remoteWrite
        guard let message = Self.message(request.contentType) else {
            return refuse(
                door,
                Refusal(
                    status: 415, reason: .unsupportedType,
                    message: "expected content type application/x-protobuf with"
                        + " proto=prometheus.WriteRequest (remote write 1.0) or"
                        + " proto=io.prometheus.write.v2.Request (2.0)"),
                contentType: nil)
        }
        // The protocol has one encoding, which early senders do not name.
        if (request.contentEncoding ?? "").isEmpty { request.contentEncoding = "snappy" }
        var answer = await taking(&request, at: door, factor: Limits.binaryFactor) { plain in
            let result =
                message == .version1
                ? try RemoteWrite.decode(plain) : try RemoteWrite.decode2(plain)
            return try await take(result)
        }
        // Version 2.0 wants the counts in every answer, and 1.0 has none.
        answer.written = message == .version1 ? nil : answer.written ?? IngestAnswer.Written()
        return answer
    }

    private func take(_ result: RemoteWriteResult) async throws -> IngestAnswer {
        let door = IngestDoor.remoteWrite
        let (sampleCount, histogramCount) = (
            result.batch.sampleCount, result.batch.histograms.count
        )
        let exemplarCount = result.batch.exemplars.count
        let rejected = try await samples.take(
            result.batch, from: door.source, nowNanos: now(), ageNanosMax: sampleAgeNanosMax)
        counters.refused(result.rejectedCount, door.source, .invalid)
        var answer = IngestAnswer(status: 204, body: [], contentType: "text/plain")
        if result.rejectedCount + rejected.count > 0 {
            answer = Self.partly(
                result.rejectedCount + rejected.count, [result.rejectedMessage, rejected.message])
        }
        // What a store refuses is not told by kind: of a mixed request the samples count first.
        let histogramsRefused = max(0, rejected.count - sampleCount)
        answer.written = IngestAnswer.Written(
            samples: max(0, sampleCount - rejected.count),
            histograms: max(0, histogramCount - histogramsRefused), exemplars: exemplarCount)
        return answer
    }

    /// 400 for a request of which a part was refused, and which must not come again.
    static func partly(_ count: Int, _ messages: [String]) -> IngestAnswer {
        let reasons = messages.filter { !$0.isEmpty }.joined(separator: "; ")
        return IngestAnswer(
            status: 400,
            body: Array("\(count) samples refused, all others taken: \(reasons)\n".utf8),
            contentType: "text/plain; charset=utf-8")
    }

    /// The message that a content type announces; that of 1.0 where it names none, nil for another
    /// one, whose sender learns by 415 to speak one of these.
    ///
    /// Source: remote write 2.0, "Required Content Type".
    private static func message(_ header: String?) -> RemoteWriteMessage? {
        let parts = (header ?? "").lowercased().filter { $0 != " " && $0 != "\"" }
            .split(separator: ";", omittingEmptySubsequences: false)
        guard let type = parts.first, ["", "application/x-protobuf"].contains(String(type)) else {
            return nil
        }
        switch parts.dropFirst().first(where: { $0.hasPrefix("proto=") }) {
        case nil, "proto=prometheus.writerequest": return .version1
        case "proto=io.prometheus.write.v2.request": return .version2
        default: return nil
        }
    }
}
