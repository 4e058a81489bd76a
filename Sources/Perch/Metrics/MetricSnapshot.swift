/// A label of a series.
public struct Label: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Makes a label.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    static func precedes(_ left: [Label], _ right: [Label]) -> Bool {
        for (one, other) in zip(left, right) where one != other {
            return (one.name, one.value) < (other.name, other.value)
        }
        return left.count < right.count
    }
}

/// What one metric says at a moment, with all its series.
public struct MetricSnapshot: Sendable {
    /// The type, as exposition formats name it.
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    enum Value: Sendable {
        case number(Double)
        case histogram(bounds: [Double], counts: HistogramInstrument.Counts)
    }

    struct Series: Sendable {
        var labels: [Label]
        var value: Value
    }

    /// Without the suffix `_total`.
    public var name: String
    /// The type.
    public var kind: Kind
    /// What it is about.
    public var help: String
    var series: [Series]
}
