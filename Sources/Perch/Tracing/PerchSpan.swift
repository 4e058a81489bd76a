public import Instrumentation
import Synchronization
public import Tracing

/// A span that is measured, or one that only hands its context on.
public final class PerchSpan: Tracing.Span {
    /// What is measured; a span of which nothing is kept has none.
    final class Recording: Sendable {
        fileprivate struct State {
            var name: String
            var attributes: SpanAttributes = [:]
            var events: [SpanEvent] = []
            var links: [SpanLink] = []
            var droppedEvents = 0
            var droppedLinks = 0
            var status: SpanStatus?
            var isOver = false
        }

        fileprivate let kind: SpanKind
        fileprivate let start: Int64
        fileprivate let parent: SpanID?
        /// Whether it is the first of its trace in this process.
        fileprivate let isFirst: Bool
        /// Only what is measured needs it: a span of which nothing is kept is as small as can be.
        fileprivate let tracer: PerchTracer
        fileprivate let state: Mutex<State>

        init(
            _ name: String, kind: SpanKind, start: Int64, parent: SpanID?, isFirst: Bool,
            tracer: PerchTracer
        ) {
            self.tracer = tracer
            self.kind = kind
            self.start = start
            self.parent = parent
            self.isFirst = isFirst
            state = Mutex(State(name: name))
        }
    }

    /// The ids of this span.
    public let ids: SpanContext
    /// The context that it was started in.
    private let outer: ServiceContext
    /// Nil when nothing of the trace is kept.
    private let trace: LocalTrace?
    private let recording: Recording?

    init(
        in outer: ServiceContext, ids: SpanContext, trace: LocalTrace?, recording: Recording?
    ) {
        self.outer = outer
        self.ids = ids
        self.trace = trace
        self.recording = recording
    }

    /// The context for work inside this span, made when it is asked for.
    public var context: ServiceContext {
        // One that stands for the span around it has that one's context.
        if recording == nil, trace != nil { return outer }
        var context = outer
        context.spanNode = SpanNode(ids, trace: trace)
        return context
    }

    /// Whether anything of it is kept.
    public var isRecording: Bool { recording.map { $0.state.withLock { !$0.isOver } } ?? false }

    /// What is done.
    public var operationName: String {
        get { recording.map { $0.state.withLock(\.name) } ?? "" }
        set { change { $0.name = newValue } }
    }

    /// What is known of it.
    public var attributes: SpanAttributes {
        get { recording.map { $0.state.withLock(\.attributes) } ?? [:] }
        set { change { $0.attributes = newValue } }
    }

    /// Says how it went.
    public func setStatus(_ status: SpanStatus) {
        if recording == nil, status.code == .error { trace?.failed() }
        change { state in
            // OpenTelemetry: what was called fine stays so.
            if state.status?.code != .ok { state.status = status }
        }
    }

    /// Adds something that happened meanwhile.
    public func addEvent(_ event: SpanEvent) {
        guard let limit = recording?.tracer.options.eventsMax else { return }
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
        guard let limit = recording?.tracer.options.linksMax else { return }
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
        guard recording != nil else {
            trace?.failed()
            return
        }
        var attributes = attributes
        attributes["exception.type"] = SpanAttribute.string(String(describing: type(of: error)))
        attributes["exception.message"] = SpanAttribute.string(String(describing: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Ends it; later changes and ends do nothing.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let recording, let trace else { return }
        let end = Int64(clamping: instant().nanosecondsSinceEpoch)
        let last: Recording.State? = recording.state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state
        }
        guard let last else { return }
        let finished = FinishedSpan(
            name: last.name, kind: recording.kind, ids: ids, parent: recording.parent,
            start: recording.start, duration: end &- recording.start, attributes: last.attributes,
            events: last.events,
            links: last.links, droppedEvents: last.droppedEvents, droppedLinks: last.droppedLinks,
            status: last.status)
        recording.tracer.take(finished, of: trace, isFirst: recording.isFirst)
    }

    private func change(_ body: (inout sending Recording.State) -> Void) {
        recording?.state.withLock { state in
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
