public import Logging
public import Perch
import Synchronization

/// A service of the SDK that keeps what it is told, for a test to look at.
public final class TelemetryRecorder: Sendable {
    /// A log line, after redaction.
    public struct Line: Sendable, CustomStringConvertible {
        /// How important it is.
        public var level: Logger.Level
        /// What happened.
        public var message: String
        /// Who says it.
        public var logger: String
        /// Metadata as text, by the name that lines show; and `request_id`, `job_id`, `user_id`.
        public var fields: [String: String]
        /// The type of its error.
        public var errorType: String?
        /// What the error says.
        public var errorMessage: String?
        /// The trace that it belongs to.
        public var traceID: String?
        /// The span that it belongs to.
        public var spanID: String?

        /// The line for people.
        public var description: String {
            let fields = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            let error = errorMessage.map { " error=\($0)" } ?? ""
            return "\(level) “\(message)”\(fields.joined())\(error)"
        }
    }

    /// A span that would have been sent.
    public struct Span: Sendable, CustomStringConvertible {
        /// What was done.
        public var name: String
        /// `server`, `client`, `internal`, `producer` or `consumer`.
        public var kind: String
        /// 32 hex digits.
        public var traceID: String
        /// 16 hex digits.
        public var spanID: String
        /// The span around it.
        public var parentID: String?
        /// Attributes as text, after redaction.
        public var attributes: [String: String]
        /// Names of its events.
        public var events: [String]
        /// Traces that it links to.
        public var linkedTraceIDs: [String]
        /// Whether it failed.
        public var isError: Bool
        /// How long it took.
        public var duration: Duration

        /// The span for people.
        public var description: String {
            let attributes = attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            return "\(kind) “\(name)”\(isError ? " failed" : "")\(attributes.joined())"
        }
    }

    private struct State {
        var lines: [Line] = []
        var spans: [Span] = []
    }

    private final class Store: Sendable {
        let state = Mutex(State())
    }

    /// What the code under test is given.
    public let perch: PerchService
    private let store: Store

    /// Makes a service with these options; all spans are kept, and `debug` lines too, unless
    /// they say otherwise.
    public init(configure: (inout PerchOptions) -> Void = { _ in }) {
        var options = PerchOptions()
        options.service = "test"
        options.logs.level = .trace
        options.logs.format = .none
        configure(&options)
        options.export.addresses = [:]
        let store = Store()
        self.store = store
        perch = PerchService(
            options,
            taps: Taps(
                line: { line in store.state.withLock { $0.lines.append(Line(line)) } },
                spans: { spans in
                    store.state.withLock { $0.spans += spans.map(Span.init) }
                }))
    }

    /// All lines so far, the oldest first.
    public var lines: [Line] { store.state.withLock { $0.lines } }

    /// All spans that ended so far.
    public var spans: [Span] { store.state.withLock { $0.spans } }

    /// What a series says: a counter's or gauge's value, the count of a histogram; nil for none.
    ///
    /// `name` is as a scraper sees it, with or without `_total`.
    public func value(of name: String, _ labels: [String: String] = [:]) -> Double? {
        series(name, labels)?.value
    }

    /// The sum of a histogram's values; nil when there is no such series.
    public func sum(of name: String, _ labels: [String: String] = [:]) -> Double? {
        series(name, labels)?.sum
    }

    /// Forgets lines and spans; metrics count on.
    public func reset() { store.state.withLock { $0 = State() } }

    /// All series as text, for messages.
    var allSeries: [String] {
        perch.series.map { series in
            let labels = series.labels.sorted { $0.key < $1.key }
                .map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
            return "\(series.name){\(labels)} \(series.value)"
        }
    }

    private func series(_ name: String, _ labels: [String: String]) -> Taps.Series? {
        let plain = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        return perch.series.first { $0.name == plain && $0.labels == labels }
    }
}

extension TelemetryRecorder.Line {
    fileprivate init(_ line: Taps.Line) {
        var fields = line.fields.mapValues(\.description)
        fields["request_id"] = line.work?.requestID ?? fields["request_id"]
        fields["job_id"] = line.work?.jobID ?? fields["job_id"]
        fields["user_id"] = line.work?.userID ?? fields["user_id"]
        self.init(
            level: line.level, message: line.message, logger: line.logger, fields: fields,
            errorType: line.errorType, errorMessage: line.errorMessage, traceID: line.traceID,
            spanID: line.spanID)
    }
}

extension TelemetryRecorder.Span {
    fileprivate init(_ span: Taps.Span) {
        self.init(
            name: span.name, kind: span.kind, traceID: span.traceID, spanID: span.spanID,
            parentID: span.parentID, attributes: span.attributes, events: span.events,
            linkedTraceIDs: span.linkedTraceIDs, isError: span.isError, duration: span.duration)
    }
}
