package import Logging
import Tracing

/// What a service told, handed to a test instead of being sent.
package struct Taps: Sendable {
    /// A log line as outputs show it.
    package struct Line: Sendable {
        package var time: Int64
        package var level: Logger.Level
        package var message: String
        package var logger: String
        package var fields: [String: Logger.MetadataValue]
        package var errorType: String?
        package var errorMessage: String?
        package var work: WorkContext?
        package var traceID: String?
        package var spanID: String?
    }

    /// A span that was kept.
    package struct Span: Sendable {
        package var name: String
        package var kind: String
        package var traceID: String
        package var spanID: String
        package var parentID: String?
        package var attributes: [String: String]
        package var events: [String]
        package var linkedTraceIDs: [String]
        package var isError: Bool
        package var duration: Duration
    }

    /// One series of a metric.
    package struct Series: Sendable {
        package var name: String
        package var kind: MetricSnapshot.Kind
        package var labels: [String: String]
        /// Of a histogram, how many values it counted.
        package var value: Double
        /// Of a histogram, their sum.
        package var sum: Double?
    }

    let line: @Sendable (Line) -> Void
    let spans: @Sendable ([Span]) -> Void

    package init(
        line: @escaping @Sendable (Line) -> Void, spans: @escaping @Sendable ([Span]) -> Void
    ) {
        self.line = line
        self.spans = spans
    }
}

extension Taps.Line {
    init(_ entry: LogEntry) {
        self.init(
            time: entry.time, level: entry.level, message: entry.message, logger: entry.logger,
            fields: Dictionary(entry.fields.map { ($0.key, $0.value.metadata) }) { first, _ in first
            },
            errorType: entry.error?.type, errorMessage: entry.error?.message, work: entry.work,
            traceID: entry.span?.traceID.description, spanID: entry.span?.spanID.description)
    }
}

extension Taps.Span {
    /// Attributes as they would be sent, after redaction.
    init(_ span: FinishedSpan, _ redaction: Redaction, _ names: DeniedNames) {
        var attributes: [String: String] = [:]
        span.attributes.forEach { key, value in
            attributes[key] = Redaction.text(of: redaction.clean(value, key: key, names))
        }
        self.init(
            name: redaction.clean(span.name), kind: "\(span.kind)",
            traceID: span.ids.traceID.description, spanID: span.ids.spanID.description,
            parentID: span.parent?.description, attributes: attributes,
            events: span.events.map { redaction.clean($0.name) },
            linkedTraceIDs: span.links.compactMap {
                $0.context.spanContext?.traceID.description
            }, isError: span.isError, duration: .nanoseconds(span.duration))
    }
}

extension PerchService {
    /// What all metrics say now.
    package var series: [Taps.Series] {
        metrics.snapshot().flatMap { metric in
            metric.series.map { series in
                let labels = Dictionary(series.labels.map { ($0.name, $0.value) }) { $1 }
                switch series.value {
                case .number(let value):
                    return Taps.Series(
                        name: metric.name, kind: metric.kind, labels: labels, value: value)
                case .histogram(_, let counts):
                    return Taps.Series(
                        name: metric.name, kind: metric.kind, labels: labels,
                        value: Double(counts.count), sum: counts.sum)
                }
            }
        }
    }
}
