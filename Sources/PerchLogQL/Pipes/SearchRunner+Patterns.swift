package import PerchModel

/// Forms of messages with how many had each when, and what they were counted from.
package struct PatternTable: Sendable {
    /// The most frequent first.
    package var patterns: [DetectedPattern]
    /// Rows that were looked at, each as often as it stands for.
    package var rowCount: Int64
    /// Whether only the newest rows were looked at.
    package var isPartial: Bool
}

extension SearchRunner {
    /// The forms of the messages that satisfy `predicate`, level by level, in steps of time; of
    /// the newest `rowsMax` rows at most.
    package func patterns(
        _ predicate: EventPredicate, times: Range<Int64>, stepNanos: Int64, rowsMax: Int
    ) async throws(StoreFailure) -> PatternTable {
        let message = PipeField("message")
        let level = PipeField("level")
        var query = EventQuery(dataset: dataset, times: times)
        query.predicate = predicate
        query.projection = .fields(message.references + level.references)
        query.limit = rowsMax
        var collector = LinePatternCollector(stepNanos: stepNanos)
        var rowCount = 0
        var weight: Int64 = 0
        var cursor = source.read(query)
        while let batch = try await cursor.next() {
            rowCount += batch.rowCount
            weight &+= batch.totalWeight
            for row in 0..<batch.rowCount {
                guard let line = Self.message(batch, message.references, row) else { continue }
                collector.add(
                    line, level: level.cell(batch, row).shown, nanos: batch.times[row],
                    weight: batch.weight(ofRow: row))
            }
        }
        return PatternTable(
            patterns: collector.patterns(), rowCount: weight, isPartial: rowCount >= rowsMax)
    }

    private static func message(
        _ batch: EventBatch, _ references: [FieldReference], _ row: Int
    ) -> [UInt8]? {
        for column in batch.columns where column.kind == .string || column.kind == .json {
            guard references.contains(FieldReference(column.name, space: column.space)),
                let index = column.index(ofRow: row)
            else { continue }
            return Array(column.bytes[column.byteRange(at: index)])
        }
        return nil
    }
}
