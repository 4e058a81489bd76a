import PerchModel

/// An operation between the series of two vectors.
struct VectorMatcher {
    let node: BinaryExpression
    let matching: VectorMatching
    let stepCount: Int
    private var operation: SampleOperation
    private var merger = SeriesMerger()
    /// The labels of `on` or `ignoring`.
    private let matched: [[UInt8]]
    /// The labels that are taken over from the side of the "one".
    private let included: [[UInt8]]
    /// The labels that a signature keeps or leaves out.
    private let names: [[UInt8]]

    init(
        node: BinaryExpression, matching: VectorMatching, place: SourceRange, stepCount: Int
    ) {
        self.node = node
        self.matching = matching
        self.stepCount = stepCount
        operation = SampleOperation(operation: node.operation, place: place)
        matched = matching.labels.map { Array($0.utf8) }
        included = matching.included.map { Array($0.utf8) }
        names = matching.isOn ? matched : matched + [Labels.nameBytes]
    }

    var annotations: Annotations { operation.annotations }
    var results: [StepSeries] { merger.series }

    /// The labels by which a series is matched.
    private func signature(_ labels: Labels) -> Labels {
        labels.filtered(names, keeps: matching.isOn)
    }

    /// The series of both sides that match each other.
    private struct Group {
        var left: [Int] = []
        var right: [Int] = []
    }

    mutating func match(
        _ left: [StepSeries], _ right: [StepSeries],
        checkTime: () throws(QueryFailure) -> Void
    ) throws(QueryFailure) {
        var groups: [Group] = []
        var places: [Labels: Int] = [:]
        func place(_ series: StepSeries) -> Int {
            let signature = signature(series.labels)
            if let place = places[signature] { return place }
            places[signature] = groups.count
            groups.append(Group())
            return groups.count - 1
        }
        var leftGroups: [Int] = []
        for index in left.indices {
            let group = place(left[index])
            groups[group].left.append(index)
            leftGroups.append(group)
        }
        var rightGroups: [Int] = []
        for index in right.indices {
            let group = place(right[index])
            groups[group].right.append(index)
            rightGroups.append(group)
        }
        if node.operation.isSet {
            try matchSets(left, right, groups, leftGroups, rightGroups, checkTime)
            return
        }
        let hasFill = matching.fillLeft != nil || matching.fillRight != nil
        // Where one side is empty, nothing is compared, and so nothing is in conflict.
        var isActive: [Bool]?
        for group in groups {
            try checkTime()
            if !hasFill {
                // Duplicates on the side of the "one" are refused even where nothing matches them.
                let ones = matching.cardinality == .oneToMany ? group.left : group.right
                if group.left.isEmpty || group.right.isEmpty, ones.count < 2 { continue }
                // Fast path: two series that belong to each other.
                if group.left.count == 1, group.right.count == 1 {
                    let pair = (left[group.left[0]], right[group.right[0]])
                    let isSwapped = matching.cardinality == .oneToMany
                    let result =
                        isSwapped
                        ? combine(pair.1, pair.0, isSwapped: true)
                        : combine(pair.0, pair.1, isSwapped: false)
                    if let result { try merger.add(result) }
                    continue
                }
            }
            let active =
                isActive
                ?? (hasFill
                    ? [Bool](repeating: true, count: stepCount)
                    : zip(Self.presence(left, stepCount), Self.presence(right, stepCount)).map {
                        $0 && $1
                    })
            isActive = active
            try match(
                group.left.map { left[$0] }, group.right.map { right[$0] }, isActive: active)
        }
    }

    /// At which steps any of the series has a sample.
    private static func presence(
        _ series: some Sequence<StepSeries>, _ count: Int
    ) -> [Bool] {
        var result = [Bool](repeating: false, count: count)
        for one in series {
            for step in 0..<count where one.hasSample(step) { result[step] = true }
        }
        return result
    }

    // MARK: Sets

    private mutating func matchSets(
        _ left: [StepSeries], _ right: [StepSeries], _ groups: [Group], _ leftGroups: [Int],
        _ rightGroups: [Int], _ checkTime: () throws(QueryFailure) -> Void
    ) throws(QueryFailure) {
        if node.operation == .or {
            for series in left { try merger.add(series) }
            for (index, series) in right.enumerated() {
                try checkTime()
                let others = groups[rightGroups[index]].left
                try addMasked(series, by: others.map { left[$0] }, where: false)
            }
            return
        }
        for (index, series) in left.enumerated() {
            try checkTime()
            let others = groups[leftGroups[index]].right
            try addMasked(series, by: others.map { right[$0] }, where: node.operation == .and)
        }
    }

    /// Adds a series at the steps at which others have a sample, or at which they have none.
    private mutating func addMasked(
        _ series: StepSeries, by others: [StepSeries], where isWanted: Bool
    ) throws(QueryFailure) {
        if others.isEmpty {
            if !isWanted { try merger.add(series) }
            return
        }
        let isPresent = Self.presence(others, stepCount)
        var series = series
        var isEmpty = true
        for step in 0..<stepCount where series.hasSample(step) {
            if isPresent[step] == isWanted { isEmpty = false } else { series.clear(step) }
        }
        if !isEmpty { try merger.add(series) }
    }

    // MARK: Arithmetic and comparisons

