import Synchronization

/// What a span stands for; raw values are OTLP's.
enum SpanKind: Int, Sendable {
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

/// Where in the source a span was opened.
struct CallSite: Sendable {
    let file: String
    let function: String
    let line: Int

    var text: String { "    at \(function) (\(file):\(line))" }
}

/// An error that the caller expects now and then, such as a declined card.
///
/// It is not recorded as an exception and does not make a span an error.
protocol ExpectedOutcome: Error {
    var isExpected: Bool { get }
}

/// A span in progress.
final class Span: Sendable {
    struct Event: Sendable {
        let name: String
        let time: Int64
        let attributes: Attributes
    }

    let context: TraceContext
    let parentSpanID: UInt64?
    let kind: SpanKind
    let started: Int64
    let links: [TraceContext]
    /// The span around this one in the same task: its sites make the stack trace of an error.
    private let enclosing: Span?
    private let site: CallSite
    private let state: Mutex<State>

    private struct State {
        var name: String
        var attributes: Attributes
        var events: [Event] = []
        var failure: String?
        /// The error recorded here or in a span inside; it is reported once, where it arose.
        var reported: String?
    }

    init(
        name: String, kind: SpanKind, context: TraceContext, parentSpanID: UInt64?,
        links: [TraceContext], attributes: Attributes, started: Int64, enclosing: Span?,
        site: CallSite
    ) {
        self.context = context
        self.parentSpanID = parentSpanID
        self.kind = kind
        self.links = links
        self.started = started
        self.enclosing = enclosing
        self.site = site
        state = Mutex(State(name: name, attributes: attributes))
    }

    func rename(_ name: String) {
        state.withLock { $0.name = name }
    }

    subscript(key: String) -> AttributeValue? {
        get { state.withLock { $0.attributes[key] } }
        set { state.withLock { $0.attributes[key] = newValue } }
    }

    func addEvent(_ name: String, at time: Int64, attributes: Attributes = [:]) {
        state.withLock { state in
            state.events.append(Event(name: name, time: time, attributes: attributes))
        }
    }

    /// Marks the span as failed without an exception, for a status code that says it all.
    func fail(_ message: String) {
        state.withLock { $0.failure = message }
    }

    /// Records an error that leaves the span, and marks the span as failed.
    ///
    /// The exception event is added once, in the innermost span that sees the error.
    func record(_ error: any Error, at time: Int64) {
        if let expected = error as? any ExpectedOutcome, expected.isExpected { return }
        let report = ErrorReport(error)
        let attributes = report.attributes.merging([
            "exception.stacktrace": .string(stackTrace(of: report)),
            "exception.escaped": true,
        ]) { _, new in new }
        state.withLock { state in
            state.failure = report.message
            state.attributes["error.type"] = .string(report.type)
            guard state.reported != report.message else { return }
            state.reported = report.message
            state.events.append(Event(name: "exception", time: time, attributes: attributes))
        }
        var outer = enclosing
        while let span = outer {
            span.state.withLock { $0.reported = report.message }
            outer = span.enclosing
        }
    }

    /// The type, the message and the call sites of the spans around, innermost first.
    func stackTrace(of report: ErrorReport) -> String {
        var lines = ["\(report.type): \(report.message)", site.text]
        if let origin = report.origin { lines.insert(origin.text, at: 1) }
        var outer = enclosing
        while let span = outer {
            lines.append(span.site.text)
            outer = span.enclosing
        }
        return lines.joined(separator: "\n")
    }

    func finished(at end: Int64, service: Int) -> FinishedSpan {
        state.withLock { state in
            FinishedSpan(
                service: service, context: context, parentSpanID: parentSpanID, name: state.name,
                kind: kind, started: started, ended: max(end, started), links: links,
                attributes: state.attributes, events: state.events, failure: state.failure)
        }
    }
}

/// A span as it is exported.
struct FinishedSpan: Sendable {
    let service: Int
    let context: TraceContext
    let parentSpanID: UInt64?
    let name: String
    let kind: SpanKind
    let started: Int64
    let ended: Int64
    let links: [TraceContext]
    let attributes: Attributes
    let events: [Span.Event]
    let failure: String?
}
