import PerchModel
import PerchRegex

/// Functions that change labels or the order of series.
extension Evaluator {
    private static func text(_ expression: QueryExpression) -> String {
        if case .string(let literal) = expression.unwrapped { literal.value } else { "" }
    }

    private static func isLabelName(_ expression: QueryExpression) -> Bool {
        guard case .string(let literal) = expression.unwrapped else { return false }
        return !literal.bytes.isEmpty && GoText.isUTF8(literal.bytes)
    }

    func evaluateLabelReplace(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        let texts = node.arguments.dropFirst().map(Self.text)
        let (target, replacement, origin, pattern) = (texts[0], texts[1], texts[2], texts[3])
        let regex: Regex
        do {
            regex = try Regex(pattern)
        } catch {
            throw .execution("invalid regular expression in label_replace(): \(pattern)")
        }
        guard Self.isLabelName(node.arguments[1]) else {
            throw .execution("invalid destination label name in label_replace(): \(target)")
        }
        let template = RegexTemplate(replacement)
        var merger = SeriesMerger()
        let (samples, bytes) = (heldSamples, heldBytes)
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            var series = series
            let value = series.labels[origin] ?? ""
            if let text = regex.expand(template: template, ifFullyMatches: value) {
                series.labels = series.labels.setting([(target, text)])
                if target == "__name__" { series.dropsName = false }
            }
            try hold(series.sampleCount, series.byteCount)
            try merger.add(series)
        }
        release(heldSamples - samples, heldBytes - bytes)
        for series in merger.series { try sink(series) }
    }

    func evaluateLabelJoin(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        let texts = node.arguments.dropFirst().map(Self.text)
        let (target, separator, origins) = (texts[0], texts[1], texts.dropFirst(2))
        for argument in node.arguments.dropFirst(3) where !Self.isLabelName(argument) {
            throw .execution("invalid source label name in label_join(): \(Self.text(argument))")
        }
        guard Self.isLabelName(node.arguments[1]) else {
            throw .execution("invalid destination label name in label_join(): \(target)")
        }
        var merger = SeriesMerger()
        let (samples, bytes) = (heldSamples, heldBytes)
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            var series = series
            let value = origins.map { series.labels[$0] ?? "" }.joined(separator: separator)
            series.labels = series.labels.setting([(target, value)])
            if target == "__name__" { series.dropsName = false }
            try hold(series.sampleCount, series.byteCount)
            try merger.add(series)
        }
        release(heldSamples - samples, heldBytes - bytes)
        for series in merger.series { try sink(series) }
    }

    func evaluateSort(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        if grid.count > 1 {
            annotations.add(
                .warning,
                "sort is ineffective for range queries since results are always ordered by labels",
                node.range)
        }
        let held = try await collect(node.arguments[0], grid)
        var series = held.series
        release(held)
        let isDescending = node.function == .sortDesc || node.function == .sortByLabelDesc
        switch node.function {
        case .sort, .sortDesc:
            for index in series.indices { series[index].histograms = [] }
            series.removeAll(where: \.isEmpty)
            guard grid.count == 1 else { break }
            series.sort {
                let (left, right) = ($0.values[0], $1.values[0])
                if left.isNaN || right.isNaN { return !left.isNaN && right.isNaN }
                return isDescending ? left > right : left < right
            }
        default:
            guard grid.count == 1 else { break }
            let names = node.arguments.dropFirst().map(Self.text)
            series.sort {
                isDescending
                    ? Self.isBefore($1.labels, $0.labels, names)
                    : Self.isBefore($0.labels, $1.labels, names)
            }
        }
        for one in series { try sink(one) }
    }

    /// Compares by some labels, numbers in them by their value, then by all.
    private static func isBefore(_ left: Labels, _ right: Labels, _ names: [String]) -> Bool {
        for name in names {
            let (first, second) = (left[name] ?? "", right[name] ?? "")
            if first != second {
                return NaturalOrder.isBefore(Array(first.utf8), Array(second.utf8))
            }
        }
        return Labels.isBefore(left, right)
    }
}

/// The order of texts with numbers in them: `x2` comes before `x10`.
enum NaturalOrder {
    static func isBefore(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var (l, r) = (0, 0)
        while l < left.count, r < right.count {
            let (a, b) = (chunk(left, &l), chunk(right, &r))
            if a.elementsEqual(b) { continue }
            guard a.first?.isDigit == true, b.first?.isDigit == true else {
                return a.lexicographicallyPrecedes(b)
            }
            let zero = UInt8(ascii: "0")
            let (x, y) = (a.drop { $0 == zero }, b.drop { $0 == zero })
            if x.count != y.count { return x.count < y.count }
            if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
            return a.count < b.count
        }
        return left.count < right.count
    }

    /// The digits, or what is no digit, from an index on.
    private static func chunk(_ text: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        let isNumber = text[start].isDigit
        while index < text.count, text[index].isDigit == isNumber { index += 1 }
        return text[start..<index]
    }
}
