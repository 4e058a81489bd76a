package import PerchModel

/// A query: for lines, or for numbers.
package enum LogQLExpression: Sendable, Hashable {
    case lines(LogSelector)
    case metric(MetricExpression)
}

/// Which lines, and what is made of each.
package struct LogSelector: Sendable, Hashable {
    package var matchers: [LabelMatcher]
    package var stages: [PipelineStage] = []
}

/// What happens to a line, one thing after the other.
package enum PipelineStage: Sendable, Hashable {
    case lineFilter(LineFilter)
    case json([LabelExtraction])
    case logfmt(isStrict: Bool, keepsEmpty: Bool, [LabelExtraction])
    case pattern(String)
    case regexp(String)
    case unpack
    case labelFilter(LabelFilter)
    case lineFormat(String)
    case labelFormat([LabelFormat])
    case decolorize
    case drop([LabelSelection])
    case keep([LabelSelection])
}

/// Keeps lines that hold one of some texts, or none of them.
package struct LineFilter: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case contains = "|="
        case containsNot = "!="
        case matches = "|~"
        case matchesNot = "!~"
        case hasPattern = "|>"
        case hasPatternNot = "!>"

        var isNegative: Bool {
            self == .containsNot || self == .matchesNot || self == .hasPatternNot
        }
    }

    package struct Needle: Sendable, Hashable {
        package var text: String
        /// Whether the text is a range of addresses.
        package var isAddress: Bool
    }

    package var operation: Operation
    /// Joined by `or`.
    package var needles: [Needle]
}

/// A label that a parser gives, and where it finds its value.
package struct LabelExtraction: Sendable, Hashable {
    package var name: String
    package var path: String
}

/// Keeps lines whose labels fit.
package indirect enum LabelFilter: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable {
        case equal = "=="
        case notEqual = "!="
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
    }

    case and(LabelFilter, LabelFilter)
    case or(LabelFilter, LabelFilter)
    case text(LabelMatcher)
    case number(String, Comparison, Double)
    /// Nanoseconds, and the text as it stood.
    case duration(String, Comparison, Double, String)
    case bytes(String, Comparison, Double, String)
    /// A range of addresses; the flag says that others are wanted.
    case address(String, isNegative: Bool, String)
}

/// A label that is written: from another one, or from a template.
package struct LabelFormat: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case label(String)
        case template(String)
    }

    package var name: String
    package var source: Source
}

/// A label that is dropped or kept, perhaps only with some values.
package enum LabelSelection: Sendable, Hashable {
    case name(String)
    case matcher(LabelMatcher)
}

/// Which labels make a group.
package struct LabelGrouping: Sendable, Hashable {
    package var labels: [String]
    package var isWithout: Bool
}

/// Where a number of an event comes from.
package struct Unwrap: Sendable, Hashable {
    package var label: String
    package var conversion: UnwrapConversion?
    /// Conditions that are looked at after the value was read.
    package var filters: [LabelFilter] = []
}

/// What is counted or measured, over which stretch of time.
package struct RangeAggregation: Sendable, Hashable {
    package var function: RangeFunction
    /// Of `quantile_over_time`.
    package var parameter: Double?
    package var selector: LogSelector
    package var unwrap: Unwrap?
    package var rangeNanos: Int64
    package var offsetNanos: Int64 = 0
    package var grouping: LabelGrouping?
}

/// How series of two sides find each other.
package struct VectorMatching: Sendable, Hashable {
    package enum Cardinality: Sendable, Hashable {
        case oneToOne
        case manyToOne
        case oneToMany
    }

    package var cardinality = Cardinality.oneToOne
    /// Nil: all labels.
    package var labels: [String]?
    package var isOn = false
    /// Labels taken over from the side of the one.
    package var included: [String] = []
}

/// An expression that gives series of numbers.
package indirect enum MetricExpression: Sendable, Hashable {
    case range(RangeAggregation)
    case aggregation(
        VectorFunction, parameter: Int?, grouping: LabelGrouping?, MetricExpression)
    case binary(
        BinaryOperator, MetricExpression, MetricExpression, VectorMatching?, returnsBool: Bool)
    case number(Double)
    case vector(Double)
    case labelReplace(
        MetricExpression, destination: String, replacement: String, source: String, pattern: String)
}
