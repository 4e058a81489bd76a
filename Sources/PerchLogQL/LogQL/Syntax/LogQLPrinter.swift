import PerchModel

/// Writes a query in one way for all ways to write it, as Loki's formatter does.
extension LogQLExpression {
    /// One line, or several where that would be long.
    package var formatted: String {
        switch self {
        case .lines(let selector):
            let line = selector.text
            guard line.utf8.count > LogQLPrinter.widthMax else { return line }
            return ([selector.matchersText] + selector.stages.map { "  " + $0.text })
                .joined(separator: "\n")
        case .metric(let expression): return LogQLPrinter.pretty(expression, level: 0)
        }
    }

    /// One line.
    package var text: String {
        switch self {
        case .lines(let selector): selector.text
        case .metric(let expression): expression.text
        }
    }
}

enum LogQLPrinter {
    static let widthMax = 100

    /// Indented where one line would be long.
    static func pretty(_ expression: MetricExpression, level: Int) -> String {
        let pad = String(repeating: "  ", count: level)
        let line = pad + expression.text
        guard line.utf8.count > widthMax, level < 50 else { return line }
        switch expression {
        case .range, .number, .vector: return line
        case .aggregation(let function, let parameter, let grouping, let inner):
            let head = function.rawValue + (grouping.map { " " + $0.text + " " } ?? "") + "("
            let first = parameter.map { pad + "  \($0),\n" } ?? ""
            return pad + head + "\n" + first + pretty(inner, level: level + 1) + "\n" + pad + ")"
        case .binary(let operation, let left, let right, let matching, let returnsBool):
            let middle = operation.text(matching, returnsBool)
            return pretty(left.parenthesized(in: operation, isRight: false), level, left, operation)
                + "\n" + pad + middle + "\n"
                + pretty(right.parenthesized(in: operation, isRight: true), level, right, operation)
        case .labelReplace(let inner, let destination, let replacement, let source, let pattern):
            let tail = [destination, replacement, source, pattern].map {
                pad + "  " + LogQLText.quote($0)
            }.joined(separator: ",\n")
            return pad + "label_replace(\n" + pretty(inner, level: level + 1) + ",\n" + tail + "\n"
                + pad + ")"
        }
    }

    private static func pretty(
        _ needsParentheses: Bool, _ level: Int, _ side: MetricExpression,
        _ operation: BinaryOperator
    ) -> String {
        let pad = String(repeating: "  ", count: level + 1)
        guard needsParentheses else { return pretty(side, level: level + 1) }
        return pad + "(\n" + pretty(side, level: level + 2) + "\n" + pad + ")"
    }
}

extension LogSelector {
    var matchersText: String {
        "{" + matchers.map(\.logQLText).joined(separator: ", ") + "}"
    }

    var text: String {
        ([matchersText] + stages.map(\.text)).joined(separator: " ")
    }
}

extension LabelMatcher {
    var logQLText: String { name + operation.rawValue + LogQLText.quote(value) }
}

extension PipelineStage {
    var text: String {
        switch self {
        case .lineFilter(let filter):
            let needles = filter.needles.map {
                $0.isAddress ? "ip(\(LogQLText.quote($0.text)))" : LogQLText.quote($0.text)
            }
            return filter.operation.rawValue + " " + needles.joined(separator: " or ")
        case .json(let extractions): return "| json" + Self.text(extractions)
        case .logfmt(let isStrict, let keepsEmpty, let extractions):
            return "| logfmt" + (isStrict ? " --strict" : "") + (keepsEmpty ? " --keep-empty" : "")
                + Self.text(extractions)
        case .pattern(let text): return "| pattern " + LogQLText.quote(text)
        case .regexp(let text): return "| regexp " + LogQLText.quote(text)
        case .unpack: return "| unpack"
        case .labelFilter(let filter): return "| " + filter.text
        case .lineFormat(let text): return "| line_format " + LogQLText.quote(text)
        case .labelFormat(let formats):
            return "| label_format "
                + formats.map { format in
                    switch format.source {
                    case .label(let name): "\(format.name)=\(name)"
                    case .template(let text): "\(format.name)=\(LogQLText.quote(text))"
                    }
                }.joined(separator: ",")
        case .decolorize: return "| decolorize"
        case .drop(let selections): return "| drop " + Self.text(selections)
        case .keep(let selections): return "| keep " + Self.text(selections)
        }
    }

