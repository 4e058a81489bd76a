import Synchronization

package import PerchModel

/// What is kept of traces once they are complete; see docs/operating/admission.md.
package struct TailSampling: Sendable, Equatable {
    /// How many of a million traces are kept that nothing speaks for.
    package var keptPerMillion: Int
    /// Nanoseconds of a span from which its trace is slow, and kept.
    package var slowNanos: Int64

    package init(keptPerMillion: Int, slowNanos: Int64 = 1_000_000_000) {
        self.keptPerMillion = keptPerMillion
        self.slowNanos = slowNanos
    }
}

/// Decides about traces whose spans stand together (SMP-1, SMP-2).
///
/// Kept whole are traces with an error, a slow span, or a rare operation; of the others, those that
/// a hash of the trace id names. Each of these stands for those that were not kept, by its weight:
/// counts by service, operation, kind and status stay exact.
package final class TailSampler: Sendable {
    private struct State {
        var settings: TailSampling?
        /// Traces with something to keep, for their spans that come later; the older half goes when
        /// there are many.
        var kept: Set<ArraySlice<UInt8>> = []
        var keptBefore: Set<ArraySlice<UInt8>> = []
        var droppedRowCount = 0
    }

    private let state: Mutex<State>

    package init(_ settings: TailSampling?) {
        state = Mutex(State(settings: settings))
    }

    package func set(_ settings: TailSampling?) {
        state.withLock { $0.settings = settings }
    }

    package var isActive: Bool { state.withLock { $0.settings != nil } }

    /// Spans that were left out.
    package var droppedRowCount: Int { state.withLock { $0.droppedRowCount } }

    /// What ``remember(_:)`` looks at.
    package static let rememberedFields = [RecordField.traceID, RecordField.weight].map {
        FieldReference($0, space: .record)
    }

    /// Learns at a start which traces had something to keep, of spans that were kept.
    ///
    /// The newest come first; it answers whether there is room for more. Those that a hash named stand for others, and say so.
    package func remember(_ batch: EventBatch) -> Bool {
        guard let ids = batch.record(RecordField.traceID, .id) else { return true }
        let weights = batch.weights
        return state.withLock { state in
            for index in ids.rows.indices
            where (weights?[Int(ids.rows[index])] ?? 1) == 1 {
                guard state.kept.count < Limits.keptTracesMax / 2 else { return false }
                let id = ids.bytes[ids.byteRange(at: index)]
                if !state.kept.contains(id) { state.kept.insert(ArraySlice(Array(id))) }
            }
            return true
        }
    }

    /// The spans that are kept.
    package func sample(_ batch: EventBatch) -> EventBatch {
        let (settings, known) = state.withLock { ($0.settings, $0.kept.union($0.keptBefore)) }
        guard let settings, batch.rowCount > 0 else { return batch }
        var choice = TraceChoice(batch)
        choice.keepSpecial(settings, known: known)
        choice.keepByHash(settings)
        choice.keepOneOfEach()
        let answer = choice.answer()
        let special = choice.specialIDs
        state.withLock { state in
            state.droppedRowCount += batch.rowCount - answer.rowCount
            for id in special where !state.keptBefore.contains(id) {
                if state.kept.count >= Limits.keptTracesMax / 2 {
                    state.keptBefore = state.kept
                    state.kept = []
                }
                state.kept.insert(id)
            }
        }
        return answer
    }
}

/// Spans by their traces and their operations, and which are kept.
private struct TraceChoice {
    private enum Fate { case open, special, byHash, dropped }

    private struct Operation: Hashable {
        var service: Int32
        var name: Int32
        var kind: Int64
        var status: Int64
    }

    private let batch: EventBatch
    /// By row: the trace, or -1 for a span without one.
    private let traces: [Int32]
    private let ids: [ArraySlice<UInt8>]
    private var fates: [Fate]
    /// By row.
    private let operations: [Int32]
    private let operationCount: Int
    private let statuses: [Int64]

    init(_ batch: EventBatch) {
        self.batch = batch
        (traces, ids) = Self.codes(batch, RecordField.traceID, .id)
        fates = [Fate](repeating: .open, count: ids.count)
        statuses = Self.ints(batch, RecordField.statusCode)
        let names = Self.codes(batch, RecordField.name, .string).codes
        let kinds = Self.ints(batch, RecordField.kind)
        var services: [String: Int32] = [:]
        let serviceOf = batch.resources.map { resource -> Int32 in
            let next = Int32(services.count)
            services[resource.service] = services[resource.service] ?? next
            return services[resource.service] ?? next
        }
        var known: [Operation: Int32] = [:]
        var operations: [Int32] = []
        operations.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount {
            let operation = Operation(
                service: serviceOf[Int(batch.resourceIndexes[row])], name: names[row],
                kind: kinds[row], status: statuses[row])
            let next = Int32(known.count)
            let code = known[operation] ?? next
            if code == next { known[operation] = next }
            operations.append(code)
        }
        self.operations = operations
        operationCount = known.count
    }