    private mutating func match(
        _ left: [StepSeries], _ right: [StepSeries], isActive: [Bool]
    ) throws(QueryFailure) {
        // From here on, "many" may have several series at a step, "one" may not.
        let isSwapped = matching.cardinality == .oneToMany
        let (many, one) = isSwapped ? (right, left) : (left, right)
        try checkUnique(one, isActive, isSwapped: isSwapped)
        // As in Prometheus, the sides of the fill values are not swapped with those of the series.
        let (fillOne, fillMany) = (matching.fillRight, matching.fillLeft)
        let isOnePresent = Self.presence(one, stepCount)
        if matching.cardinality == .oneToOne, many.count > 1 {
            var counts = [Int](repeating: 0, count: stepCount)
            for series in many {
                for step in 0..<stepCount
                where series.hasSample(step) && (isOnePresent[step] || fillOne != nil) {
                    counts[step] += 1
                    guard counts[step] == 1 else {
                        throw .execution(
                            "multiple matches for labels: many-to-one matching must be explicit "
                                + "(group_left/group_right)")
                    }
                }
            }
        }
        var outputs = GroupOutputs()
        for series in many {
            for partner in one { try outputs.add(combine(series, partner, isSwapped: isSwapped)) }
            if let fillOne {
                var partner = filler(series, fillOne)
                for step in 0..<stepCount where isOnePresent[step] { partner.clear(step) }
                try outputs.add(combine(series, partner, isSwapped: isSwapped))
            }
        }
        if let fillMany {
            let isManyPresent = Self.presence(many, stepCount)
            for partner in one {
                var series = filler(partner, fillMany)
                for step in 0..<stepCount where isManyPresent[step] { series.clear(step) }
                try outputs.add(combine(series, partner, isSwapped: isSwapped))
            }
        }
        for series in outputs.series { try merger.add(series) }
    }

    /// A series of a fill value that matches another.
    private func filler(_ series: StepSeries, _ value: Double) -> StepSeries {
        StepSeries(
            labels: series.labels.filtered(names, keeps: matching.isOn),
            values: [Double](repeating: value, count: stepCount))
    }

    private func checkUnique(
        _ one: [StepSeries], _ isActive: [Bool], isSwapped: Bool
    ) throws(QueryFailure) {
        guard one.count > 1 else { return }
        for step in 0..<stepCount where isActive[step] {
            let present = one.filter { $0.hasSample(step) }
            guard present.count > 1 else { continue }
            let names = [present[0], present[1]].map { LabelText.braces($0.labels) }.sorted()
            let group = LabelText.braces(signature(present[0].labels))
            throw .execution(
                "found duplicate series for the match group \(group) on the "
                    + "\(isSwapped ? "left" : "right") hand-side of the operation: "
                    + "[\(names[0]), \(names[1])];many-to-many matching not allowed: matching "
                    + "labels must be unique on one side")
        }
    }

    /// The result of two series; nil when there is none at any step.
    private mutating func combine(
        _ many: StepSeries, _ one: StepSeries, isSwapped: Bool
    ) -> StepSeries? {
        let (left, right) = isSwapped ? (one, many) : (many, one)
        var result = StepSeries(
            labels: resultLabels(many.labels, one.labels),
            dropsName: node.returnsBool || many.dropsName, count: stepCount)
        var isEmpty = true
        if left.histograms.isEmpty, right.histograms.isEmpty, !node.operation.isTrim {
            let operation = node.operation
            for step in 0..<stepCount {
                let (a, b) = (left.values[step], right.values[step])
                if StepSeries.isAbsent(a) || StepSeries.isAbsent(b) { continue }
                if operation.isComparison {
                    let isKept = operation.compare(a, b)
                    if !isKept, !node.returnsBool { continue }
                    result.values[step] = node.returnsBool ? (isKept ? 1 : 0) : a
                } else {
                    result.values[step] = operation.arithmetic(a, b)
                }
                isEmpty = false
            }
            return isEmpty ? nil : result
        }
        for step in 0..<stepCount {
            guard let a = left.operand(step), let b = right.operand(step),
                case .value(let operand, let isKept) = operation.apply(a, b)
            else { continue }
            if node.returnsBool {
                result.values[step] = isKept ? 1 : 0
            } else if isKept {
                result.set(operand, step)
            } else {
                continue
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    private func resultLabels(_ many: Labels, _ one: Labels) -> Labels {
        var labels = many
        if node.operation.changesMeaning { labels = labels.droppingMetadata }
        if matching.cardinality == .oneToOne {
            labels = labels.filtered(matched, keeps: matching.isOn)
        }
        return included.isEmpty ? labels : labels.replacing(included, from: one)
    }
}

/// The results of series that match each other.
private struct GroupOutputs {
    private(set) var series: [StepSeries] = []
    private var places: [Labels: Int] = [:]

    mutating func add(_ new: StepSeries?) throws(QueryFailure) {
        guard let new else { return }
        guard let place = places[new.labels] else {
            places[new.labels] = series.count
            series.append(new)
            return
        }
        for step in new.values.indices where new.hasSample(step) {
            guard !series[place].hasSample(step) else {
                throw .execution(
                    "multiple matches for labels: grouping labels must ensure unique matches")
            }
            series[place].take(step, from: new)
        }
    }
}
