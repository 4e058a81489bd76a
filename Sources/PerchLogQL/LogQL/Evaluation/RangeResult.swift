import PerchModel

/// Makes series of what was counted.
struct RangeResult {
    let plan: RangePlan
    let engine: LogQLEngine

    init(_ plan: RangePlan, _ engine: LogQLEngine) {
        self.plan = plan
        self.engine = engine
    }

    mutating func table(
        _ scan: inout RangeScan, _ aggregation: RangeAggregation
    ) throws(LogQLFailure) -> SeriesTable {
        if plan.function == .absentOverTime { return absent(scan, aggregation) }
        let places = places(scan)
        if plan.keepsValues { return try windows(scan, places) }
        return sums(scan, places)
    }

    /// The series of each group, -1 for groups without rows, and the groups that came first.
    private func places(_ scan: RangeScan) -> (series: [Int], groups: [Int]) {
        var series: [Int] = []
        var groups: [Int] = []
        var known: [Labels: Int] = [:]
        let areDistinct = plan.isByRow || plan.areGroupsDistinct(scan.grouper)
        for group in 0..<scan.groupCount {
            guard hasRows(scan, group) else {
                series.append(-1)
                continue
            }
            guard !areDistinct else {
                series.append(groups.count)
                groups.append(group)
                continue
            }
            let labels = scan.labels(group)
            if let place = known[labels] {
                series.append(place)
            } else {
                known[labels] = groups.count
                series.append(groups.count)
                groups.append(group)
            }
        }
        return (series, groups)
    }

    private func hasRows(_ scan: RangeScan, _ group: Int) -> Bool {
        guard !plan.keepsValues else {
            return group < scan.samples.count && !scan.samples[group].times.isEmpty
        }
        let sums = plan.measure == .bytes ? scan.rows : scan.sums
        let start = group * scan.stride
        guard start + scan.stride <= sums.count else { return false }
        for place in start..<(start + scan.stride) where sums[place] != 0 { return true }
        return false
    }

    private func sums(
        _ scan: RangeScan, _ places: (series: [Int], groups: [Int])
    ) -> SeriesTable {
        let count = plan.window.count
        let stride = scan.stride
        var values = [Double](repeating: 0, count: places.groups.count * count)
        var rows = plan.measure == .bytes ? values : []
        for (group, series) in places.series.enumerated() where series >= 0 {
            var sum = 0.0
            var sumOfRows = 0.0
            for step in 0..<count {
                let place = group * stride + step
                // What counts for several steps was noted where it begins and ends.
                sum = plan.window.isTumbling ? scan.sums[place] : sum + scan.sums[place]
                values[series * count + step] += sum
                guard plan.measure == .bytes else { continue }
                sumOfRows = plan.window.isTumbling ? scan.rows[place] : sumOfRows + scan.rows[place]
                rows[series * count + step] += sumOfRows
            }
        }
        let isRate = plan.function == .rate || plan.function == .bytesRate
        let seconds = plan.window.rangeSeconds
        for place in values.indices {
            let isPresent = plan.measure == .bytes ? rows[place] > 0 : values[place] > 0
            if !isPresent {
                values[place] = SeriesTable.absent
            } else if isRate {
                values[place] /= seconds
            }
        }
        let groups = places.groups
        let scan = scan
        return SeriesTable(stepCount: count, values: values) { scan.labels(groups[$0]) }
    }

    private func windows(
        _ scan: RangeScan, _ places: (series: [Int], groups: [Int])
    ) throws(LogQLFailure) -> SeriesTable {
        var samples = [WindowSamples](repeating: WindowSamples(), count: places.groups.count)
        for (group, series) in places.series.enumerated() where series >= 0 {
            if places.groups[series] == group {
                samples[series] = scan.samples[group]
            } else {
                samples[series].append(scan.samples[group])
            }
        }
        var values: [Double] = []
        for index in samples.indices {
            values += try samples[index].evaluate(plan) { () throws(LogQLFailure) in
                try engine.check()
            }
        }
        let groups = places.groups
        let scan = scan
        return SeriesTable(stepCount: plan.window.count, values: values) { scan.labels(groups[$0]) }
    }

    /// One series with the labels that the selector names, at the steps without rows.
    private func absent(_ scan: RangeScan, _ aggregation: RangeAggregation) -> SeriesTable {
        let count = plan.window.count
        var present = [Bool](repeating: false, count: count)
        for group in 0..<scan.groupCount {
            var sum = 0.0
            for step in 0..<count {
                let place = group * scan.stride + step
                guard place < scan.sums.count else { continue }
                sum = plan.window.isTumbling ? scan.sums[place] : sum + scan.sums[place]
                if sum != 0 { present[step] = true }
            }
        }
        var named: [String: [String]] = [:]
        for matcher in aggregation.selector.matchers {
            named[matcher.name, default: []].append(
                matcher.operation == .equal ? matcher.value : "")
        }
        let pairs = named.compactMap { name, values in
            values.count == 1 && !values[0].isEmpty ? (name: name, value: values[0]) : nil
        }
        var table = SeriesTable(stepCount: count)
        table.append(Labels(pairs), present.map { $0 ? SeriesTable.absent : 1 })
        return table
    }
}
