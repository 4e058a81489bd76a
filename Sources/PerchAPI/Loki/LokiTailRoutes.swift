import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel
import PerchPromQL

/// `GET /loki/api/v1/tail`: lines as they are stored, over a WebSocket.
///
/// Source: Grafana Loki, "HTTP API": "Stream log messages".
package struct LokiTailRoutes: Sendable {
    private let queries: LokiQueryRoutes
    private let runner: QueryRunner
    private let hub: TailHub

    /// Lines from before are asked of `queries`, in the turn of `runner`.
    package init(queries: LokiQueryRoutes, runner: QueryRunner, hub: TailHub) {
        self.queries = queries
        self.runner = runner
        self.hub = hub
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for path in Access.lokiTails {
            router.get(RouterPath(path)) { request, context in
                try await tail(request, context)
            }
        }
    }

    private func tail(_ request: Request, _ context: PerchRequestContext) async throws -> Response {
        let parameters = try await queries.parameters(request)
        guard case .lines(let selector) = try LokiQueryRoutes.expression(parameters) else {
            throw LokiFailure(.badRequest, "a query that gives numbers cannot be tailed")
        }
        let end = queries.options().now
        let start = try parameters.time("start") ?? end &- Self.sinceNanos
        let limit = try parameters.limit(
            default: PerchLogQL.Limits.linesDefault, most: PerchLogQL.Limits.linesMax)
        if let delay = parameters["delay_for"] {
            guard let seconds = Int(delay), (0...5).contains(seconds) else {
                throw LokiFailure(.badRequest, "delay_for can't be greater than 5")
            }
        }
        var tail: LogTail
        do {
            tail = try LogTail(selector, now: end)
        } catch {
            throw LokiFailure(error)
        }
        guard let upgrade = await WebSocketUpgrade(request, context.channel) else {
            throw LokiFailure(
                HTTPResponse.Status(code: 426, reasonPhrase: "Upgrade Required"),
                "the tail is a WebSocket: send \"Upgrade: websocket\", version 13")
        }
        // Before the past is read, so that nothing is missing between it and what comes.
        let reader = try hub.reader(of: .logs)
        let past: [LogStream]
        do {
            past = try await self.past(selector, start, limit, context)
        } catch {
            hub.close(reader)
            throw error
        }
        tail.expect(past)
        let stream = TailStream(
            hub: hub, reader: reader,
            format: LokiTail(
                tail: tail, past: past, expectedCount: reader.offeredCount, now: queries.now),
            channel: context.channel)
        return try await upgrade.response(
            context.channel, onClose: { reader.finish() }, body: stream.body)
    }

    /// How far back is looked when nothing is said, as in Loki.
    private static let sinceNanos: Int64 = 3_600_000_000_000

    /// The newest lines since `start`, the oldest of them first.
    private func past(
        _ selector: LogSelector, _ start: Int64, _ limit: Int, _ context: PerchRequestContext
    ) async throws -> [LogStream] {
        try await runner.value(context) {
            var options = queries.options()
            // What is stored meanwhile may bear later times.
            let times = LogQLTimes.range(start, max(start, options.now &+ Self.sinceNanos), step: 1)
            options.limit = limit
            do throws(LogQLFailure) {
                let engine = LogQLEngine(source: queries.events, options: options)
                let result = try await engine.evaluate(.lines(selector), times).result
                guard case .streams(let streams) = result else { return [] }
                return streams.map { stream in
                    var stream = stream
                    stream.entries.reverse()
                    return stream
                }
            } catch {
                throw LokiFailure(error)
            }
        }
    }
}

/// The tail in Loki's JSON, a message a batch.
private struct LokiTail: TailFormat {
    var tail: LogTail
    let past: [LogStream]
    /// Batches that may hold lines of `past`.
    var expectedCount: Int
    let now: @Sendable () -> Int64

    let alive = WebSocketFrames.ping
    let ending = WebSocketFrames.close(.goingAway)
    let endsConnection = true

    var opening: ByteBuffer {
        past.isEmpty ? ByteBuffer() : WebSocketFrames.text(Self.message(past, nil))
    }

    mutating func text(of batch: EventBatch?, droppedCount: Int) throws -> ByteBuffer? {
        var streams: [LogStream] = []
        if let batch {
            if expectedCount <= 0 { tail.expectNothing() }
            expectedCount -= 1
            streams = try tail.streams(of: batch)
        }
        let dropped: (Int, Int64)? = droppedCount > 0 ? (droppedCount, now()) : nil
        guard !streams.isEmpty || dropped != nil else { return nil }
        return WebSocketFrames.text(Self.message(streams, dropped))
    }

    /// Loki names each line that was lost; here their number stands for them.
    private static func message(_ streams: [LogStream], _ dropped: (Int, Int64)?) -> [UInt8] {
        var text: [UInt8] = []
        text.json("{\"streams\":")
        LokiAnswer.append(streams, false, to: &text)
        if let (count, nanos) = dropped {
            text.json(",\"dropped_entries\":[{\"labels\":{\"dropped\":\"")
            NumberText.appendWhole(Int64(count), to: &text)
            text.json("\"},\"timestamp\":\"")
            NumberText.appendWhole(nanos, to: &text)
            text.json("\"}]")
        }
        text.json("}")
        return text
    }
}