    private static func text(_ extractions: [LabelExtraction]) -> String {
        guard !extractions.isEmpty else { return "" }
        return " "
            + extractions.map { "\($0.name)=\(LogQLText.quote($0.path))" }.joined(separator: ",")
    }

    private static func text(_ selections: [LabelSelection]) -> String {
        selections.map {
            switch $0 {
            case .name(let name): name
            case .matcher(let matcher): matcher.logQLText
            }
        }.joined(separator: ",")
    }
}

extension LabelFilter {
    var text: String {
        switch self {
        case .and(let left, let right): "( \(left.text) and \(right.text) )"
        case .or(let left, let right): "( \(left.text) or \(right.text) )"
        case .text(let matcher): matcher.logQLText
        case .number(let name, let comparison, let value):
            name + comparison.sign + LogQLNumber.plain(value)
        case .duration(let name, let comparison, _, let text),
            .bytes(let name, let comparison, _, let text):
            name + comparison.sign + text
        case .address(let name, let isNegative, let pattern):
            name + (isNegative ? "!=" : "=") + "ip(\(LogQLText.quote(pattern)))"
        }
    }
}

extension LabelFilter.Comparison {
    fileprivate var sign: String { self == .equal ? "=" : rawValue }
}

extension LabelGrouping {
    var text: String {
        (isWithout ? "without" : "by") + " (" + labels.joined(separator: ", ") + ")"
    }
}

extension RangeAggregation {
    var text: String {
        var inner = selector.text
        if let unwrap {
            let label = unwrap.conversion.map { "\($0.rawValue)(\(unwrap.label))" } ?? unwrap.label
            inner += " | unwrap " + label
            for filter in unwrap.filters { inner += " | " + filter.text }
        }
        inner += " [" + LogQLNumber.shortDuration(Double(rangeNanos)) + "]"
        if offsetNanos != 0 {
            inner += " offset " + LogQLNumber.shortDuration(Double(offsetNanos))
        }
        let first = parameter.map { LogQLNumber.plain($0) + ", " } ?? ""
        return function.rawValue + "(" + first + inner + ")"
            + (grouping.map { " " + $0.text } ?? "")
    }
}

extension BinaryOperator {
    fileprivate func text(_ matching: VectorMatching?, _ returnsBool: Bool) -> String {
        var text = rawValue + (returnsBool ? " bool" : "")
        if let matching, let labels = matching.labels {
            text += (matching.isOn ? " on (" : " ignoring (") + labels.joined(separator: ", ") + ")"
            switch matching.cardinality {
            case .oneToOne: break
            case .manyToOne:
                text += " group_left (" + matching.included.joined(separator: ", ") + ")"
            case .oneToMany:
                text += " group_right (" + matching.included.joined(separator: ", ") + ")"
            }
        }
        return text
    }
}

extension MetricExpression {
    var text: String {
        switch self {
        case .range(let aggregation): return aggregation.text
        case .aggregation(let function, let parameter, let grouping, let inner):
            return function.rawValue + (grouping.map { " " + $0.text + " " } ?? "") + "("
                + (parameter.map { "\($0), " } ?? "") + inner.text + ")"
        case .binary(let operation, let left, let right, let matching, let returnsBool):
            func side(_ side: MetricExpression, isRight: Bool) -> String {
                side.parenthesized(in: operation, isRight: isRight) ? "(\(side.text))" : side.text
            }
            return side(left, isRight: false) + " " + operation.text(matching, returnsBool) + " "
                + side(right, isRight: true)
        case .number(let value): return LogQLNumber.plain(value)
        case .vector(let value): return "vector(\(LogQLNumber.plain(value)))"
        case .labelReplace(let inner, let destination, let replacement, let source, let pattern):
            let texts = [destination, replacement, source, pattern].map { LogQLText.quote($0) }
            return "label_replace(" + ([inner.text] + texts).joined(separator: ", ") + ")"
        }
    }

    /// Whether it needs parentheses as a side of an operation.
    fileprivate func parenthesized(in operation: BinaryOperator, isRight: Bool) -> Bool {
        guard case .binary(let inner, _, _, _, _) = self else { return false }
        if inner.precedence != operation.precedence {
            return inner.precedence < operation.precedence
        }
        return isRight != (operation == .power)
    }
}
