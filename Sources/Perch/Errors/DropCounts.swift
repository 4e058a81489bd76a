import CoreMetrics
import Synchronization

/// Counts what was not sent, by reason, for `/metrics` and for the server.
final class DropCounts: Sendable {
    /// Why something was not sent, as the protocol names it.
    enum Reason: String, Sendable, CaseIterable {
        case queueOverflow = "queue_overflow"
        case beforeSend = "before_send"
        case sampleRate = "sample_rate"
        case rateLimit = "ratelimit_backoff"
        case network = "network_error"
        case refused = "send_error"
    }

    struct Key: Sendable, Hashable {
        var reason: Reason
        var category: String
    }

    private struct State {
        var all: [Reason: Int] = [:]
        var untold: [Key: Int] = [:]
    }

    private let metrics: MetricRegistry
    private let state = Mutex(State())

    init(metrics: MetricRegistry) {
        self.metrics = metrics
    }

    func count(_ reason: Reason, category: String = "error") {
        state.withLock { state in
            state.all[reason, default: 0] += 1
            state.untold[Key(reason: reason, category: category), default: 0] += 1
        }
        metrics.makeCounter(
            label: "perch_reports_dropped", dimensions: [("reason", reason.rawValue)]
        ).increment(by: 1)
    }

    /// How much was not sent for a reason.
    subscript(reason: Reason) -> Int { state.withLock { $0.all[reason] ?? 0 } }

    /// A `client_report` item of what the server was not told of yet.
    ///
    /// Source: Sentry's developer documentation, "Client reports".
    func takeReport(time: Int64) -> Envelope.Item? {
        let untold = state.withLock { state in
            defer { state.untold = [:] }
            return state.untold
        }
        guard !untold.isEmpty else { return nil }
        var output = JSONOutput()
        output.object { output in
            output.time("timestamp", time)
            output.array("discarded_events") { output in
                let sorted = untold.sorted {
                    ($0.key.reason.rawValue, $0.key.category)
                        < ($1.key.reason.rawValue, $1.key.category)
                }
                for (key, count) in sorted {
                    output.object { output in
                        output.text("reason", key.reason.rawValue)
                        output.text("category", key.category)
                        output.number("quantity", count)
                    }
                }
            }
        }
        return Envelope.Item(kind: .clientReport, payload: output.bytes)
    }
}
