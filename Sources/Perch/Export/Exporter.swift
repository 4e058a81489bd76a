import AsyncHTTPClient
import Logging
import PerchWire
import Synchronization

/// Sends what the process measured to a collector, signal by signal.
final class Exporter: Sendable {
    let options: ExportOptions
    private let resource: [UInt8]
    private let queues: [ExportOptions.Signal: ExportQueue]
    private let registry: MetricRegistry
    private let startTime: Int64
    private let marker: DeployMarker?
    private let clock: @Sendable () -> Int64
    /// Writes to the process's own output only: a collector is not told that it is dead.
    private let logger: Logger

    init(
        options: ExportOptions, resource: [String: String], registry: MetricRegistry,
        clock: @escaping @Sendable () -> Int64, logger: Logger, marker: DeployMarker? = nil
    ) {
        self.marker = marker
        self.options = options
        var writer = ProtoWriter()
        writer.message(field: 1) { writer in
            for (key, value) in resource.sorted(by: { $0.key < $1.key }) {
                writer.attribute(field: 1, key, value)
            }
        }
        self.resource = writer.bytes
        self.registry = registry
        self.clock = clock
        self.logger = logger
        startTime = clock()
        var queues: [ExportOptions.Signal: ExportQueue] = [:]
        for signal in options.addresses.keys {
            queues[signal] = ExportQueue(
                options,
                dropped: registry.makeCounter(
                    label: "telemetry.dropped", dimensions: [("signal", signal.rawValue)]))
        }
        self.queues = queues
    }

    /// Where records of a signal wait; nil when it is not sent.
    func queue(_ signal: ExportOptions.Signal) -> ExportQueue? { queues[signal] }

    /// Records that were dropped so far.
    var droppedCount: Int { queues.values.reduce(0) { $0 + $1.droppedCount } }

    /// Sends until the task is cancelled, and then what is left, within the limit.
    func run() async {
        guard !queues.isEmpty else {
            // Nothing to send: it lives as long as the others.
            try? await Task.sleep(for: .seconds(Int64.max / 4))
            return
        }
        var configuration = HTTPClient.Configuration()
        // A refused connection is an answer: the pauses between attempts are the sender's.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        // A task of its own: what is under way when this one is cancelled shall still arrive.
        let work = Task { await sendAll(client) }
        // The last words of a process that is over are no start.
        let marking =
            Task.isCancelled
            ? nil
            : marker.map { marker in
                Task { await marker.tell(client) }
            }
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            marking?.cancel()
            for queue in queues.values { queue.stop() }
            // Bounded: a dead collector does not hold up the end of the process.
            Task {
                try? await Task.sleep(for: options.flushTimeout)
                work.cancel()
            }
        }
        await marking?.value
        try? await client.shutdown()
    }

    private func sendAll(_ client: HTTPClient) async {
        await withTaskGroup(of: Void.self) { group in
            for (signal, address) in options.addresses {
                guard let queue = queues[signal] else { continue }
                let sender = OTLPSender(signal, address: address, options: options, client: client)
                group.addTask { await self.run(signal, queue, sender) }
            }
        }
    }

    /// Sends until the queue is stopped, and then what is left.
    private func run(
        _ signal: ExportOptions.Signal, _ queue: ExportQueue, _ sender: OTLPSender
    ) async {
        var isLast = false
        while !isLast {
            await wait(for: queue, signal)
            isLast = queue.isStopping || Task.isCancelled
            if signal == .metrics { report(to: queue) }
            while let batch = queue.take() {
                await send(batch, signal, queue, sender)
            }
        }
    }

    private func wait(for queue: ExportQueue, _ signal: ExportOptions.Signal) async {
        let delay = signal == .metrics ? options.metricInterval : options.delay
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: delay) }
            group.addTask { await queue.full() }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private func send(
        _ batch: ExportQueue.Batch, _ signal: ExportOptions.Signal, _ queue: ExportQueue,
        _ sender: OTLPSender
    ) async {
        guard case .refused(let reason) = await sender.send(body(of: batch)) else {
            if queue.isNews(isFailing: false) {
                logger.notice(
                    "telemetry is sent again",
                    metadata: [
                        "signal": "\(signal.rawValue)", "lost": "\(queue.droppedCount)",
                    ])
            }
            return
        }
        queue.countDropped(batch.count)
        // Told once, and not for each batch while a collector is away.
        guard queue.isNews(isFailing: true) else { return }
        logger.warning(
            "telemetry could not be sent and is lost",
            metadata: [
                "signal": "\(signal.rawValue)", "records": "\(batch.count)",
                "address": "\(sender.address)", "reason": "\(reason)",
            ])
    }

    private func report(to queue: ExportQueue) {
        let metrics = registry.snapshot()
        guard !metrics.isEmpty else { return }
        let time = clock()
        queue.add(scope: "perch", count: metrics.count) { writer in
            for metric in metrics { writer.metric(metric, start: startTime, time: time) }
        }
    }

    /// The request of a batch: all three signals nest alike.
    private func body(of batch: ExportQueue.Batch) -> [UInt8] {
        var writer = ProtoWriter()
        writer.bytes.reserveCapacity(batch.byteCount + resource.count + 256)
        writer.message(field: 1) { writer in
            writer.bytes.append(contentsOf: resource)
            for (scope, records) in batch.scopes.sorted(by: { $0.key < $1.key }) {
                writer.message(field: 2) { writer in
                    writer.message(field: 1) { $0.text(field: 1, scope) }
                    writer.bytes.append(contentsOf: records)
                }
            }
        }
        return writer.bytes
    }
}
