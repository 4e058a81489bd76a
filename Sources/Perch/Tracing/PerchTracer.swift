public import Instrumentation
import Synchronization
public import Tracing

/// The backend of swift-distributed-tracing.
public final class PerchTracer: Tracer {
    /// What this tracer makes.
    public typealias Span = PerchSpan

    let options: TracingOptions
    /// Takes finished spans; nil when nothing is exported, and then nothing is measured (TRC-7).
    private let sink: (@Sendable ([FinishedSpan]) -> Void)?
    private let ids = IDGenerator()
    private let heldCount = Atomic<Int>(0)
    private let droppedCount = Atomic<Int>(0)

    init(options: TracingOptions, sink: (@Sendable ([FinishedSpan]) -> Void)?) {
        self.options = options
        self.sink = sink
    }

    /// An id of 32 hex digits.
    func newID() -> String { ids.traceID().description }

    /// 16 bytes for other ids, without a call to the system.
    package func newWords() -> (UInt64, UInt64) { ids.words() }

    /// Spans that were measured and, by sampling or for want of room, not sent.
    public var notSentCount: Int { droppedCount.load(ordering: .relaxed) }

    /// See swift-distributed-tracing.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> PerchSpan {
        let context = context()
        let node = context.spanNode
        let parent = node?.ids
        if let node, let trace = node.trace, !trace.isSampled, !options.holdsSpans {
            // Nothing is kept of it: work inside it belongs to the span around it.
            return PerchSpan(in: context, ids: node.ids, trace: trace, recording: nil)
        }
        let (traceID, spanID) = parent.map { ($0.traceID, ids.spanID()) } ?? ids.first()
        // A span that was started here has its trace with it; one of another process begins ours.
        let known = node?.trace
        let isSampled = known?.isSampled ?? options.sampler.isSampled(traceID, parent: parent)
        let own = SpanContext(
            traceID: traceID, spanID: spanID, isSampled: isSampled, state: parent?.state)
        var trace = known
        if known == nil, sink != nil,
            isSampled || options.keepsErrors || options.keepsSlowerThan != nil
        {
            trace = LocalTrace(isSampled: isSampled)
        }
        let recording = trace.map { _ in
            PerchSpan.Recording(
                operationName, kind: kind,
                start: Int64(clamping: instant().nanosecondsSinceEpoch), parent: parent?.spanID,
                isFirst: known == nil, tracer: self)
        }
        return PerchSpan(in: context, ids: own, trace: trace, recording: recording)
    }

    /// Does nothing: spans are sent at the end of the process in any case.
    public func forceFlush() {}

    /// Reads the context of a caller out of headers.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        Propagation.extract(carrier, into: &context, using: extractor, ids: ids)
    }

    /// Writes the context for a callee into headers.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        Propagation.inject(context, into: &carrier, using: injector)
    }

    /// Takes a span that ended.
    func take(_ span: FinishedSpan, of trace: LocalTrace, isFirst: Bool) {
        let limit = options.heldSpansMax
        let verdict = trace.finished(span, isFirst: isFirst, options: options) { [self] in
            guard heldCount.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
            release(1)
            return false
        }
        switch verdict {
        case .hold: break
        case .send(let spans):
            release(trace.isSampled ? 0 : spans.count - 1)
            sink?(spans)
        case .drop(let count):
            release(count - 1)
            droppedCount.wrappingAdd(count, ordering: .relaxed)
        }
    }

    private func release(_ count: Int) {
        if count > 0 { heldCount.wrappingSubtract(count, ordering: .relaxed) }
    }
}
