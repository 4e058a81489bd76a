/// A chart over time, ready to be drawn.
package struct TimeChart: Sendable, Hashable {
    /// How a line's values are joined.
    package enum Style: String, Sendable {
        case line
        case smooth
        /// Level until the next value.
        case step
        /// The level of the next value.
        case stepAfter
        case bars
        case points
    }

    package struct Line: Sendable, Hashable {
        package var name: String
        /// One a time; nil is a gap.
        package var values: [Double?]
        /// A colour of the palette (`3`), `#12ab34` or a token (`--bad`).
        package var colour: String
        package var style = Style.line
        /// Pixels; nil is the usual width.
        package var width: Double?
        /// How opaque the area below is, 0 to 1.
        package var fill = 0.0
        /// Lengths of dashes and gaps in pixels; empty for a whole line.
        package var dash: [Double] = []
        /// Lines of one stack lie upon each other.
        package var stack: String?
        /// 0 stands left, 1 right.
        package var axis = 0
        /// Nil lets the browser decide.
        package var showsPoints: Bool?
        package var joinsGaps = false

        package init(name: String, values: [Double?], colour: String) {
            self.name = name
            self.values = values
            self.colour = colour
        }
    }

    /// Something that happened: a deploy, an alert.
    package struct Mark: Sendable, Hashable {
        package var timeNanos: Int64
        package var endNanos: Int64?
        package var words: String
        package var colour = "--accent"
        package var link: Link?

        package init(timeNanos: Int64, words: String, link: Link? = nil) {
            self.timeNanos = timeNanos
            self.words = words
            self.link = link
        }
    }

    /// A single measurement with a trace behind it.
    package struct Point: Sendable, Hashable {
        package var timeNanos: Int64
        package var value: Double
        package var words: String
        package var colour: String?
        package var link: Link?

        package init(timeNanos: Int64, value: Double, words: String, link: Link?) {
            self.timeNanos = timeNanos
            self.value = value
            self.words = words
            self.link = link
        }
    }

    /// A value that matters.
    package struct Threshold: Sendable, Hashable {
        package var value: Double
        /// Where the area ends; nil is the top.
        package var upTo: Double?
        package var colour: String
        package var hasLine = true
        package var hasArea = false

        package init(value: Double, colour: String) {
            self.value = value
            self.colour = colour
        }
    }

    /// Seconds since 1970, ascending.
    package var times: [Double]
    package var lines: [Line] = []
    /// Of the left axis, then of the right.
    package var units: [ChartUnit] = [.plain]
    package var axisLabels: [String?] = []
    package var minimums: [Double?] = []
    package var maximums: [Double?] = []
    /// The base of a logarithmic axis: 2 or 10.
    package var logarithms: [Int?] = []
    package var marks: [Mark] = []
    package var points: [Point] = []
    package var thresholds: [Threshold] = []
    /// What the drawing covers, also where there are no values.
    package var range: Range<Int64>
    /// Points are round and stand for themselves, as in a scatter.
    package var isScatter = false
    /// Axes need not begin at zero.
    package var floats = false

    package init(times: [Double], range: Range<Int64>) {
        self.times = times
        self.range = range
    }
}

/// How numbers of an axis are written: the largest factor that a number reaches divides it.
package struct ChartUnit: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package var factor: Double
        package var suffix: String

        package init(_ factor: Double, _ suffix: String) {
            self.factor = factor
            self.suffix = suffix
        }
    }

    package var prefix = ""
    /// Ascending factors.
    package var steps: [Step]
    /// Places after the point; nil for three digits that matter.
    package var decimals: Int?

    package init(steps: [Step], prefix: String = "", decimals: Int? = nil) {
        self.steps = steps
        self.prefix = prefix
        self.decimals = decimals
    }

    package static let plain = ChartUnit(steps: [
        Step(1, ""), Step(1e3, " k"), Step(1e6, " M"), Step(1e9, " G"), Step(1e12, " T"),
    ])
    package static let perSecond = ChartUnit(steps: [
        Step(1, "/s"), Step(1e3, " k/s"), Step(1e6, " M/s"),
    ])
    /// Of a number between 0 and 1.
    package static let share = ChartUnit(steps: [Step(0.01, " %")])
    package static let seconds = ChartUnit(steps: [
        Step(1e-9, " ns"), Step(1e-6, " µs"), Step(1e-3, " ms"), Step(1, " s"), Step(60, " min"),
        Step(3_600, " h"), Step(86_400, " d"),
    ])
    package static let milliseconds = ChartUnit(steps: [
        Step(1e-6, " ns"), Step(1e-3, " µs"), Step(1, " ms"), Step(1e3, " s"), Step(6e4, " min"),
        Step(3.6e6, " h"), Step(8.64e7, " d"),
    ])
    package static let bytes = ChartUnit(steps: [
        Step(1, " B"), Step(1_024, " KiB"), Step(1_048_576, " MiB"), Step(1_073_741_824, " GiB"),
        Step(1_099_511_627_776, " TiB"),
    ])

    /// A number in this unit; three digits that matter where the unit does not say.
    package func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "–" : (value < 0 ? "−∞" : "∞") }
        let size = abs(value)
        let fallback = steps.first { $0.factor >= 1 } ?? steps.first ?? Step(1, "")
        let step =
            size == 0
            ? fallback : steps.last { size >= $0.factor * 0.99999 } ?? steps.first ?? fallback
        let scaled = abs(value / step.factor)
        let digits: String
        if let decimals {
            digits = Units.fixed(scaled, min(max(0, decimals), 4))
        } else {
            digits =
                scaled >= 1_000 && scaled < 9e15
                ? String(Int64(scaled.rounded())) : Units.digits(scaled)
        }
        return prefix + (value < 0 ? "−" : "") + digits + step.suffix
    }
}