    /// By row, which of the different values it has; -1 for none.
    private static func codes(
        _ batch: EventBatch, _ name: String, _ kind: ColumnKind
    ) -> (codes: [Int32], values: [ArraySlice<UInt8>]) {
        var codes = [Int32](repeating: -1, count: batch.rowCount)
        guard let column = batch.record(name, kind) else { return (codes, []) }
        if column.isDictionary {
            for index in column.rows.indices {
                codes[Int(column.rows[index])] = Int32(column.codes[index])
            }
            return (codes, column.ends.indices.map { column.bytes[column.entryRange($0)] })
        }
        var known: [ArraySlice<UInt8>: Int32] = [:]
        var values: [ArraySlice<UInt8>] = []
        for index in column.rows.indices {
            let value = column.bytes[column.byteRange(at: index)]
            let next = Int32(values.count)
            let code = known[value] ?? next
            if code == next {
                known[value] = next
                values.append(value)
            }
            codes[Int(column.rows[index])] = code
        }
        return (codes, values)
    }

    private static func ints(_ batch: EventBatch, _ name: String) -> [Int64] {
        var values = [Int64](repeating: 0, count: batch.rowCount)
        guard let column = batch.record(name, .int) else { return values }
        for index in column.rows.indices { values[Int(column.rows[index])] = column.ints[index] }
        return values
    }

    /// The traces that are kept for what they are.
    var specialIDs: [ArraySlice<UInt8>] {
        // Of their own bytes: a slice would keep all of the batch's.
        ids.indices.filter { fates[$0] == .special }.map { ArraySlice(Array(ids[$0])) }
    }

    mutating func keepSpecial(_ settings: TailSampling, known: Set<ArraySlice<UInt8>>) {
        let durations = Self.ints(batch, RecordField.duration)
        var counts = [Int](repeating: 0, count: operationCount)
        for operation in operations { counts[Int(operation)] += 1 }
        for row in 0..<batch.rowCount where traces[row] >= 0 {
            let isError = statuses[row] == 2
            let isRare = counts[Int(operations[row])] < Limits.rareOperationCount
            if isError || isRare || durations[row] >= settings.slowNanos {
                fates[Int(traces[row])] = .special
            }
        }
        guard !known.isEmpty else { return }
        for trace in ids.indices where known.contains(ids[trace]) { fates[trace] = .special }
    }

    mutating func keepByHash(_ settings: TailSampling) {
        for trace in ids.indices where fates[trace] == .open {
            let isKept = Self.hash(ids[trace]) % 1_000_000 < UInt64(settings.keptPerMillion)
            fates[trace] = isKept ? .byHash : .dropped
        }
    }

    /// FNV-1a and a mix: of a trace, all servers and all files decide alike.
    private static func hash(_ id: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
        return hash ^ (hash >> 32)
    }

    /// Sees to it that whatever is left out has somebody who stands for it.
    mutating func keepOneOfEach() {
        guard fates.contains(.dropped) else { return }
        var isRepresented = [Bool](repeating: false, count: operationCount)
        for row in 0..<batch.rowCount where traces[row] >= 0 && fates[Int(traces[row])] == .byHash {
            isRepresented[Int(operations[row])] = true
        }
        for row in 0..<batch.rowCount where traces[row] >= 0 {
            let trace = Int(traces[row])
            let operation = Int(operations[row])
            if fates[trace] == .dropped, !isRepresented[operation] { fates[trace] = .byHash }
            if fates[trace] == .byHash { isRepresented[operation] = true }
        }
    }

    /// The rows that are kept, with their weights.
    func answer() -> EventBatch {
        guard fates.contains(.dropped) else { return batch }
        let old = batch.weights
        func fate(_ row: Int) -> Fate { traces[row] < 0 ? .special : fates[Int(traces[row])] }
        // By operation: the rows that stand for others, and what they stand for with themselves.
        var standing = [Int64](repeating: 0, count: operationCount)
        var total = [Int64](repeating: 0, count: operationCount)
        for row in 0..<batch.rowCount {
            let operation = Int(operations[row])
            switch fate(row) {
            case .special, .open: break
            case .byHash:
                standing[operation] += 1
                total[operation] &+= old?[row] ?? 1
            case .dropped: total[operation] &+= old?[row] ?? 1
            }
        }
        var kept: [UInt32] = []
        var weights = Column(name: RecordField.weight, space: .record, kind: .int)
        for row in 0..<batch.rowCount where fate(row) != .dropped {
            var weight = old?[row] ?? 1
            let operation = Int(operations[row])
            if fate(row) == .byHash {
                // Each takes its part of what is left, so that the sum is exact.
                weight = max(1, total[operation] / standing[operation])
                total[operation] -= weight
                standing[operation] -= 1
            }
            if weight > 1 {
                weights.rows.append(UInt32(kept.count))
                weights.ints.append(weight)
            }
            kept.append(UInt32(row))
        }
        var answer = batch.selecting(rows: kept)
        answer.columns.removeAll { $0.name == weights.name && $0.space == .record }
        if !weights.rows.isEmpty { answer.columns.append(weights) }
        return answer
    }
}

extension EventBatch {
    fileprivate func record(_ name: String, _ kind: ColumnKind) -> Column? {
        columns.first { $0.name == name && $0.space == .record && $0.kind == kind }
    }
}
