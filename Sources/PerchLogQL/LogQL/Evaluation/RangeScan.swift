import PerchModel

/// Counts or keeps the rows of one cursor, by group and step.
struct RangeScan: Sendable {
    let plan: RangePlan
    private(set) var grouper: EventGrouper
    /// Groups of rows that are looked at one by one: their labels' bytes.
    private(set) var rowKeys = TextTable()
    /// Sums by group and step.
    ///
    /// Where a row counts for several steps, what is added from a step on and
    /// taken away behind another.
    private(set) var sums: [Double] = []
    /// The same for the number of rows, where sums are something else.
    private(set) var rows: [Double] = []
    private(set) var samples: [WindowSamples] = []
    private(set) var stats = LogQLStats()
    private var runner: RowRunner?
    /// Numbers of the labels that rows are grouped by.
    private var labelNumbers: [UInt32] = []
    private var unwrapNumber: UInt32 = 0
    private var unwrapConditions: [RowCondition] = []
    /// The same by the values of the labels that were asked for, and the group of each.
    private var rowValues = TextTable()
    private var rowGroups: [UInt32] = []
    private var rowKey: [UInt8] = []

    init(_ plan: RangePlan) {
        self.plan = plan
        grouper = EventGrouper(plan.keys)
        guard plan.isByRow else { return }
        let unwrapped = plan.unwrap.map { [$0.label] } ?? []
        let runner = RowRunner(
            plan.lines,
            naming: (plan.labels ?? plan.named) + unwrapped
                + plan.unwrapFilters.flatMap(\.labels))
        labelNumbers = (plan.labels ?? plan.named).map { runner.number($0) }
        unwrapNumber = plan.unwrap.map { runner.number($0.label) } ?? 0
        unwrapConditions = plan.unwrapFilters.map { runner.condition($0) }
        self.runner = runner
    }

    /// Places of one group in `sums`.
    var stride: Int { plan.window.isTumbling ? plan.window.count : plan.window.count + 1 }

    var groupCount: Int { plan.isByRow ? rowKeys.count : grouper.groupCount }

    mutating func add(_ batch: EventBatch) throws(LogQLFailure) {
        stats.lines += Int(clamping: batch.totalWeight)
        guard plan.isByRow else {
            try addColumns(batch)
            return
        }
        try addRows(batch)
    }

    private static func tooMany(_ count: Int) -> LogQLFailure {
        .limit("maximum of series (\(count)) reached for a single query")
    }

    private mutating func makeRoom() throws(LogQLFailure) {
        guard !plan.keepsValues else {
            while samples.count < groupCount { samples.append(WindowSamples()) }
            return
        }
        let needed = groupCount * stride
        guard needed <= Limits.cellsMax else { throw Self.tooMany(groupCount) }
        if sums.count < needed {
            sums.append(contentsOf: repeatElement(0, count: needed - sums.count))
        }
        if plan.measure == .bytes, rows.count < needed {
            rows.append(contentsOf: repeatElement(0, count: needed - rows.count))
        }
    }

    // MARK: Columns

    private mutating func addColumns(_ batch: EventBatch) throws(LogQLFailure) {
        let groups: [UInt32]
        do {
            groups = try grouper.groups(of: batch)
        } catch {
            throw Self.tooMany(error.groupCountMax)
        }
        try makeRoom()
        let weights = batch.weights
        if plan.keepsValues {
            try keepValues(batch, groups, weights)
            return
        }
        var present: [Bool]?
        if plan.measure == .value {
            present = try UnwrappedValues(batch, plan).states.map { $0 != .missing }
        }
        if plan.measure == .rows, present == nil, addCounts(batch, groups, weights) { return }
        let sizes = plan.measure == .bytes ? Self.sizes(batch) : nil
        for row in groups.indices where present?[row] ?? true {
            let weight = Double(weights?[row] ?? 1)
            add(
                Int(groups[row]), time: batch.times[row],
                Double(sizes?[row] ?? 1) * weight, rows: weight)
        }
    }

