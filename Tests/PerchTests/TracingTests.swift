import Instrumentation
import Synchronization
import Testing
import Tracing

@testable import Perch

/// Collects the spans that a tracer sends.
final class Spans: Sendable {
    private let list = Mutex<[FinishedSpan]>([])
    var sink: @Sendable ([FinishedSpan]) -> Void {
        { [self] spans in list.withLock { $0 += spans } }
    }
    var all: [FinishedSpan] { list.withLock { $0 } }
}

/// Spans, their ids, and what is kept of them (TRC-1, TRC-7, SMP-1, SMP-2, COR-4, COR-6, COR-9).
struct TracingTests {
    private func tracer(
        _ spans: Spans, ratio: Double, _ configure: (inout TracingOptions) -> Void = { _ in }
    ) -> PerchTracer {
        var options = TracingOptions()
        options.sampler = Sampler(ratio: ratio)
        options.keepsSlowerThan = nil
        configure(&options)
        return PerchTracer(options: options, sink: spans.sink)
    }

    private struct Failure: Error {}

    @Test("COR-6: a child has its parent's trace and its own id")
    func nesting() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 1)
        tracer.withSpan("request", context: .topLevel, ofKind: .server) { parent in
            parent.attributes["shop_id"] = "7"
            tracer.withSpan("query") { child in
                #expect(child.ids.traceID == parent.ids.traceID)
                #expect(child.ids.spanID != parent.ids.spanID)
            }
        }
        #expect(spans.all.map(\.name) == ["query", "request"])
        #expect(spans.all.first?.parent == spans.all.last?.ids.spanID)
        #expect(spans.all.last?.parent == nil)
        #expect(spans.all.allSatisfy { $0.duration >= 0 })
    }

    @Test("SMP-1: a trace that was not sampled is sent whole when it has an error")
    func errorsAreKept() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 0)
        tracer.withSpan("fine", context: .topLevel) { _ in tracer.withSpan("child") { _ in } }
        #expect(spans.all.isEmpty)
        try? tracer.withSpan("request", context: .topLevel) { _ in
            tracer.withSpan("first") { _ in }
            try tracer.withSpan("second") { _ in throw Failure() }
        }
        #expect(spans.all.map(\.name) == ["first", "second", "request"])
        #expect(tracer.notSentCount == 2)
    }

    @Test("SMP-1: without holding, the first span alone is kept, for errors inside it as well")
    func firstAlone() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 0) { $0.holdsSpans = false }
        try? tracer.withSpan("request", context: .topLevel) { first in
            tracer.withSpan("inside") { inside in
                #expect(!inside.isRecording)
                #expect(inside.ids == first.ids)
                inside.attributes["x"] = 1
            }
            try tracer.withSpan("failing") { _ in throw Failure() }
        }
        tracer.withSpan("fine", context: .topLevel) { _ in tracer.withSpan("inside") { _ in } }
        #expect(spans.all.map(\.name) == ["request"])
        #expect(tracer.notSentCount == 1)
    }

    @Test("SMP-2: a slow request is sent although it was not sampled")
    func slowIsKept() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 0) { $0.keepsSlowerThan = .milliseconds(100) }
        let quick = tracer.startSpan("quick", context: .topLevel)
        quick.end()
        let slow = tracer.startSpan("slow", context: .topLevel)
        let later = DefaultTracerClock.now.nanosecondsSinceEpoch + 200_000_000
        slow.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: later))
        #expect(spans.all.map(\.name) == ["slow"])
    }

    @Test("TRC-7, TRC-8: without anyone who takes spans nothing is measured, but ids go on")
    func disabled() {
        let tracer = PerchTracer(options: TracingOptions(), sink: nil)
        let span = tracer.startSpan("x", context: .topLevel)
        #expect(!span.isRecording)
        var headers: [String: String] = [:]
        tracer.inject(span.context, into: &headers, using: Headers())
        #expect(headers["traceparent"]?.utf8.count == 55)
    }

    @Test("What waits for the end of a trace is bounded")
    func bounded() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 0) { options in
            options.heldSpansPerTraceMax = 4
            options.heldSpansMax = 6
        }
        for _ in 0..<3 {
            let first = tracer.startSpan("first", context: .topLevel)
            for _ in 0..<10 { tracer.startSpan("child", context: first.context).end() }
            first.recordError(Failure(), attributes: [:], at: DefaultTracerClock.now)
            first.end()
        }
        #expect(spans.all.count == 15)
        #expect(tracer.notSentCount == 18)
    }

    @Test("A span is over once, and has no more events than allowed")
    func limits() {
        let spans = Spans()
        let tracer = tracer(spans, ratio: 1) { $0.eventsMax = 2 }
        let span = tracer.startSpan("x", context: .topLevel)
        for _ in 0..<5 { span.addEvent("e") }
        span.end()
        span.end()
        span.addEvent("late")
        #expect(spans.all.count == 1)
        #expect(spans.all.first?.events.count == 2)
        #expect(spans.all.first?.droppedEvents == 3)
    }

    @Test(
        "COR-4: what is no valid context is no context",
        arguments: [
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", "00", "", "é",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        ])
    func invalidParents(_ text: String) {
        #expect(Propagation.parent(text) == nil)
    }

    @Test("COR-4, COR-9: contexts of W3C, B3 and x-trace-id come in")
    func propagation() {
        let tracer = PerchTracer(options: TracingOptions(), sink: nil)
        let read = { (headers: [String: String]) -> SpanContext? in
            var context = ServiceContext.topLevel
            tracer.extract(headers, into: &context, using: Headers())
            return context.spanContext
        }
        let id = "0af7651916cd43dd8448eb211c80319c"
        #expect(read(["traceparent": "01-\(id)-b7ad6b7169203331-00-more"])?.isSampled == false)
        #expect(read(["b3": "\(id)-b7ad6b7169203331-0"])?.isSampled == false)
        #expect(read(["b3": "\(id)-b7ad6b7169203331-d"])?.isSampled == true)
        let short = read(["x-b3-traceid": "b7ad6b7169203331", "x-b3-spanid": "b7ad6b7169203332"])
        #expect(short?.traceID.description == "0000000000000000b7ad6b7169203331")
        let own = read(["x-trace-id": "0af76519-16cd-43dd-8448-eb211c80319c"])
        #expect(own?.traceID.description == id)
        #expect(read(["x-trace-id": "hello"]) == nil)
        #expect(
            read(["traceparent": "00-\(id)-b7ad6b7169203331-01", "tracestate": "a=b"])?.state
                == "a=b")
    }

    @Test("SMP-1: a ratio keeps about so many, and the caller's decision counts first")
    func ratio() {
        let ids = IDGenerator()
        let sampler = Sampler(ratio: 0.1)
        let kept = (0..<10_000).count { _ in sampler.isSampled(ids.traceID(), parent: nil) }
        #expect((800...1200).contains(kept))
        let parent = Propagation.parent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect((0..<100).allSatisfy { _ in sampler.isSampled(ids.traceID(), parent: parent) })
    }
}
