import PerchModel

/// Answers a search with its rows, perhaps sorted, perhaps some fields of them.
struct SearchRowRunner {
    let source: any EventSource
    let dataset: Dataset
    let query: SearchQuery

    func answer(
        _ times: Range<Int64>, _ limit: Int
    ) async throws(QueryFailure) -> SearchAnswer {
        // One more than asked for tells whether there are more.
        let (wanted, _) = limit.addingReportingOverflow(1)
        let first = firstSort
        var question = EventQuery(dataset: dataset, times: times)
        question.predicate = query.search.predicate
        question.projection = projection
        if first.keys.isEmpty {
            question.limit = min(first.newest ?? .max, wanted)
        } else {
            question.limit = first.newest
            question.order = first.newest == nil ? .unordered : .newestFirst
        }
        var rows = TopRows(dataset, first.keys, countMax: first.kept ?? wanted)
        do throws(StoreFailure) {
            var cursor = source.read(question)
            while let batch = try await cursor.next(), !rows.isFull { rows.add(batch) }
        } catch {
            throw .store(error)
        }
        var (batch, order) = rows.finish()
        var isCut = rows.isFull
        apply(batch, &order)
        if order.count > limit {
            isCut = true
            order.removeSubrange(limit...)
        }
        batch = batch.selecting(rows: order)
        return SearchAnswer(content: content(batch), isCut: isCut)
    }

    /// How many of the newest rows are sorted, by what, and how many of these are kept: the steps up
    /// to the first that cuts sorted rows.
    private var firstSort: (newest: Int?, keys: [SortKey], kept: Int?) {
        var newest: Int?
        var keys: [SortKey] = []
        for step in query.steps {
            switch step {
            // The later sort decides, the earlier one where it does not.
            case .sort(let more): keys = more + keys
            case .limit(let count) where keys.isEmpty: newest = min(newest ?? .max, count)
            case .limit(let count): return (newest, keys, count)
            case .fields: break
            }
        }
        return (newest, keys, nil)
    }

    /// All steps once more over the few rows that are left.
    private func apply(_ batch: EventBatch, _ order: inout [UInt32]) {
        for step in query.steps {
            switch step {
            case .fields: break
            case .limit(let count): order = Array(order.prefix(count))
            case .sort(let keys): order = TopRows.sorted(order, batch, keys)
            }
        }
    }

    private var fields: [PipeField]? {
        for case .fields(let fields) in query.steps.reversed() { return fields }
        return nil
    }

    private var projection: EventQuery.Projection {
        guard let fields else { return .all }
        var references = fields.flatMap(\.references)
        for case .sort(let keys) in query.steps { references += keys.flatMap(\.field.references) }
        return .fields(references)
    }

    private func content(_ batch: EventBatch) -> SearchAnswer.Content {
        guard let fields else { return .events(batch) }
        var table = ResultTable(columns: fields.map(\.name))
        table.rows = (0..<batch.rowCount).map { row in fields.map { $0.cell(batch, row) } }
        return .table(table)
    }
}

/// The first rows by some fields, out of many; without fields, the first that come.
struct TopRows {
    private let keys: [SortKey]
    private let countMax: Int
    private var batch: EventBatch
    private var index = EventBatchIndex()
    /// Whether no more is looked at.
    private(set) var isFull = false

    init(_ dataset: Dataset, _ keys: [SortKey], countMax: Int) {
        self.keys = keys
        self.countMax = countMax
        batch = EventBatch(dataset: dataset)
    }

    mutating func add(_ more: EventBatch) {
        batch.append(contentsOf: more, &index)
        guard !keys.isEmpty else {
            isFull = batch.byteCount > Limits.answerRowsByteCountMax
            return
        }
        if batch.rowCount > 4 * countMax + 4_096 || batch.byteCount > Limits.answerRowsByteCountMax
        {
            let order = Self.sorted(Array(0..<UInt32(batch.rowCount)), batch, keys)
            batch = batch.selecting(rows: Array(order.prefix(countMax)))
            index = EventBatchIndex()
            isFull = batch.byteCount > Limits.answerRowsByteCountMax
        }
    }

    /// All rows that were kept, and their order.
    func finish() -> (EventBatch, [UInt32]) {
        let all = Array(0..<UInt32(batch.rowCount))
        return (batch, keys.isEmpty ? all : Self.sorted(all, batch, keys))
    }

    /// Rows in the order of some fields; the newest first where these do not tell.
    static func sorted(
        _ rows: [UInt32], _ batch: EventBatch, _ keys: [SortKey]
    ) -> [UInt32] {
        let cells = rows.map { row in keys.map { $0.field.cell(batch, Int(row)) } }
        let directions = keys.indices.map { ($0, keys[$0].isDescending) }
        return rows.indices.sorted { left, right in
            if let isBefore = ResultTable.isBefore(cells[left], cells[right], directions) {
                return isBefore
            }
            let (first, second) = (batch.times[Int(rows[left])], batch.times[Int(rows[right])])
            return first == second ? left < right : first > second
        }.map { rows[$0] }
    }
}
