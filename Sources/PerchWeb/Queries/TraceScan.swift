import PerchModel

/// The traces among spans that come newest first.
struct TraceScan {
    /// What is known of a trace by its spans that fit.
    struct Hit {
        var id: [UInt8]
        /// The start of the span that was found first: the newest.
        var firstNanos: Int64
        /// Of the longest span.
        var timeNanos: Int64
        var durationNanos: Int64
        var name: String
        var service: String
        var isError: Bool
    }

    private let isForSlowest: Bool
    private var hits: [Hit] = []
    private var places: [[UInt8]: Int] = [:]
    private var names: Set<String> = []

    init(isForSlowest: Bool) {
        self.isForSlowest = isForSlowest
    }

    /// Whether nothing that comes later is looked at.
    var isFull: Bool {
        hits.count >= (isForSlowest ? Limits.tracesComparedMax : Limits.tracePointsMax)
    }

    mutating func add(_ batch: EventBatch) {
        var ids = ColumnScan(batch, RecordField.traceID, .id)
        var names = ColumnScan(batch, RecordField.name, .string)
        var durations = ColumnScan(batch, RecordField.duration, .int)
        var status = ColumnScan(batch, RecordField.statusCode, .int)
        let services = batch.resources.map(\.service)
        for row in 0..<batch.rowCount {
            let name = names.bytes(row)
            let duration = max(0, durations.int(row) ?? 0)
            let isError = status.int(row) == 2
            guard let id = ids.bytes(row).map(Array.init) else { continue }
            let known = places[id]
            if known == nil, isFull { continue }
            let place = known ?? hits.count
            if known == nil {
                places[id] = place
                hits.append(
                    Hit(
                        id: id, firstNanos: batch.times[row], timeNanos: batch.times[row],
                        durationNanos: -1, name: "", service: "", isError: false))
            }
            hits[place].isError = hits[place].isError || isError
            guard duration > hits[place].durationNanos else { continue }
            hits[place].durationNanos = duration
            hits[place].timeNanos = batch.times[row]
            hits[place].name = name.map { String(decoding: $0, as: UTF8.self) } ?? ""
            hits[place].service = services[Int(batch.resourceIndexes[row])]
            if self.names.count < Limits.labelValuesMax { self.names.insert(hits[place].name) }
        }
    }

    private var sorted: [Hit] {
        guard isForSlowest else { return hits }
        return hits.sorted {
            ($1.durationNanos, $1.timeNanos) < ($0.durationNanos, $0.timeNanos)
        }
    }

    /// Those that stand on a page.
    var listed: [Hit] { Array(sorted.prefix(Limits.tracesPerPage)) }

    var points: [TracePoint] {
        sorted.prefix(Limits.tracePointsMax).map { hit in
            TracePoint(
                id: Hex.encode(hit.id), name: hit.name, service: hit.service,
                timeNanos: hit.timeNanos, durationNanos: hit.durationNanos, isError: hit.isError)
        }
    }

    var operations: [String] { names.filter { !$0.isEmpty }.sorted() }
}
