/// Series of different times on one list of times.
///
/// A grid has fewer than `Limits.cellsMax` cells: inputs that do not fit are left out, the last
/// ones first, and `values` is then shorter than the list of inputs.
struct TimeGrid {
    struct Input {
        /// Ascending.
        var times: [Int64]
        var values: [Double]
        /// How far samples are apart; 0 where unknown.
        var stepMillis: Int64
    }

    private(set) var times: [Int64]
    private(set) var values: [[Double]]
    private(set) var isSpanned: [[Bool]]

    init(_ all: [Input]) {
        var inputs = all[...]
        times = Self.union(inputs)
        if times.count * inputs.count >= Limits.cellsMax {
            inputs = Self.fitting(all)
            times = Self.union(inputs)
        }
        // Times that were put into holes count too.
        while !inputs.isEmpty, times.count * inputs.count >= Limits.cellsMax {
            inputs = inputs.dropLast(max(inputs.count / 8, 1))
            times = Self.union(inputs)
        }
        values = []
        isSpanned = []
        for input in inputs {
            let (aligned, spanned) = Self.align(input, to: times)
            values.append(aligned)
            isSpanned.append(spanned)
        }
    }

    /// As many inputs as the grid has room for.
    private static func fitting(_ inputs: [Input]) -> ArraySlice<Input> {
        var times: Set<Int64> = []
        for (place, input) in inputs.enumerated() {
            if place == 0 || input.times != inputs[0].times { times.formUnion(input.times) }
            if times.count * (place + 1) >= Limits.cellsMax { return inputs.prefix(place) }
        }
        return inputs[...]
    }

    /// All times once, and one in each hole, so that a line does not run over it.
    private static func union(_ inputs: ArraySlice<Input>) -> [Int64] {
        guard let first = inputs.first else { return [] }
        var all = first.times
        if inputs.contains(where: { $0.times != first.times }) {
            all = Array(Set(inputs.flatMap(\.times)))
        }
        all.sort()
        // Every series must have a hole there, so the longest step tells.
        let step = inputs.map(\.stepMillis).max() ?? 0
        guard step > 0, all.count > 1 else { return all }
        var result: [Int64] = []
        result.reserveCapacity(all.count)
        for time in all {
            if let before = result.last, time &- before > step &+ step / 2 {
                result.append(before &+ step)
            }
            if result.last != time { result.append(time) }
        }
        return result
    }

    private static func align(_ input: Input, to times: [Int64]) -> ([Double], [Bool]) {
        if input.times == times { return (input.values, []) }
        var values = [Double](repeating: .nan, count: times.count)
        var spanned: [Bool] = []
        var place = 0
        let order =
            isAscending(input.times)
            ? Array(input.times.indices)
            : input.times.indices.sorted { input.times[$0] < input.times[$1] }
        let longest = input.stepMillis &+ input.stepMillis / 2
        for (index, time) in times.enumerated() {
            while place < order.count, input.times[order[place]] < time { place += 1 }
            if place < order.count, input.times[order[place]] == time {
                values[index] = input.values[order[place]]
            } else if place > 0, place < order.count, longest > 0,
                input.times[order[place]] &- input.times[order[place - 1]] <= longest
            {
                if spanned.isEmpty { spanned = Array(repeating: false, count: times.count) }
                spanned[index] = true
            }
        }
        return (values, spanned)
    }

    private static func isAscending(_ times: [Int64]) -> Bool {
        zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
    }
}
