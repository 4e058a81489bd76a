package import PerchModel
import Synchronization

/// Which services there are and what their operations are called, in memory.
///
/// It learns from spans as they arrive, and at the start from those in the store. What nobody has
/// seen for as long as spans are kept is forgotten.
package final class SpanCatalogue: Sendable {
    /// A name of spans with their kind.
    package struct Operation: Sendable, Hashable {
        package var name: String
        /// OTLP's SpanKind.
        package var kind: Int64
    }

    private struct State {
        /// When each operation of each service was last seen, in nanoseconds since 1970.
        var services: [String: [Operation: Int64]] = [:]
        var operationCount = 0
    }

    private let state = Mutex(State())
    private let operationsMax: Int

    package init(operationsMax: Int = Limits.catalogueOperationsMax) {
        self.operationsMax = operationsMax
    }

    /// Notes an operation; one that is new and over the limit is left out, its service is not.
    package func note(_ operation: Operation, of service: String, seenNanos: Int64) {
        state.withLock { state in
            if let seen = state.services[service]?[operation] {
                if seen < seenNanos { state.services[service]?[operation] = seenNanos }
                return
            }
            // Each service keeps one, so that it is known whatever the names of others are.
            let isFirst = state.services[service] == nil
            let limit = isFirst ? operationsMax * 2 : operationsMax
            guard state.operationCount < limit else { return }
            state.operationCount += 1
            state.services[service, default: [:]][operation] = seenNanos
        }
    }

    /// Forgets what was last seen before a time.
    package func forget(before nanos: Int64) {
        state.withLock { state in
            for (service, operations) in state.services {
                let kept = operations.filter { $0.value >= nanos }
                state.operationCount -= operations.count - kept.count
                state.services[service] = kept.isEmpty ? nil : kept
            }
        }
    }

    /// The names of all services, sorted.
    package var services: [String] {
        state.withLock { $0.services.keys.sorted() }
    }

    /// The operations of a service, sorted by name and kind.
    package func operations(of service: String) -> [Operation] {
        let operations = state.withLock { $0.services[service].map { Array($0.keys) } ?? [] }
        return operations.sorted { ($0.name, $0.kind) < ($1.name, $1.kind) }
    }

    /// Learns from all spans of a store; `nowNanos` is when they count as seen at the latest.
    ///
    /// Runs beside everything else: until it is over, what is not sent any more is missing.
    package func load(from events: any EventSource, nowNanos: Int64) async throws(StoreFailure) {
        var query = EventQuery(dataset: .spans, times: .min ..< .max)
        query.projection = .fields(
            [RecordField.name, RecordField.kind].map { FieldReference($0, space: .record) })
        query.order = .unordered
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            note(batch, nowNanos: nowNanos)
        }
    }

    /// Notes the operations of a batch, each once.
    package func note(_ batch: EventBatch, nowNanos: Int64) {
        note(SpanRows(batch), nowNanos: nowNanos)
    }

    /// Notes the operations of some spans, each once.
    func note(_ spans: SpanRows, nowNanos: Int64) {
        guard let names = spans.columns.name else { return }
        var table = SpanKeyTable(
            countMax: operationsMax, nameByteCountMax: Limits.spanNameByteCountMax)
        var seen: [Int64] = []
        let bytes = names.bytes.span
        for (index, row) in names.rows.enumerated() {
            let row = Int(row)
            let kind = spans.kind(row)
            let known = table.index(
                service: spans.services[row], tag: kind, bytes, names.byteRange(at: index))
            guard let known else { continue }
            if known == seen.count { seen.append(spans.times[row]) }
            seen[known] = max(seen[known], spans.times[row])
        }
        let services = spans.resources.map(\.service)
        for (index, key) in table.keys.enumerated() {
            note(
                Operation(name: table.name(at: index), kind: Int64(key.tag)),
                of: services[Int(key.service)], seenNanos: min(seen[index], nowNanos))
        }
    }
}
