import BenchmarkSupport
import CoreMetrics
import Logging
import Perch
import Tracing

// What single calls cost. Log lines go to standard output, so send that to /dev/null.
//
//     swift run -c release --package-path Benchmarks SDKBenchmarks >/dev/null
//
// One name as argument runs that case alone, for profilers.

private let fields: Logger.Metadata = [
    "order_id": "A7", "shop_id": "nord", "user_id": "u-1", "route": "/orders/{id}",
    "status": .stringConvertible(200), "duration_ms": .stringConvertible(12.5),
]

measureThrow("throw", bar: "8 calls deep, caught, not noted")

private let perch = PerchService(PerchOptions())
private let line = perch.logger("bench")
private let stream = Logger(label: "bench", factory: StreamLogHandler.standardOutput(label:))

measure("stream-line", bar: "swift-log's own handler", count: 10_000) {
    stream.info("Order placed", metadata: fields)
}
measure("log-line", bar: "< 1500 ns, 2 allocations", count: 10_000) {
    line.info("Order placed", metadata: fields)
}
measure("stream-off", bar: "swift-log's own handler", count: 300_000) {
    stream.debug("Order placed", metadata: fields)
}
measure("log-off", bar: "< 5 ns", count: 300_000) {
    line.debug("Order placed", metadata: fields)
}

/// A backend that does nothing at all: what is left is swift-log's own part.
private struct Idle: LogHandler {
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) {}
}
private let idle = Logger(label: "bench", factory: { _ in Idle() })
measure("idle-off", bar: "a backend that does nothing", count: 300_000) {
    idle.debug("Order placed", metadata: fields)
}
private let quick = perch.quickLogger("bench")
measure("quick-off", bar: "< 5 ns", count: 300_000) {
    quick.debug("Order placed", metadata: fields)
}

private let counter = perch.metrics.makeCounter(label: "bench", dimensions: [("shop", "nord")])
measure("counter", bar: "< 15 ns", count: 300_000) { counter.increment(by: 1) }
private let timer = perch.metrics.makeTimer(label: "bench.duration", dimensions: [])
measure("histogram", bar: "< 40 ns", count: 300_000) { timer.recordNanoseconds(30_000_000) }

private func service(_ configure: (inout TracingOptions) -> Void) -> PerchService {
    var options = PerchOptions()
    options.export.addresses = [.traces: "http://127.0.0.1:1/v1/traces"]
    options.tracing.keepsSlowerThan = nil
    configure(&options.tracing)
    return PerchService(options)
}

private func span(_ tracer: PerchTracer, _ context: ServiceContext = .topLevel) {
    let span = tracer.startSpan("work", context: context, ofKind: .internal)
    span.end()
}

private let sampled = service { _ in }
measure("span-sampled", bar: "< 1500 ns", count: 10_000) { span(sampled.tracer) }

private let unsampled = service { options in
    options.sampler = Sampler(ratio: 0)
    options.keepsErrors = false
}
measure("span-unsampled", bar: "< 100 ns", count: 50_000) { span(unsampled.tracer) }

// Errors are kept, so the first span is measured; those inside it are not.
private let rooted = service { options in
    options.sampler = Sampler(ratio: 0)
    options.holdsSpans = false
}
private let root = rooted.tracer.startSpan("request", context: .topLevel, ofKind: .server)
private let inside = root.context
measure("span-unsampled-inside", bar: "< 100 ns", count: 50_000) { span(rooted.tracer, inside) }

// The default: all spans of a trace wait for its end, since it may have an error.
private let held = service { $0.sampler = Sampler(ratio: 0) }
measure("span-held", bar: "until the trace ends", count: 10_000) { span(held.tracer) }

measure("capture-off", bar: "nothing is reported", count: 10_000) { Perch.capture(Declined()) }
private let reporting = servingReports()
measureThrow("throw-noted", bar: "the same, and it is noted where")
await measureReports()
