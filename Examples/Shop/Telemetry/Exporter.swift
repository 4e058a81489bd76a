import NIOCore
import ServiceLifecycle

/// Sends what the recorder holds to an OTLP receiver, and flushes once more at the end.
struct Exporter: Service {
    let recorder: Recorder
    let transport: OTLPTransport

    private var bodies: OTLPBody { OTLPBody(resources: recorder.resources) }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await cancelledByShutdown { await sendSpans(attempts: Limits.exportAttemptsMax) }
            }
            group.addTask {
                await cancelledByShutdown { await sendLogs(attempts: Limits.exportAttemptsMax) }
            }
            group.addTask {
                await cancelledByShutdown { await sendMetrics() }
            }
        }
        await flush()
    }

    /// Repeats `round` until the shop stops; a round in progress is cut off then.
    private func cancelledByShutdown(_ round: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { await round() }
        }
    }

    private func sendSpans(attempts: Int) async {
        try? await Task.sleep(for: Limits.exportInterval)
        await drain(recorder.spans, "traces", attempts: attempts) { bodies.traces($0) }
    }

    private func sendLogs(attempts: Int) async {
        try? await Task.sleep(for: Limits.exportInterval)
        await drain(recorder.logs, "logs", attempts: attempts) { bodies.logs($0) }
    }

    /// Metrics are totals: a lost request loses nothing, the next one carries more.
    private func sendMetrics() async {
        await exportMetrics()
        try? await Task.sleep(for: Limits.metricInterval)
    }

    private func exportMetrics() async {
        let body = bodies.metrics(
            recorder.metricSnapshot(), from: recorder.started, to: recorder.clock())
        _ = await transport.send(body, signal: "metrics", attempts: 1)
    }

    /// Sends batches until the buffer is empty, the collector fails or the task is cancelled.
    private func drain<Item: Sendable>(
        _ buffer: ExportBuffer<Item>, _ signal: String, attempts: Int,
        _ body: ([Item]) -> ByteBuffer
    ) async {
        while !Task.isCancelled {
            let batch = buffer.peek()
            if batch.isEmpty { return }
            switch await transport.send(body(batch), signal: signal, attempts: attempts) {
            case .delivered:
                buffer.remove(batch.count, delivered: true)
            case .refused, .givenUp:
                buffer.remove(batch.count, delivered: false)
            case .cancelled:
                return
            }
        }
    }

    /// One attempt each for what is left, within `Limits.flushTimeout`.
    ///
    /// A child task of its own is not cancelled by the shutdown that ended the loops.
    private func flush() async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await Task.sleep(for: Limits.flushTimeout)
                return true
            }
            group.addTask {
                async let metrics: Void = exportMetrics()
                async let spans: Void = drain(recorder.spans, "traces", attempts: 1) {
                    bodies.traces($0)
                }
                async let logs: Void = drain(recorder.logs, "logs", attempts: 1) {
                    bodies.logs($0)
                }
                _ = await (metrics, spans, logs)
                return true
            }
            _ = await group.next()
            group.cancelAll()
        }
    }
}
