package import PerchLogQL
package import PerchModel

/// Which logs a page shows.
package struct LogFilter: Sendable, Hashable {
    package var predicate: EventPredicate = .all
    /// Beside the page's own range; all of time when the search names none.
    package var times: Range<Int64> = .min ..< .max
    package var service: String?
    /// This level and above; nil for all, with records that have no level.
    package var minimum: LogLevel?

    package init() {}

    var combined: EventPredicate {
        var parts = [predicate]
        if let service { parts.append(ofService(service)) }
        if let minimum, let levels = try? SearchParser.parse("level>=\(minimum.name)") {
            parts.append(levels)
        }
        return both(parts)
    }
}

/// A name and a value of a row, as text.
package struct FieldText: Sendable, Hashable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// One log record of a page.
package struct LogRow: Sendable, Hashable {
    package var timeNanos: Int64
    package var level: LogLevel?
    /// The logger's own word, when it had one.
    package var levelText: String?
    package var service: String
    package var body: String
    package var traceID: String?
    package var spanID: String?
    package var attributes: [FieldText] = []
    package var resource: [FieldText] = []

    package init(timeNanos: Int64, service: String, body: String) {
        self.timeNanos = timeNanos
        self.service = service
        self.body = body
    }
}

/// Rows of a page, newest first, and where the next page begins.
package struct LogPage: Sendable, Hashable {
    package var rows: [LogRow] = []
    package var older: LogPosition?
    /// The fields of these rows and of some more.
    package var fields = LogFields()

    package init() {}
}

/// Where a page of logs begins: at `time`, after `skip` rows of that very time.
package struct LogPosition: Sendable, Hashable {
    package var time: Int64
    package var skip: Int

    package init(time: Int64, skip: Int) {
        self.time = time
        self.skip = skip
    }
}

/// Counts of records by level over time.
package struct LogHistogram: Sendable, Hashable {
    package var steps: Steps
    package var counts: [LevelCounts]
    package var total: LevelCounts
    /// Whether there were too many to count them all.
    package var isPartial = false
}

extension PageQueries {
    /// Counts by level over at most `stepsMax` steps.
    package func histogram(
        _ filter: LogFilter, _ range: TimeRange, stepsMax: Int = 64
    ) async throws(StoreFailure) -> LogHistogram {
        let steps = range.steps(stepsMax)
        var histogram = LogHistogram(
            steps: steps, counts: [LevelCounts](repeating: LevelCounts(), count: steps.count),
            total: LevelCounts())
        var query = EventQuery(dataset: .logs, times: filter.times.clamped(to: range.nanos))
        query.predicate = filter.combined
        query.projection = .fields(LevelScan.fields)
        // Nobody looks at the rows, so the store may count those that are alike by itself.
        query.order = .unordered
        query.joining = EventQuery.Joining(
            stretches: .init(start: steps.start, length: steps.size), keepsResources: false,
            implied: .levelText)
        var cursor = events.read(query)
        var rowCount = 0
        while rowCount < Limits.countedRecordsMax, let batch = try await cursor.next() {
            var levels = LevelScan(batch)
            let weights = batch.weights
            rowCount += batch.rowCount
            for row in 0..<batch.rowCount {
                let level = levels.level(row)
                let weight = Int(clamping: weights?[row] ?? 1)
                histogram.total[level] += weight
                if let step = steps.index(of: batch.times[row]) {
                    histogram.counts[step][level] += weight
                }
            }
        }
        histogram.isPartial = rowCount >= Limits.countedRecordsMax
        return histogram
    }

    /// One page of rows, from `position` on towards older ones.
    package func logs(
        _ filter: LogFilter, _ range: TimeRange, from position: LogPosition? = nil,
        count: Int = Limits.logRowsPerPage
    ) async throws(StoreFailure) -> LogPage {
        var times = filter.times.clamped(to: range.nanos)
        let skip = max(0, min(position?.skip ?? 0, Limits.logRowsPerPageMax * 20))
        if let position, position.time >= times.lowerBound, position.time < times.upperBound {
            times = times.lowerBound..<position.time + 1
        }
        var query = EventQuery(dataset: .logs, times: times)
        query.predicate = filter.combined
        // One more than shown tells whether there are older ones.
        let needed = skip + count + 1
        query.limit = max(needed, Limits.fieldRowsMax)
        var rows: [LogRow] = []
        var fields = LogFieldCounter()
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            // Rows that are only counted need not become text.
            if rows.count < needed { rows.append(contentsOf: Self.rows(batch)) }
            fields.add(batch)
        }
        var page = LogPage()
        page.fields = fields.fields
        let shown = rows.dropFirst(skip).prefix(count)
        page.rows = Array(shown)
        if rows.count > skip + count, let last = shown.last {
            let ties = rows.prefix(skip + count).reversed()
                .prefix { $0.timeNanos == last.timeNanos }.count
            page.older = LogPosition(time: last.timeNanos, skip: ties)
        }
        return page
    }

    /// The logs of a trace, oldest first.
    package func logs(ofTrace id: String) async throws(StoreFailure) -> [LogRow] {
        var query = EventQuery(dataset: .logs, times: 0..<Int64.max)
        query.predicate = .equals(FieldReference(RecordField.traceID), id)
        query.order = .oldestFirst
        query.limit = Limits.traceLogsMax
        var rows: [LogRow] = []
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            rows.append(contentsOf: Self.rows(batch))
        }
        return rows
    }

    /// The rows of a chunk, for showing.
    package static func rows(_ batch: EventBatch) -> [LogRow] {
        var levels = LevelScan(batch)
        return (0..<batch.rowCount).map { index in
            let resource = batch.resource(ofRow: index)
            var row = LogRow(
                timeNanos: batch.times[index], service: resource.service, body: "")
            row.level = levels.level(index)
            row.resource = resource.attributes.map {
                FieldText(name: $0.key, text: $0.value.text)
            }
            for column in batch.columns {
                guard let place = column.index(ofRow: index) else { continue }
                let text = column.value(at: place).text
                guard column.space == .record else {
                    row.attributes.append(FieldText(name: column.name, text: text))
                    continue
                }
                switch column.name {
                case RecordField.body: row.body = text
                case RecordField.severityText: row.levelText = text
                case RecordField.traceID: row.traceID = text
                case RecordField.spanID: row.spanID = text
                // Shown as the level, or of no use to a reader.
                case RecordField.severityNumber, RecordField.flags: break
                default: row.attributes.append(FieldText(name: column.name, text: text))
                }
            }
            row.attributes.sort { $0.name < $1.name }
            // A free-form id that is no W3C id comes as an attribute.
            if row.traceID == nil {
                row.traceID = row.attributes.first { $0.name == RecordField.traceID }?.text
            }
            return row
        }
    }
}
