package import PerchModel

/// A query as a tree; each part knows its place in the text.
package indirect enum QueryExpression: Sendable, Hashable {
    case number(NumberLiteral)
    case string(StringLiteral)
    case vector(VectorSelector)
    case matrix(MatrixSelector)
    case subquery(Subquery)
    case unary(UnaryExpression)
    case binary(BinaryExpression)
    case aggregate(Aggregation)
    case call(FunctionCall)
    case parenthesized(Parenthesized)

    package var range: SourceRange {
        switch self {
        case .number(let node): node.range
        case .string(let node): node.range
        case .vector(let node): node.range
        case .matrix(let node): node.range
        case .subquery(let node): node.range
        case .unary(let node): node.range
        case .binary(let node): .spanning(node.left.range, node.right.range)
        case .aggregate(let node): node.range
        case .call(let node): node.range
        case .parenthesized(let node): node.range
        }
    }

    package var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .vector, .aggregate: .vector
        case .matrix, .subquery: .matrix
        case .unary(let node): node.operand.type
        case .binary(let node):
            node.left.type == .scalar && node.right.type == .scalar ? .scalar : .vector
        case .call(let node): node.function.signature.result
        case .parenthesized(let node): node.content.type
        }
    }

    /// The expression within any parentheses.
    var unwrapped: QueryExpression {
        var current = self
        while case .parenthesized(let node) = current { current = node.content }
        return current
    }
}

/// A number, or a duration, which is its seconds.
package struct NumberLiteral: Sendable, Hashable {
    package var value: Double
    package var isDuration = false
    package var range: SourceRange
}

/// A string; its bytes may be no UTF-8, since escapes can name any byte.
package struct StringLiteral: Sendable, Hashable {
    package var bytes: [UInt8]
    package var range: SourceRange

    package var value: String { String(decoding: bytes, as: UTF8.self) }
}

/// The time of an `@`.
package enum FixedTime: Sendable, Hashable {
    case millis(Int64)
    case start
    case end
}

/// A number of milliseconds, or an expression of it that depends on the query's range and step.
package struct TimeSpan: Sendable, Hashable {
    package var millis: Int64
    package var expression: DurationExpression?

    package init(millis: Int64, expression: DurationExpression? = nil) {
        self.millis = millis
        self.expression = expression
    }

    var isZero: Bool { millis == 0 && expression == nil }
}

/// `name{label="value"} @ time offset duration`.
package struct VectorSelector: Sendable, Hashable {
    /// What a range does at its ends.
    package enum Boundary: String, Sendable, Hashable {
        case plain
        /// The last sample before the range counts as its start.
        case anchored
        /// Values at both ends are interpolated.
        case smoothed
    }

    /// The name before the braces, or an empty string.
    package var name: String
    /// All conditions, the name's as the last one if it stands before the braces.
    package var matchers: [LabelMatcher]
    package var offset = TimeSpan(millis: 0)
    package var at: FixedTime?
    package var boundary = Boundary.plain
    package var range: SourceRange
    /// Whether only the sum and the count of histograms are needed; set before evaluation.
    var needsOnlyTotals = false
}

/// `selector[range]`.
package struct MatrixSelector: Sendable, Hashable {
    package var selector: VectorSelector
    package var duration: TimeSpan
    package var end: Int

    package var range: SourceRange { SourceRange(start: selector.range.start, end: end) }
}

/// `expression[range:step]`.
package struct Subquery: Sendable, Hashable {
    package var content: QueryExpression
    package var duration: TimeSpan
    /// Zero for the default.
    package var step: TimeSpan
    package var offset = TimeSpan(millis: 0)
    package var at: FixedTime?
    package var end: Int

    package var range: SourceRange { SourceRange(start: content.range.start, end: end) }
}

/// `-operand` or `+operand`.
package struct UnaryExpression: Sendable, Hashable {
    package var isNegative: Bool
    package var operand: QueryExpression
    package var start: Int

    package var range: SourceRange { SourceRange(start: start, end: operand.range.end) }
}

/// How the series of two vectors find each other.
package struct VectorMatching: Sendable, Hashable {
    package enum Cardinality: String, Sendable, Hashable {
        case oneToOne = "one-to-one"
        case manyToOne = "many-to-one"
        case oneToMany = "one-to-many"
        case manyToMany = "many-to-many"
    }

    package var cardinality = Cardinality.oneToOne
    /// The labels of `on` or `ignoring`.
    package var labels: [String] = []
    package var isOn = false
    /// The labels that `group_left` or `group_right` takes over.
    package var included: [String] = []
    /// What stands in for a series that is missing on the left.
    package var fillLeft: Double?
    /// What stands in for a series that is missing on the right.
    package var fillRight: Double?
}

/// `left operation right`.
package struct BinaryExpression: Sendable, Hashable {
    package var operation: BinaryOperator
    package var left: QueryExpression
    package var right: QueryExpression
    package var returnsBool = false
    /// Nil unless both sides are vectors.
    package var matching: VectorMatching?
}

/// `sum by (label) (expression)`.
package struct Aggregation: Sendable, Hashable {
    package var operation: AggregateOperator
    package var content: QueryExpression
    package var parameter: QueryExpression?
    package var labels: [String]
    package var isWithout: Bool
    package var range: SourceRange
}

/// `name(arguments)`.
package struct FunctionCall: Sendable, Hashable {
    package var function: Function
    package var arguments: [QueryExpression]
    package var range: SourceRange
}

/// `(content)`.
package struct Parenthesized: Sendable, Hashable {
    package var content: QueryExpression
    package var range: SourceRange
}