    /// The common case: each row counts 1 or its weight, for one step.
    ///
    /// False when it is another one.
    private mutating func addCounts(
        _ batch: EventBatch, _ groups: [UInt32], _ weights: [Int64]?
    ) -> Bool {
        let window = plan.window
        guard window.isTumbling else { return false }
        if window.count == 1 {
            if let weights {
                for row in groups.indices { sums[Int(groups[row])] += Double(weights[row]) }
                return true
            }
            // Runs of one group are added at once.
            var row = 0
            while row < groups.count {
                let group = groups[row]
                var end = row + 1
                while end < groups.count, groups[end] == group { end += 1 }
                sums[Int(group)] += Double(end - row)
                row = end
            }
            return true
        }
        let buckets = TimeBuckets(
            start: window.times.lowerBound, length: window.step, count: window.count)
        let indexes = buckets.indexes(of: batch.times)
        for row in groups.indices where indexes[row] >= 0 {
            let place = Int(groups[row]) &* window.count &+ Int(indexes[row])
            sums[place] += Double(weights?[row] ?? 1)
        }
        return true
    }

    private mutating func add(_ group: Int, time: Int64, _ value: Double, rows count: Double) {
        let steps = plan.window.steps(time)
        guard !steps.isEmpty else { return }
        let first = group * stride + steps.lowerBound
        let behind = group * stride + steps.upperBound
        sums[first] += value
        if !plan.window.isTumbling { sums[behind] -= value }
        guard plan.measure == .bytes else { return }
        rows[first] += count
        if !plan.window.isTumbling { rows[behind] -= count }
    }

    /// The bytes of each row's line.
    private static func sizes(_ batch: EventBatch) -> [Int] {
        var sizes = [Int](repeating: 0, count: batch.rowCount)
        for column in batch.columns
        where column.space == .record && column.name == RecordField.body {
            for index in column.rows.indices {
                let isText = column.kind == .string || column.kind == .json
                sizes[Int(column.rows[index])] =
                    isText
                    ? column.byteRange(at: index).count : column.value(at: index).text.utf8.count
            }
        }
        return sizes
    }

    private mutating func keepValues(
        _ batch: EventBatch, _ groups: [UInt32], _ weights: [Int64]?
    ) throws(LogQLFailure) {
        let unwrapped = try UnwrappedValues(batch, plan)
        for row in groups.indices where unwrapped.states[row] != .missing {
            // Between two windows nothing counts, mistakes neither.
            if plan.window.hasGaps, plan.window.steps(batch.times[row]).isEmpty { continue }
            guard unwrapped.states[row] == .read else {
                throw Self.unreadable(plan.labels(grouper, Int(groups[row])))
            }
            samples[Int(groups[row])].append(
                batch.times[row], unwrapped.values[row], weight: weights?[row] ?? 1)
        }
        try checkSamples(groups.count)
    }

    private mutating func checkSamples(_ added: Int) throws(LogQLFailure) {
        stats.entries += added
        guard stats.entries <= Limits.cellsMax else {
            throw .limit("the query would hold more than \(Limits.cellsMax) values")
        }
    }

    static func unreadable(_ labels: Labels) -> LogQLFailure {
        failed("SampleExtractionErr", labels)
    }

    /// Loki's words for a row with an error in a question for numbers.
    static func failed(_ kind: String, _ labels: Labels) -> LogQLFailure {
        let series =
            "{"
            + labels.pairs.map { "\($0.name)=\(LogQLText.quote($0.value))" }
            .joined(separator: ", ") + "}"
        return .badRequest(
            "pipeline error: '\(kind)' for series: '\(series)'.\nUse a label filter to intentionally "
                + "skip this error. (e.g | __error__!=\"\(kind)\").\nTo skip all potential errors you "
                + "can match empty errors.(e.g __error__=\"\")\nThe label filter can also be specified "
                + "after unwrap. (e.g | unwrap latency | __error__=\"\" )\n")
    }

