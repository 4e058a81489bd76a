package import PerchModel

/// The answer to a search with its questions.
package struct SearchAnswer: Sendable {
    /// What the answer consists of.
    package enum Content: Sendable {
        /// Rows as they were stored, in order.
        case events(EventBatch)
        case table(ResultTable)
    }

    package var content: Content
    /// Whether there is more than the limit of rows let through.
    package var isCut = false
}

/// Answers searches with their questions over a source of events.
package struct SearchRunner: Sendable {
    let source: any EventSource
    let dataset: Dataset

    package init(source: any EventSource, dataset: Dataset) {
        self.source = source
        self.dataset = dataset
    }

    /// The answer within `times`, of at most `limit` rows.
    package func answer(
        _ query: SearchQuery, times: Range<Int64>, limit: Int
    ) async throws(QueryFailure) -> SearchAnswer {
        let times = query.search.clamped(times)
        var table: ResultTable
        switch query.question {
        case .rows:
            let rows = SearchRowRunner(source: source, dataset: dataset, query: query)
            return try await rows.answer(times, limit)
        case .stats(let stats):
            table =
                try await stats.span == nil
                ? self.table(stats, query, times, nil) : chart(stats, query, times)
        case .patterns: table = try await patterns(query, times)
        }
        apply(query.steps, to: &table)
        var answer = SearchAnswer(content: .table(table), isCut: table.rows.count > limit)
        if answer.isCut {
            table.rows.removeSubrange(limit...)
            answer.content = .table(table)
        }
        return answer
    }

    private func apply(_ steps: [TableStep], to table: inout ResultTable) {
        for step in steps {
            switch step {
            case .limit(let count): table.rows = Array(table.rows.prefix(count))
            case .sort(let keys):
                table.sort(
                    keys.map { key in
                        (table.columns.firstIndex(of: key.field.name) ?? 0, key.isDescending)
                    })
            case .fields(let fields):
                let places = fields.map { table.columns.firstIndex(of: $0.name) ?? 0 }
                table.columns = fields.map(\.name)
                table.rows = table.rows.map { row in places.map { row[$0] } }
            }
        }
    }

    // MARK: Reading

    private func eventQuery(
        _ query: SearchQuery, _ times: Range<Int64>, _ fields: [PipeField]
    ) -> EventQuery {
        var result = EventQuery(dataset: dataset, times: times)
        result.predicate = query.search.predicate
        result.projection = .fields(fields.flatMap(\.references))
        result.limit = query.rowLimit
        result.order = query.rowLimit == nil ? .unordered : .newestFirst
        return result
    }

    /// Collects all rows of a query, with two readers where the store allows it.
    private func collect<Collector: Sendable>(
        _ query: EventQuery, _ empty: Collector,
        _ add: @escaping @Sendable (inout Collector, EventBatch) throws(QueryFailure) -> Void
    ) async throws(QueryFailure) -> [Collector] {
        let cursors = query.limit == nil ? source.read(query, parts: 2) : [source.read(query)]
        let results = await withTaskGroup(of: Result<Collector, QueryFailure>.self) { group in
            for cursor in cursors {
                group.addTask {
                    var cursor = cursor
                    var collector = empty
                    do throws(StoreFailure) {
                        while let batch = try await cursor.next() {
                            do throws(QueryFailure) {
                                try add(&collector, batch)
                            } catch {
                                return .failure(error)
                            }
                        }
                        return .success(collector)
                    } catch {
                        return .failure(.store(error))
                    }
                }
            }
            var results: [Result<Collector, QueryFailure>] = []
            for await result in group {
                if case .failure = result { group.cancelAll() }
                results.append(result)
            }
            return results
        }
        // What failed first is the reason; the others were only stopped.
        for case .failure(let failure) in results { throw failure }
        var collectors: [Collector] = []
        for case .success(let collector) in results { collectors.append(collector) }
        return collectors
    }

    // MARK: Figures

    private func table(
        _ stats: Stats, _ query: SearchQuery, _ times: Range<Int64>, _ buckets: TimeBuckets?
    ) async throws(QueryFailure) -> ResultTable {
        let fields = stats.groups + stats.aggregations.compactMap(\.field)
        let parts = try await collect(
            eventQuery(query, times, fields), StatsCollector(stats, buckets)
        ) { (collector, batch) throws(QueryFailure) in try collector.add(batch) }
        var groups: [StatsCollector.Group: [StatsCollector.Figure]] = [:]
        for part in parts {
            groups.merge(part.collected()) { StatsCollector.merge($0, $1, stats) }
        }
        guard groups.count <= Limits.questionGroupsMax else {
            throw .tooMuch("more than \(Limits.questionGroupsMax) groups; group by fewer fields")
        }
        // A question without groups has one answer, also when there is nothing.
        let none = StatsCollector.Group(bucket: 0, cells: [])
        if stats.groups.isEmpty, buckets == nil, groups.isEmpty {
            groups[none] = stats.aggregations.map { _ in StatsCollector.Figure() }
        }
        // The same over time: a gap is told.
        if stats.groups.isEmpty, let buckets {
            for bucket in 0..<buckets.count {
                let key = StatsCollector.Group(bucket: bucket, cells: [])
                if groups[key] == nil {
                    groups[key] = stats.aggregations.map { _ in StatsCollector.Figure() }
                }
            }
        }
        var table = ResultTable(columns: stats.columns)
        for (group, figures) in groups where !(stats.skipsMissing && group.isMissing) {
            let time = buckets.map {
                ResultCell.time($0.start &+ Int64(group.bucket) &* $0.length)
            }
            let cells = zip(stats.aggregations, figures).map {
                StatsCollector.cell($1, $0.function)
            }
            table.rows.append((time.map { [$0] } ?? []) + group.cells + cells)
        }
        table.sort(Self.order(stats))
        return table
    }

    /// By time; else the largest first figure first; then by the groups.
    private static func order(_ stats: Stats) -> [(column: Int, isDescending: Bool)] {
        let first = stats.span == nil ? 0 : 1
        let groups = stats.groups.indices.map { (first + $0, false) }
        return stats.span == nil ? [(stats.groups.count, true)] + groups : [(0, false)] + groups
    }

    private func chart(
        _ stats: Stats, _ query: SearchQuery, _ times: Range<Int64>
    ) async throws(QueryFailure) -> ResultTable {
        guard let extent = try await extent(query, times) else {
            return ResultTable(columns: stats.columns)
        }
        // A range that has both ends is shown as a whole, else what there is.
        let first = times.lowerBound == .min ? extent.lowerBound : times.lowerBound
        let end = times.upperBound == .max ? extent.upperBound : times.upperBound
        let range = first..<end
        let size: Int64
        if case .nanos(let nanos)? = stats.span { size = nanos } else { size = Self.size(range) }
        let rest = range.lowerBound % size
        let (start, isTooEarly) = range.lowerBound.subtractingReportingOverflow(
            rest < 0 ? rest + size : rest)
        let (length, isTooLong) = range.upperBound.subtractingReportingOverflow(start)
        let count = (length - 1) / size + 1
        guard !isTooEarly, !isTooLong, count <= Limits.bucketsMax else {
            throw .tooMuch("more than \(Limits.bucketsMax) spans; ask for longer ones")
        }
        let buckets = TimeBuckets(start: start, length: size, count: Int(count))
        return try await table(stats, query, range, buckets)
    }

    /// From the first to the last event that the search finds; nil without any.
    private func extent(
        _ query: SearchQuery, _ times: Range<Int64>
    ) async throws(QueryFailure) -> Range<Int64>? {
        if times.isEmpty { return nil }
        if times.lowerBound != .min, times.upperBound != .max { return times }
        var question = eventQuery(query, times, [])
        question.limit = 1
        do throws(StoreFailure) {
            question.order = .newestFirst
            var cursor = source.read(question)
            guard let newest = try await cursor.next()?.times.first else { return nil }
            question.order = .oldestFirst
            cursor = source.read(question)
            guard let oldest = try await cursor.next()?.times.first else { return nil }
            return min(oldest, newest)..<max(oldest, newest) &+ 1
        } catch {
            throw .store(error)
        }
    }

    /// The shortest round length that cuts the range into not too many parts.
    private static func size(_ range: Range<Int64>) -> Int64 {
        let seconds: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
            43_200, 86_400, 604_800,
        ]
        let (length, isTooLong) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        let aim = (isTooLong ? .max : length) / Int64(Limits.bucketsDefault)
        return (seconds.first { $0 * 1_000_000_000 >= aim } ?? 31_536_000) * 1_000_000_000
    }

    // MARK: Patterns

    private func patterns(
        _ query: SearchQuery, _ times: Range<Int64>
    ) async throws(QueryFailure) -> ResultTable {
        let parts = try await collect(
            eventQuery(query, times, [PipeField("message")]), PatternCollector()
        ) { (collector, batch) throws(QueryFailure) in collector.add(batch) }
        var all = PatternCollector()
        for part in parts { all.merge(part) }
        return all.table(query.question.columns ?? [])
    }
}

extension StatsCollector.Group {
    /// Whether the rows have none of the fields that they are grouped by.
    var isMissing: Bool { !cells.isEmpty && cells.allSatisfy { $0 == .none } }
}
