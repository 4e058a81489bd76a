import Synchronization

/// What waits for the exporter, shared by the services of the process.
///
/// Recording appends under a lock and returns; a full buffer drops the new item and counts it.
final class Recorder: Sendable {
    let clock: NanosecondClock
    let resources: [ServiceResource]
    let started: Int64
    let spans = ExportBuffer<FinishedSpan>()
    let logs = ExportBuffer<LogRecord>()
    private let metrics = Mutex(MetricState())

    init(resources: [ServiceResource], clock: @escaping NanosecondClock) {
        self.resources = resources
        self.clock = clock
        started = clock()
    }

    func record(
        _ instrument: Instrument, _ value: Double, service: Int, attributes: Attributes,
        context: TraceContext?
    ) {
        let exemplar = context.map {
            MetricState.Exemplar(value: value, time: clock(), context: $0)
        }
        metrics.withLock { metrics in
            metrics.record(
                instrument, value,
                in: MetricState.Series(service: service, attributes: attributes),
                exemplar: exemplar)
        }
    }

    /// The totals now, with what the telemetry itself lost.
    func metricSnapshot() -> MetricState {
        var state = metrics.withLock { $0 }
        let lost = [
            ("spans", spans.dropped), ("logs", logs.dropped),
            ("points", state.droppedSeriesPoints),
        ]
        for (signal, count) in lost {
            state.record(
                .dropped, Double(count),
                in: MetricState.Series(
                    service: 0, attributes: ["signal": .string(signal)]), exemplar: nil)
        }
        return state
    }
}

/// A bounded first-in first-out buffer between the shop and the exporter.
final class ExportBuffer<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var dropped = 0
    }

    private let state = Mutex(State())

    var dropped: Int { state.withLock { $0.dropped } }
    var count: Int { state.withLock { $0.items.count } }

    func append(_ item: Item) {
        state.withLock { state in
            guard state.items.count < Limits.bufferedItemsMax else {
                state.dropped += 1
                return
            }
            state.items.append(item)
        }
    }

    /// The oldest items, at most one batch of them; they stay until `remove` takes them.
    func peek() -> [Item] {
        state.withLock { Array($0.items.prefix(Limits.batchItemsMax)) }
    }

    /// Removes the oldest items: delivered, or given up and then counted.
    func remove(_ count: Int, delivered: Bool) {
        state.withLock { state in
            state.items.removeFirst(min(count, state.items.count))
            if !delivered { state.dropped += count }
        }
    }
}
