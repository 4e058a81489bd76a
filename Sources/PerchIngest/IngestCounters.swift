import Synchronization

/// Where records come in.
package enum IngestSource: String, Sendable, CaseIterable {
    case otlpLogs = "otlp_logs"
    case otlpTraces = "otlp_traces"
    case otlpMetrics = "otlp_metrics"
    case jsonLines = "json_lines"
    case loki = "loki"
    case bulk = "bulk"
    case remoteWrite = "remote_write"
    case textImport = "text_import"
}

/// Why records or whole requests are refused.
package enum RefusalReason: String, Sendable, CaseIterable {
    case tooFarAhead = "too_far_ahead"
    case tooOld = "too_old"
    case invalid = "invalid"
    case malformed = "malformed"
    case tooLarge = "too_large"
    case unsupportedType = "unsupported_type"
    case deltaLimit = "delta_limit"
    case labelLimit = "label_limit"
    case seriesLimit = "series_limit"
    case conflicting = "conflicting"
    case serviceLimit = "service_limit"
    /// Not told to the sender: the configuration wants it so.
    case sampled = "sampled"
    case noSpace = "no_space"
    case overloaded = "overloaded"
    case storeFailed = "store_failed"
    case timeout = "timeout"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case tooManyAttempts = "too_many_attempts"
    case internalError = "internal"
}

/// Counts what was taken and what was refused.
///
/// A request that is refused whole counts as one, since its records were not read.
package final class IngestCounters: Sendable {
    /// One count.
    package struct Count: Sendable {
        package var source: IngestSource
        /// Nil counts what was taken.
        package var reason: RefusalReason?
        package var count: Int
    }

    private struct Key: Hashable {
        var source: IngestSource
        var reason: RefusalReason?
    }

    private let counts = Mutex<[Key: Int]>([:])

    package init() {}

    func taken(_ count: Int, _ source: IngestSource) {
        counts.withLock { $0[Key(source: source, reason: nil), default: 0] += count }
    }

    func refused(_ count: Int, _ source: IngestSource, _ reason: RefusalReason) {
        guard count > 0 else { return }
        counts.withLock { $0[Key(source: source, reason: reason), default: 0] += count }
    }

    /// All counts so far, in a fixed order.
    package var snapshot: [Count] {
        let counts = counts.withLock { $0 }
        return IngestSource.allCases.flatMap { source in
            ([nil] + RefusalReason.allCases.map { $0 }).compactMap { reason in
                guard let count = counts[Key(source: source, reason: reason)] else { return nil }
                return Count(source: source, reason: reason, count: count)
            }
        }
    }
}
