import PerchModel

/// Bars by category: of a table's rows, or of a histogram's buckets.
package struct BarChartContent: Sendable {
    package var categories: [String]
    package var series: [Series]
    package var unit: UnitFormat
    package var stacking: DrawStyle.Stacking
    package var isHorizontal: Bool
    package var legend: Legend

    package struct Series: Sendable {
        package var name: String
        package var colour: Colour
        /// NaN for nothing.
        package var values: [Double]
        package var texts: [String]
        /// A colour for each bar, where the field colours its values one by one.
        package var colours: [Colour]
    }
}

extension ContentMaker {
    func barChart(_ notices: inout [PanelNotice]) -> BarChartContent? {
        guard let frame = frames.first(where: { $0.contains { $0.field.kind == .number } })
        else { return nil }
        let wanted = option("xField")?.scalarText
        let axis =
            frame.first { wanted != nil && ($0.name == wanted || $0.field.name == wanted) }
            ?? frame.first { $0.field.kind == .text } ?? frame.first { $0.field.kind == .time }
        let fields = frame.filter {
            $0.field.kind == .number && !$0.style.draw.isHidden && $0.name != axis?.name
        }
        guard !fields.isEmpty else { return nil }
        let count = min(fields[0].field.column.count, Limits.bucketsMax)
        if count < fields[0].field.column.count {
            notices.append(
                .tooMany(what: "bars", count: fields[0].field.column.count, shown: count))
        }
        let stacking = option("stacking")?.scalarText ?? ""
        return BarChartContent(
            categories: (0..<count).map { row in
                axis.map { $0.display($0.field.column[row]).text } ?? String(row + 1)
            },
            series: fields.map { bars($0, count: count) },
            unit: fields[0].style.unit,
            stacking: DrawStyle.Stacking(rawValue: stacking) ?? .none,
            isHorizontal: option("orientation")?.scalarText == "horizontal",
            legend: legend(fields))
    }

    private func bars(_ one: StyledField, count: Int) -> BarChartContent.Series {
        let values = Array(one.field.column.doubles.prefix(count))
        var isByValue = false
        switch one.style.colourMode {
        case .thresholds, .scale: isByValue = true
        case .fixed, .palette, .paletteByName: break
        }
        return BarChartContent.Series(
            name: one.name, colour: one.colour, values: values,
            texts: values.map { one.display($0.isNaN ? .null : .number($0)).text },
            colours: isByValue ? values.map { one.colour(of: $0) ?? Palette.neutral } : [])
    }

    // MARK: - Histogram

    func histogram() -> BarChartContent? {
        let fields = numbers
        guard let first = fields.first else { return nil }
        // Frames that come with their buckets are drawn as they are.
        if let frame = frames.first, let low = frame.first(where: { $0.field.name == "BucketMin" })
        {
            let counts = frame.filter {
                $0.field.kind == .number && $0.field.name != "BucketMin"
                    && $0.field.name != "BucketMax"
            }
            return BarChartContent(
                categories: low.field.column.cells.map { low.display($0).text },
                series: counts.map { bars($0, count: low.field.column.count) },
                unit: .none, stacking: .none, isHorizontal: false, legend: legend(counts))
        }
        let buckets = HistogramBuckets(
            fields.map(\.field.column.doubles), size: option("bucketSize")?.double,
            offset: option("bucketOffset")?.double ?? 0,
            count: option("bucketCount")?.integer ?? 30)
        guard !buckets.starts.isEmpty else { return nil }
        let isCombined = option("combine").isTrue
        let series = fields.enumerated().map { place, one in
            BarChartContent.Series(
                name: one.name, colour: one.colour, values: buckets.counts[place],
                texts: buckets.counts[place].map { NumberText.plain($0) }, colours: [])
        }
        return BarChartContent(
            categories: buckets.starts.map { first.display(.number($0)).text },
            series: isCombined ? [Self.combined(series)].compactMap { $0 } : series,
            unit: .none, stacking: .none, isHorizontal: false, legend: legend(fields))
    }

    private static func combined(
        _ series: [BarChartContent.Series]
    ) -> BarChartContent.Series? {
        guard var sum = series.first else { return nil }
        for one in series.dropFirst() {
            for (place, value) in one.values.enumerated() { sum.values[place] += value }
        }
        sum.name = "Combined"
        sum.texts = sum.values.map { NumberText.plain($0) }
        return sum
    }
}

/// Counts of values by size.
struct HistogramBuckets {
    private(set) var starts: [Double] = []
    private(set) var size = 0.0
    private(set) var counts: [[Double]] = []
    private var offset = 0.0
    /// How many sizes the first bucket is away from the offset.
    private var first = 0.0

    /// Buckets of a size, or of a round size that gives about so many of them.
    init(_ columns: [[Double]], size wanted: Double?, offset: Double, count: Int) {
        let finite = columns.joined().filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max(), offset.isFinite else { return }
        var size =
            wanted.flatMap { $0 > 0 ? $0 : nil }
            ?? Self.round((greatest - least) / Double(min(max(count, 1), Limits.bucketsMax)))
        // However small a size a file asks for, the buckets stay few.
        while (greatest - least) / size > Double(Limits.bucketsMax - 2), size.isFinite { size *= 2 }
        let first = ((least - offset) / size).rounded(.down)
        let last = ((greatest - offset) / size).rounded(.down)
        guard size.isFinite, first.isFinite, last.isFinite,
            last - first < Double(Limits.bucketsMax)
        else { return }
        self.size = size
        self.offset = offset
        self.first = first
        // Next to the greatest numbers there are, a bucket may begin beyond them.
        let most = Double.greatestFiniteMagnitude
        starts = (0...Int(last - first)).map {
            min(max((first + Double($0)) * size + offset, -most), most)
        }
        counts = columns.map { values in
            var result = [Double](repeating: 0, count: starts.count)
            for value in values { if let place = place(of: value) { result[place] += 1 } }
            return result
        }
    }

    /// The bucket of a value, for values outside the nearest; nil for what is no number.
    func place(of value: Double) -> Int? {
        guard value.isFinite, !starts.isEmpty else { return nil }
        // Bounded before it becomes whole: the quotient may be greater than any integer.
        let place = ((value - offset) / size).rounded(.down) - first
        return Int(min(max(place, 0), Double(starts.count - 1)))
    }

    /// The next of 1, 2, 2.5, 5 times a power of ten.
    private static func round(_ size: Double) -> Double {
        guard size > 0, size.isFinite else { return 1 }
        let power = NumberText.power(10, NumberText.floorLog10(size))
        guard power > 0, power.isFinite else { return size }
        return ([1, 2, 2.5, 5, 10].first { $0 * power >= size * (1 - 1e-12) } ?? 10) * power
    }
}
