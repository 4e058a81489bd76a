package import PerchWire

/// A path that takes telemetry, with the form of its refusals.
package enum IngestDoor: Sendable, Hashable, CaseIterable {
    case otlpLogs
    case otlpTraces
    case otlpMetrics
    case jsonLines
    case loki
    case bulk
    case remoteWrite
    case textImport

    /// The door behind a path, or nil.
    package init?(path: String) {
        if let door = Self.allCases.first(where: { $0.paths.contains(path) }) {
            self = door
        } else if (path.hasSuffix("/_bulk") && !path.hasPrefix("/api/"))
            || path.hasPrefix("/elasticsearch/")
        {
            // An index may stand in front.
            self = .bulk
        } else {
            return nil
        }
    }

    package init(_ signal: OTLPSignal) {
        self =
            switch signal {
            case .logs: .otlpLogs
            case .traces: .otlpTraces
            case .metrics: .otlpMetrics
            }
    }

    /// The paths, the first one the one to be told.
    package var paths: [String] {
        switch self {
        case .otlpLogs: [OTLPSignal.logs.path]
        case .otlpTraces: [OTLPSignal.traces.path]
        case .otlpMetrics: [OTLPSignal.metrics.path]
        case .jsonLines: ["/ingest/json", "/insert/jsonline"]
        case .loki: ["/loki/api/v1/push", "/api/prom/push", "/insert/loki/api/v1/push"]
        case .bulk:
            ["/_bulk", "/elasticsearch/_bulk", "/insert/elasticsearch/_bulk", "/elasticsearch"]
        case .remoteWrite: ["/api/v1/write"]
        case .textImport: ["/api/v1/import/prometheus"]
        }
    }

    var source: IngestSource {
        switch self {
        case .otlpLogs: .otlpLogs
        case .otlpTraces: .otlpTraces
        case .otlpMetrics: .otlpMetrics
        case .jsonLines: .jsonLines
        case .loki: .loki
        case .bulk: .bulk
        case .remoteWrite: .remoteWrite
        case .textImport: .textImport
        }
    }

    /// The answer that tells a refusal, in the words of this door's protocol.
    ///
    /// `contentType` is the request's: OTLP answers in it, and in JSON when it is not OTLP's.
    func answer(_ refusal: Refusal, contentType: String?) -> IngestAnswer {
        switch self {
        case .otlpLogs, .otlpTraces, .otlpMetrics:
            let type = OTLPContentType(header: contentType) ?? .json
            return IngestAnswer(
                status: refusal.status,
                body: OTLPResponse.error(
                    code: refusal.grpcCode, message: refusal.message, type: type),
                contentType: type.rawValue, retryAfterSeconds: refusal.retryAfterSeconds)
        case .bulk:
            return IngestAnswer(
                status: refusal.status,
                body: BulkAnswer.error(refusal.message, status: refusal.status),
                contentType: "application/json", retryAfterSeconds: refusal.retryAfterSeconds)
        case .jsonLines:
            return IngestAnswer(
                status: refusal.status, body: JSONLinesAnswer.error(refusal.message),
                contentType: "application/json", retryAfterSeconds: refusal.retryAfterSeconds)
        case .loki, .remoteWrite, .textImport:
            return IngestAnswer(
                status: refusal.status, body: Array("\(refusal.message)\n".utf8),
                contentType: "text/plain; charset=utf-8",
                retryAfterSeconds: refusal.retryAfterSeconds)
        }
    }
}
