import PerchModel

/// `topk`, `bottomk`, `limitk` and `limit_ratio`: some of the series of each group, step by step.
struct SeriesPicker {
    let operation: AggregateOperator
    /// One a step.
    let parameters: [Double]
    let place: SourceRange
    private(set) var annotations = Annotations()

    init(operation: AggregateOperator, parameters: [Double], place: SourceRange) {
        self.operation = operation
        self.parameters = parameters
        self.place = place
    }

    /// The picked series with the samples of the steps at which they are picked.
    ///
    /// With a single step those of a group stand in order, the first one first.
    mutating func pick(
        _ series: [StepSeries], _ grouping: Grouping, stepCount: Int,
        checkTime: () throws(QueryFailure) -> Void
    ) throws(QueryFailure) -> [StepSeries] {
        var places: [Labels: Int] = [:]
        var groups: [[Int]] = []
        for index in series.indices {
            let key = grouping.key(series[index].labels)
            if let place = places[key] {
                groups[place].append(index)
            } else {
                places[key] = groups.count
                groups.append([index])
            }
        }
        var results: [StepSeries] = []
        for group in groups {
            var picked: [Int: StepSeries] = [:]
            var order: [Int] = []
            for step in 0..<stepCount {
                if step % 64 == 0 { try checkTime() }
                for index in choose(group, series, step) {
                    if picked[index] == nil {
                        picked[index] = StepSeries(
                            labels: series[index].labels, dropsName: series[index].dropsName,
                            count: stepCount)
                        order.append(index)
                    }
                    picked[index]?.take(step, from: series[index])
                }
            }
            results.append(contentsOf: order.compactMap { picked[$0] })
        }
        return results
    }

    private mutating func choose(
        _ group: [Int], _ series: [StepSeries], _ step: Int
    ) -> [Int] {
        let parameter = parameters[step]
        switch operation {
        case .limitRatio:
            let ratio = min(1, max(-1, parameter))
            return group.filter {
                series[$0].hasSample(step) && Self.isIn(ratio, series[$0].labels)
            }
        case .limitk:
            guard parameter >= 1 else { return [] }
            let count = Int(min(parameter, Double(group.count)))
            return Array(group.lazy.filter { series[$0].hasSample(step) }.prefix(count))
        default: return ranked(group, series, step, parameter)
        }
    }

    private mutating func ranked(
        _ group: [Int], _ series: [StepSeries], _ step: Int, _ parameter: Double
    ) -> [Int] {
        guard parameter >= 1 else { return [] }
        if group.contains(where: { series[$0].histogram(step) != nil }) {
            annotations.add(
                .info, "ignored histogram in \(operation.rawValue) aggregation", place)
        }
        let isTop = operation == .topk
        var ranked: [(index: Int, value: Double)] = []
        for index in group where series[index].hasFloat(step) {
            ranked.append((index, series[index].values[step]))
        }
        // NaN is worse than any number; of equal ones the first stays.
        ranked.sort { left, right in
            if left.value.isNaN || right.value.isNaN {
                return !left.value.isNaN || (right.value.isNaN && left.index < right.index)
            }
            if left.value == right.value { return left.index < right.index }
            return isTop ? left.value > right.value : left.value < right.value
        }
        return ranked.prefix(Int(min(parameter, Double(group.count)))).map(\.index)
    }

    /// Whether a series is in the part of all series that a ratio stands for; the negative ratio
    /// `-(1 - ratio)` stands for the others.
    private static func isIn(_ ratio: Double, _ labels: Labels) -> Bool {
        let offset = Double(labels.prometheusHash) / Double(UInt64.max)
        return ratio >= 0 ? offset < ratio : offset >= 1 + ratio
    }
}
