import PerchLogQL
import PerchModel

/// A field that rows have, with its most frequent values.
package struct LogField: Sendable, Hashable {
    /// A value with how many rows have it.
    package struct Value: Sendable, Hashable {
        package var text: String
        package var count: Int
    }

    /// As the search language names it.
    package var name: String
    /// Rows that have it.
    package var count: Int
    /// The most frequent first.
    package var values: [Value]
    /// Whether there are more values than these.
    package var hasMore: Bool
    /// Whether nearly every row has another value, so that none of them narrows anything.
    package var isUnique: Bool
}

/// The fields of some rows.
package struct LogFields: Sendable, Hashable {
    /// Level and service, then those that most rows have.
    package var fields: [LogField] = []
    /// Rows that were looked at, each as often as it stands for.
    package var rowCount = 0
    /// Whether there are more fields than these.
    package var hasMore = false

    package init() {}
}

/// Counts the values of each field over batches of rows.
struct LogFieldCounter {
    private struct Counter {
        var count = 0
        var values: [String: Int] = [:]
        var isFull = false

        mutating func add(_ text: String, _ weight: Int) {
            count += weight
            guard !isFull || values[text] != nil else { return }
            values[text, default: 0] += weight
            if values.count >= Limits.fieldValuesCountedMax { isFull = true }
        }
    }

    private var counters: [String: Counter] = [:]
    private(set) var rowCount = 0

    /// Records' own fields that are shown elsewhere or narrow nothing.
    private static let hidden: Set<String> = [
        RecordField.body, RecordField.severityNumber, RecordField.severityText,
        RecordField.traceID, RecordField.spanID, RecordField.flags, RecordField.observedTime,
        RecordField.weight, RecordField.overflow, RecordField.droppedAttributes,
    ]

    mutating func add(_ batch: EventBatch) {
        let weights = batch.weights?.map { Int(clamping: $0) }
        rowCount += Int(clamping: batch.totalWeight)
        addLevels(batch, weights)
        addResources(batch, weights)
        for column in batch.columns {
            if column.space == .record, Self.hidden.contains(column.name) { continue }
            add(column, weights)
        }
    }

    private mutating func addLevels(_ batch: EventBatch, _ weights: [Int]?) {
        var levels = LevelScan(batch)
        var counts = LevelCounts()
        for row in 0..<batch.rowCount { counts[levels.level(row)] += weights?[row] ?? 1 }
        for level in LogLevel.allCases where counts[level] > 0 {
            counters["level", default: Counter()].add(level.name, counts[level])
        }
    }

    private mutating func addResources(_ batch: EventBatch, _ weights: [Int]?) {
        var counts = [Int](repeating: 0, count: batch.resources.count)
        for row in batch.resourceIndexes.indices {
            counts[Int(batch.resourceIndexes[row])] += weights?[row] ?? 1
        }
        for (resource, count) in zip(batch.resources, counts) where count > 0 {
            counters["service", default: Counter()].add(resource.service, count)
            for attribute in resource.attributes where attribute.key != "service.name" {
                note(attribute.key, attribute.value.text, count)
            }
        }
    }

    private mutating func add(_ column: Column, _ weights: [Int]?) {
        guard column.isDictionary else {
            for index in column.rows.indices {
                note(
                    column.name, column.value(at: index).text,
                    weights?[Int(column.rows[index])] ?? 1)
            }
            return
        }
        var counts = [Int](repeating: 0, count: column.entryCount)
        for index in column.rows.indices {
            counts[Int(column.codes[index])] += weights?[Int(column.rows[index])] ?? 1
        }
        for (entry, count) in counts.enumerated() where count > 0 {
            note(column.name, column.entry(entry).text, count)
        }
    }

    private mutating func note(_ name: String, _ text: String, _ count: Int) {
        guard counters[name] != nil || counters.count < Limits.fieldsCountedMax else { return }
        // A long text narrows nothing and would fill the page.
        let isLong = text.utf8.count > Limits.fieldValueBytesMax
        if isLong {
            counters[name, default: Counter()].count += count
            counters[name, default: Counter()].isFull = true
        } else {
            counters[name, default: Counter()].add(text, count)
        }
    }

    /// What was counted.
    var fields: LogFields {
        var result = LogFields()
        result.rowCount = rowCount
        let first = ["level", "service"].filter { counters[$0] != nil }
        let rest = counters.keys.filter { !first.contains($0) }.sorted {
            let (left, right) = (counters[$0]?.count ?? 0, counters[$1]?.count ?? 0)
            return (right, $0) < (left, $1)
        }
        result.hasMore = rest.count > Limits.fieldsShownMax
        for name in first + rest.prefix(Limits.fieldsShownMax) {
            guard let counter = counters[name] else { continue }
            result.fields.append(Self.field(name, counter))
        }
        return result
    }

    private static func field(_ name: String, _ counter: Counter) -> LogField {
        let sorted = counter.values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = name == "level" ? sorted.count : Limits.fieldValuesShownMax
        let isUnique =
            counter.count > 20
            && (counter.isFull || Double(sorted.count) > 0.9 * Double(counter.count))
            && (sorted.first?.value ?? 0) * 20 < counter.count
        return LogField(
            name: name, count: counter.count,
            values: isUnique
                ? [] : sorted.prefix(shown).map { LogField.Value(text: $0.key, count: $0.value) },
            hasMore: counter.isFull || sorted.count > shown, isUnique: isUnique)
    }
}
