import BenchmarkSupport
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Perch
import PerchHummingbird

// What observing a request costs: a handler that says hello, through Hummingbird's router, with and
// without the SDK. Time of processors, since the difference is what a server pays.
//
//     swift run -c release --package-path Benchmarks RequestBenchmarks >/dev/null

private struct Nowhere: ResponseBodyWriter {
    mutating func write(_ buffer: ByteBuffer) async throws {}
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

private func router(_ perch: PerchService?) -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    if let perch {
        var options = RequestObserverOptions()
        options.logsStart = true
        router.observe(with: perch, options: options)
    }
    router.get("/hello/:name") { _, _ in "hello" }
    return router
}

private func cost(_ name: String, _ perch: PerchService?, bar: String = "") async throws -> Cost {
    let responder = router(perch).buildResponder()
    let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
    let channel = EmbeddedChannel()
    let head = HTTPRequest(
        method: .get, scheme: "http", authority: "localhost", path: "/hello/world",
        headerFields: [.userAgent: "bench/1.0", .accept: "*/*"])
    return try await measureCPU(name, bar: bar, count: 2_000) {
        let context = BasicRequestContext(
            source: ApplicationRequestContextSource(channel: channel, logger: logger))
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let response = try await responder.respond(to: request, context: context)
        try await response.body.write(Nowhere())
    }
}

/// Everything is on, and what is to be sent waits in queues that have room for all of it.
private func everything() -> PerchService {
    var options = PerchOptions()
    options.service = "bench"
    options.export.addresses = [
        .logs: "http://127.0.0.1:1/v1/logs", .traces: "http://127.0.0.1:1/v1/traces",
        .metrics: "http://127.0.0.1:1/v1/metrics",
    ]
    options.export.waitingCountMax = 1_000_000
    options.export.waitingByteCountMax = 1 << 30
    return PerchService(options)
}

private func linesOnly() -> PerchService {
    var options = PerchOptions()
    options.service = "bench"
    return PerchService(options)
}

let plain = try await cost("plain", nil)
let lines = try await cost("lines-and-metrics", linesOnly())
let all = try await cost("everything", everything())
for (name, cost) in [("lines-and-metrics adds", lines), ("everything adds", all)] {
    var difference = Cost()
    difference.nanoseconds = cost.nanoseconds - plain.nanoseconds
    difference.allocations = cost.allocations - plain.allocations
    say(name, bar: "<= 12000 ns", difference)
}
