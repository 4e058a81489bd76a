import PerchModel

/// Events in memory, the plain way.
///
/// Chunks are small, so that every query sees many of them.
struct MemoryEvents: EventSource {
    var batches: [EventBatch] = []
    var chunkRows = 7

    func read(_ query: EventQuery) -> any EventCursor {
        var places: [(batch: Int, row: Int, time: Int64)] = []
        for (index, batch) in batches.enumerated() where batch.dataset == query.dataset {
            for row in 0..<batch.rowCount where query.times.contains(batch.times[row]) {
                guard Self.matches(query.predicate, batch, row) else { continue }
                places.append((index, row, batch.times[row]))
            }
        }
        let isNewestFirst = query.order == .newestFirst
        places.sort { isNewestFirst ? $0.time > $1.time : $0.time < $1.time }
        if let limit = query.limit { places = Array(places.prefix(limit)) }
        var chunks: [EventBatch] = []
        for start in stride(from: 0, to: places.count, by: chunkRows) {
            var builder = EventBatchBuilder(dataset: query.dataset)
            for place in places[start..<min(start + chunkRows, places.count)] {
                let batch = batches[place.batch]
                let resource = builder.intern(batch.resource(ofRow: place.row))
                builder.beginRow(timeNanos: place.time, resource: resource)
                for column in batch.columns where Self.wants(query.projection, column) {
                    guard let index = column.index(ofRow: place.row) else { continue }
                    builder.set(column.space, column.name, column.value(at: index))
                }
            }
            chunks.append(builder.batch)
        }
        return Cursor(chunks: chunks[...])
    }

    private struct Cursor: EventCursor {
        var chunks: ArraySlice<EventBatch>
        mutating func next() async throws(StoreFailure) -> EventBatch? { chunks.popFirst() }
    }

    private static func wants(_ projection: EventQuery.Projection, _ column: Column) -> Bool {
        guard case .fields(let fields) = projection else { return true }
        return fields.contains {
            $0.name == column.name && ($0.space == nil || $0.space == column.space)
        }
    }

    private static func matches(_ predicate: EventPredicate, _ batch: EventBatch, _ row: Int)
        -> Bool
    {
        switch predicate {
        case .all: return true
        case .and(let parts): return parts.allSatisfy { matches($0, batch, row) }
        case .or(let parts): return parts.contains { matches($0, batch, row) }
        case .not(let part): return !matches(part, batch, row)
        case .equals(let field, let text): return batch.value(of: field, row: row)?.text == text
        case .contains(let field, let text):
            return batch.value(of: field, row: row)?.text.lowercased().contains(text.lowercased())
                ?? false
        case .containsExactly(let field, let text):
            return batch.value(of: field, row: row)?.text.contains(text) ?? false
        case .matches(let field, let pattern):
            return batch.value(of: field, row: row).map {
                pattern.holds(Array($0.text.utf8).span)
            } ?? false
        case .hasPrefix(let field, let text):
            return batch.value(of: field, row: row)?.text.hasPrefix(text) ?? false
        case .compares(let field, let comparison, let number):
            guard let value = batch.value(of: field, row: row).flatMap({ Double($0.text) }) else {
                return false
            }
            switch comparison {
            case .less: return value < number
            case .lessOrEqual: return value <= number
            case .greater: return value > number
            case .greaterOrEqual: return value >= number
            case .equal: return value == number
            }
        case .exists(let field): return batch.value(of: field, row: row) != nil
        case .anyText(let text):
            return batch.columns.contains { column in
                column.kind == .string
                    && column.index(ofRow: row).map {
                        column.value(at: $0).text.lowercased().contains(text.lowercased())
                    } == true
            }
        }
    }
}

/// Samples in memory.
struct MemorySamples: SampleSource {
    var series: [SeriesChunk] = []
    var families: [MetricMetadata] = []

    func read(_ query: SampleQuery) -> any SampleCursor {
        var found: [SeriesChunk] = []
        for chunk in series where query.matchers.allSatisfy({ Self.holds($0, chunk.labels) }) {
            var part = SeriesChunk(labels: chunk.labels)
            for (time, value) in zip(chunk.times, chunk.values) where query.times.contains(time) {
                part.times.append(time)
                part.values.append(value)
            }
            guard !part.times.isEmpty else { continue }
            if query.labelsOnly { part = SeriesChunk(labels: chunk.labels) }
            found.append(part)
        }
        found.sort { $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes) }
        return Cursor(chunks: found.prefix(query.seriesLimit ?? found.count))
    }

    private static func holds(_ matcher: LabelMatcher, _ labels: Labels) -> Bool {
        matcher.matches(labels) { value in
            (try? Regex(matcher.value).wholeMatch(in: value)) != nil
        }
    }

    func metadata() async throws(StoreFailure) -> [MetricMetadata] { families }

    private struct Cursor: SampleCursor {
        var chunks: ArraySlice<SeriesChunk>
        mutating func next() async throws(StoreFailure) -> SeriesChunk? { chunks.popFirst() }
    }
}

/// The labels of the samples in memory.
extension MemorySamples: LabelSource {
    func labelNames(
        _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String] {
        Set(series.flatMap { $0.labels.pairs.map(\.name) }).sorted()
    }

    func labelValues(
        _ name: String, _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String] {
        Set(series.compactMap { $0.labels[name] }).sorted()
    }

    func cardinality(limit: Int) async -> Cardinality { Fixture.cardinality }
}