    // MARK: Rows

    private mutating func addRows(_ batch: EventBatch) throws(LogQLFailure) {
        guard var runner else { return }
        // Nobody else holds it while it changes.
        self.runner = nil
        runner.begin(batch)
        let weights = batch.weights
        for row in 0..<batch.rowCount {
            if plan.window.hasGaps, plan.window.steps(batch.times[row]).isEmpty { continue }
            guard runner.run(row) else { continue }
            var value: Double?
            if let unwrap = plan.unwrap {
                let range = runner.load(unwrapNumber)
                guard !range.isEmpty else { continue }
                value = UnwrappedValues.number(
                    runner.labels.bytes.span.extracting(range), unwrap.conversion)
                if value == nil {
                    let text = runner.labels.text(range)
                    runner.setError("SampleExtractionErr", "not a number: \(text)")
                    value = 0
                }
                var isLeft = true
                for condition in unwrapConditions where isLeft { isLeft = runner.holds(condition) }
                guard isLeft else { continue }
            }
            let error = runner.error()
            guard error.isEmpty else { throw Self.failed(error, runner.groupLabels(plan)) }
            let group = rowGroup(&runner)
            guard rowKeys.count <= Limits.groupCountMax else { throw Self.tooMany(rowKeys.count) }
            try makeRoom()
            let weight = weights?[row] ?? 1
            if plan.keepsValues, let value {
                samples[group].append(batch.times[row], value, weight: weight)
                try checkSamples(1)
            } else {
                let size = plan.measure == .bytes ? Double(runner.line.count) : 1
                add(group, time: batch.times[row], size * Double(weight), rows: Double(weight))
            }
        }
        self.runner = runner
    }

    /// The group of a row, by its labels.
    private mutating func rowGroup(_ runner: inout RowRunner) -> Int {
        guard runner.kept == nil else {
            return Int(rowKeys.intern(runner.groupLabels(plan).bytes.span))
        }
        // Out of self for as long as the table changes.
        var key: [UInt8] = []
        swap(&key, &rowKey)
        key.removeAll(keepingCapacity: true)
        if plan.labels == nil { runner.appendStream(to: &key) }
        for number in labelNumbers { runner.appendValue(number, to: &key) }
        let number = Int(rowValues.intern(key.span))
        swap(&key, &rowKey)
        if number == rowGroups.count {
            rowGroups.append(rowKeys.intern(runner.groupLabels(plan).bytes.span))
        }
        return Int(rowGroups[number])
    }

    // MARK: Joining

    /// Takes over what another part counted.
    mutating func merge(_ other: RangeScan) throws(LogQLFailure) {
        stats.lines += other.stats.lines
        stats.entries += other.stats.entries
        let groups: [UInt32]
        if plan.isByRow {
            groups = (0..<UInt32(other.rowKeys.count)).map {
                rowKeys.intern(other.rowKeys.storage.span.extracting(other.rowKeys.range(of: $0)))
            }
        } else {
            do {
                groups = try grouper.merge(other.grouper)
            } catch {
                throw Self.tooMany(error.groupCountMax)
            }
        }
        try makeRoom()
        for (group, here) in groups.enumerated() {
            if group < other.samples.count { samples[Int(here)].append(other.samples[group]) }
            for place in 0..<stride {
                let from = group * stride + place
                let to = Int(here) * stride + place
                if from < other.sums.count { sums[to] += other.sums[from] }
                if from < other.rows.count { rows[to] += other.rows[from] }
            }
        }
    }

    /// The labels of a group.
    func labels(_ group: Int) -> Labels {
        guard plan.isByRow else { return plan.labels(grouper, group) }
        return Labels(canonical: Array(rowKeys.storage[rowKeys.range(of: UInt32(group))]))
    }
}
