import PerchModel

/// The spans of one trace, as rows of the chunks that a store gave.
///
/// Chunks are shared by the traces of one answer, so that nothing is copied.
struct Trace: Sendable {
    /// One span.
    struct Place: Sendable {
        var chunk: Int
        var row: Int
    }

    let id: TraceID
    let chunks: [SpanChunk]
    /// By start time.
    fileprivate(set) var places: [Place] = []
    /// Whether the trace has more spans than an answer holds.
    fileprivate(set) var isCut = false

    /// Divides spans, which come by start time, among the traces asked for.
    ///
    /// At most `spansMax` spans are kept; a trace that loses some is marked.
    static func divide(
        _ batches: [EventBatch], among ids: [TraceID], spansMax: Int
    ) -> [Trace] {
        let chunks = batches.map(SpanChunk.init)
        var traces = ids.map { Trace(id: $0, chunks: chunks) }
        let indexes = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        var count = 0
        for (number, chunk) in chunks.enumerated() {
            for row in 0..<chunk.batch.rowCount {
                guard let id = chunk.traceID(ofRow: row), let index = indexes[id] else { continue }
                if count < spansMax {
                    traces[index].places.append(Place(chunk: number, row: row))
                    count += 1
                } else {
                    traces[index].isCut = true
                }
            }
        }
        return traces.filter { !$0.places.isEmpty }
    }

    func chunk(of place: Place) -> SpanChunk { chunks[place.chunk] }
}
