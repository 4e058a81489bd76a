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

    /// Spans that were measured and, by sampling or for want of room, not sent.
    public var notSentCount: Int { droppedCount.load(ordering: .relaxed) }

    /// See swift-distributed-tracing.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> PerchSpan {
        var context = context()
        let parent = context.spanContext
        let traceID = parent?.traceID ?? ids.traceID()
        // A span that was started here has its trace with it; one of another process begins ours.
        let known = parent?.isRemote == false ? context.localTrace : nil
        let isSampled = known?.isSampled ?? options.sampler.isSampled(traceID, parent: parent)
        let own = SpanContext(
            traceID: traceID, spanID: ids.spanID(), isSampled: isSampled, state: parent?.state)
        var trace = known
        if known == nil, sink != nil,
            isSampled || options.keepsErrors || options.keepsSlowerThan != nil
        {
            trace = LocalTrace(isSampled: isSampled)
        }
        context.spanContext = own
        context.localTrace = trace
        return PerchSpan(
            operationName, kind: kind,
            start: trace == nil ? 0 : Int64(clamping: instant().nanosecondsSinceEpoch),
            context: context, ids: own, parent: parent?.spanID, isFirst: known == nil,
            trace: trace, tracer: self)
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

private enum LocalTraceKey: ServiceContextKey {
    typealias Value = LocalTrace
    static var nameOverride: String? { "perch.trace" }
}

extension ServiceContext {
    fileprivate var localTrace: LocalTrace? {
        get { self[LocalTraceKey.self] }
        set { self[LocalTraceKey.self] = newValue }
    }
}
