public import Instrumentation
import Synchronization
public import Tracing

/// A span that is measured, or one that only hands its context on.
public final class PerchSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var events: [SpanEvent] = []
        var links: [SpanLink] = []
        var droppedEvents = 0
        var droppedLinks = 0
        var status: SpanStatus?
        var isOver = false
    }

    /// The context for work inside this span.
    public let context: ServiceContext
    /// The ids of this span.
    public let ids: SpanContext
    let parent: SpanID?
    private let kind: SpanKind
    private let start: Int64
    /// Whether it is the first of its trace in this process.
    private let isFirst: Bool
    /// Nil for a span that is not measured.
    private let trace: LocalTrace?
    private let tracer: PerchTracer
    private let state: Mutex<State>

    init(
        _ name: String, kind: SpanKind, start: Int64, context: ServiceContext, ids: SpanContext,
        parent: SpanID?, isFirst: Bool, trace: LocalTrace?, tracer: PerchTracer
    ) {
        self.context = context
        self.ids = ids
        self.parent = parent
        self.kind = kind
        self.start = start
        self.isFirst = isFirst
        self.trace = trace
        self.tracer = tracer
        state = Mutex(State(name: name))
    }

    /// Whether anything of it is kept.
    public var isRecording: Bool { trace != nil && state.withLock { !$0.isOver } }

    /// What is done.
    public var operationName: String {
        get { state.withLock { $0.name } }
        set { change { $0.name = newValue } }
    }

    /// What is known of it.
    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { change { $0.attributes = newValue } }
    }

    /// Says how it went.
    public func setStatus(_ status: SpanStatus) {
        change { state in
            // OpenTelemetry: what was called fine stays so.
            if state.status?.code != .ok { state.status = status }
        }
    }

    /// Adds something that happened meanwhile.
    public func addEvent(_ event: SpanEvent) {
        let limit = tracer.options.eventsMax
        change { state in
            if state.events.count < limit {
                state.events.append(event)
            } else {
                state.droppedEvents += 1
            }
        }
    }

    /// Adds another span that this one has to do with.
    public func addLink(_ link: SpanLink) {
        let limit = tracer.options.linksMax
        change { state in
            if state.links.count < limit {
                state.links.append(link)
            } else {
                state.droppedLinks += 1
            }
        }
    }

    /// Adds an `exception` event, as OpenTelemetry's conventions name it.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard trace != nil else { return }
        var attributes = attributes
        attributes["exception.type"] = SpanAttribute.string(String(describing: type(of: error)))
        attributes["exception.message"] = SpanAttribute.string(String(describing: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Ends it; later changes and ends do nothing.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let trace else { return }
        let end = Int64(clamping: instant().nanosecondsSinceEpoch)
        let last: State? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state
        }
        guard let last else { return }
        let finished = FinishedSpan(
            name: last.name, kind: kind, ids: ids, parent: parent, start: start,
            duration: end &- start, attributes: last.attributes, events: last.events,
            links: last.links, droppedEvents: last.droppedEvents, droppedLinks: last.droppedLinks,
            status: last.status)
        tracer.take(finished, of: trace, isFirst: isFirst)
    }

    private func change(_ body: (inout sending State) -> Void) {
        guard trace != nil else { return }
        state.withLock { state in
            if !state.isOver { body(&state) }
        }
    }
}

/// A span after its end, as it is exported.
struct FinishedSpan: Sendable {
    var name: String
    var kind: SpanKind
    var ids: SpanContext
    var parent: SpanID?
    /// Nanoseconds since 1970.
    var start: Int64
    /// Nanoseconds.
    var duration: Int64
    var attributes: SpanAttributes
    var events: [SpanEvent]
    var links: [SpanLink]
    var droppedEvents: Int
    var droppedLinks: Int
    var status: SpanStatus?

    var isError: Bool { status?.code == .error || events.contains { $0.name == "exception" } }
}
