import PerchModel

/// Counts by time and by bucket, shown as colours.
package struct HeatmapContent: Sendable {
    package var times: [Int64]
    package var stepMillis: Int64
    /// From below to above.
    package var buckets: [Bucket]
    /// By bucket, then by time; NaN for nothing.
    package var counts: [[Double]]
    package var greatest: Double
    /// For the words of a cell.
    package var unit: UnitFormat
    package var yUnit: UnitFormat
    /// The colours from the least to the greatest count, in even steps.
    package var colours: [Colour]
    package var isReversed: Bool

    package struct Bucket: Sendable, Hashable {
        package var label: String
        /// The bound above, where buckets are numbers.
        package var upper: Double?
    }
}

extension ContentMaker {
    func heatmap(_ notices: inout [PanelNotice]) -> HeatmapContent? {
        var fields: [StyledField] = []
        for frame in frames where frame.contains(where: { $0.field.kind == .time }) {
            fields += frame.filter { $0.field.kind == .number }
        }
        fields = Array(fields.prefix(Limits.bucketsMax))
        guard !fields.isEmpty else { return nil }
        let bounds = fields.map { Self.bound($0) }
        let steps = data.answers.map(\.query.stepMillis).max() ?? 0
        if (option("calculate")?.flag ?? (panel.json.at("dataFormat")?.scalarText == "timeseries"))
        {
            return calculated(fields, steps, &notices)
        }
        var order = Array(fields.indices)
        if bounds.allSatisfy({ $0 != nil }) {
            order.sort { (bounds[$0] ?? 0) < (bounds[$1] ?? 0) }
        }
        let grid = TimeGrid(
            order.map { Self.gridInput(fields[$0], stepMillis: 0) })
        Self.note("buckets", order.count, grid, &notices)
        guard !grid.values.isEmpty else { return nil }
        order = Array(order.prefix(grid.values.count))
        var counts = grid.values
        // Prometheus counts everything below a bound; a heatmap shows what is between two.
        let isCumulative =
            data.answers.contains { $0.query.shape == .heatmap }
            && fields.contains { $0.field.label("le") != nil }
        if isCumulative { Self.subtract(&counts) }
        let yUnit = self.yUnit
        return content(
            times: grid.times, step: steps,
            buckets: order.map { place in
                HeatmapContent.Bucket(
                    label: bounds[place].map {
                        yUnit.text($0, decimals: nil, clock: clock)
                    } ?? fields[place].name, upper: bounds[place])
            }, counts: counts, field: fields[0])
    }

    private var yUnit: UnitFormat {
        UnitFormat(
            unit: option("yAxis")?.at("unit")?.scalarText
                ?? panel.json.at("yAxis", "format")?.scalarText ?? "short")
    }

    private static func bound(_ field: StyledField) -> Double? {
        let text = field.field.label("le") ?? field.name
        return text == "+Inf" ? .infinity : Double(text)
    }

    private static func subtract(_ counts: inout [[Double]]) {
        for place in counts.indices.dropFirst().reversed() {
            for index in counts[place].indices {
                let below = counts[place - 1][index]
                // Rates of counters that began again may fall below the bucket before.
                counts[place][index] = max(counts[place][index] - (below.isNaN ? 0 : below), 0)
            }
        }
    }

    /// Buckets made of values, as many as fit a chart.
    private func calculated(
        _ fields: [StyledField], _ step: Int64, _ notices: inout [PanelNotice]
    ) -> HeatmapContent? {
        let grid = TimeGrid(fields.map { Self.gridInput($0, stepMillis: 0) })
        Self.note("series", fields.count, grid, &notices)
        let wanted = option("calculation")?.at("yBuckets")
        let isSize = wanted?.at("mode")?.scalarText == "size"
        var buckets = HistogramBuckets(
            grid.values, size: isSize ? wanted?.at("value")?.double : nil, offset: 0,
            count: isSize ? 20 : min(wanted?.at("value")?.integer ?? 20, 200))
        // With very many times, fewer buckets than asked for.
        let room = (Limits.cellsMax - 1) / max(grid.times.count, 1)
        if buckets.starts.count > room {
            buckets = HistogramBuckets(grid.values, size: nil, offset: 0, count: room - 2)
        }
        guard !buckets.starts.isEmpty, buckets.starts.count <= room else { return nil }
        var counts = [[Double]](
            repeating: [Double](repeating: 0, count: grid.times.count),
            count: buckets.starts.count)
        for values in grid.values {
            for (index, value) in values.enumerated() {
                if let place = buckets.place(of: value) { counts[place][index] += 1 }
            }
        }
        let unit = fields[0].style.unitID.isEmpty ? yUnit : fields[0].style.unit
        return content(
            times: grid.times, step: step,
            buckets: buckets.starts.map {
                HeatmapContent.Bucket(
                    label: unit.text($0, clock: clock), upper: $0 + buckets.size)
            }, counts: counts, field: fields[0])
    }

    private func content(
        times: [Int64], step: Int64, buckets: [HeatmapContent.Bucket], counts: [[Double]],
        field: StyledField
    ) -> HeatmapContent {
        let greatest = counts.joined().filter(\.isFinite).max() ?? 0
        let scheme =
            (option("color")?.at("scheme") ?? panel.json.at("color", "colorScheme"))?
            .scalarText ?? ""
        let mode = Self.modes.first { scheme.contains($0.name) }?.mode ?? "continuous-blues"
        return HeatmapContent(
            times: times, stepMillis: step, buckets: buckets, counts: counts, greatest: greatest,
            unit: field.style.unit, yUnit: yUnit,
            colours: Self.colours(mode),
            isReversed: option("yAxis")?.at("reverse").isTrue
                ?? panel.json.at("reverseYBuckets").isTrue)
    }

    /// One hue keeps its two shades, for light pages and dark ones; the drawer makes it fainter.
    private static func colours(_ mode: String) -> [Colour] {
        let hues = [
            "continuous-blues", "continuous-reds", "continuous-greens", "continuous-purples",
        ]
        if hues.contains(mode), let hue = Palette.colour(String(mode.dropFirst(11).dropLast())) {
            return Array(repeating: hue, count: 16)
        }
        return (0..<16).compactMap { ColourScale.colour(mode, at: Double($0) / 15) }
    }

    /// Schemes of colours by parts of their names.
    private static let modes: [(name: String, mode: String)] = [
        ("Spectral", "continuous-BlYlRd"), ("RdYlGn", "continuous-GrYlRd"),
        ("Oranges", "continuous-YlRd"), ("Reds", "continuous-reds"),
        ("Greens", "continuous-greens"), ("Purples", "continuous-purples"),
        ("Blues", "continuous-blues"), ("YlOrRd", "continuous-YlRd"),
        ("YlOrBr", "continuous-YlRd"), ("YlGnBu", "continuous-YlBl"),
        ("BuPu", "continuous-BlPu"),
    ]
}
