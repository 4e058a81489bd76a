import PerchModel

/// Queries as text in Prometheus' normal form.
extension QueryExpression {
    package var text: String {
        switch self {
        case .number(let node): node.text
        case .string(let node): GoText.quote(bytes: node.bytes)
        case .vector(let node): node.text
        case .matrix(let node): node.text
        case .subquery(let node): node.content.text + node.suffix
        case .unary(let node): (node.isNegative ? "-" : "+") + node.operand.text
        case .binary(let node): "\(node.left.text) \(node.operatorText) \(node.right.text)"
        case .aggregate(let node):
            "\(node.head)(" + (node.parameter.map { $0.text + ", " } ?? "")
                + "\(node.content.text))"
        case .call(let node):
            "\(node.function.rawValue)("
                + node.arguments.map(\.text).joined(separator: ", ") + ")"
        case .parenthesized(let node): "(\(node.content.text))"
        }
    }
}

extension NumberLiteral {
    var text: String {
        guard isDuration else { return NumberText.plain(value) }
        let millis = Int64((value.magnitude * 1_000).rounded(.towardZero))
        return (value < 0 ? "-" : "") + DurationText.text(millis: millis)
    }
}

extension FixedTime {
    fileprivate var suffix: String {
        switch self {
        case .millis(let millis): " @ " + NumberText.fixed(Double(millis) / 1_000, digits: 3)
        case .start: " @ start()"
        case .end: " @ end()"
        }
    }
}

extension TimeSpan {
    fileprivate var text: String {
        if let expression { return expression.text }
        return (millis < 0 ? "-" : "")
            + DurationText.text(millis: Int64(clamping: millis.magnitude))
    }

    fileprivate var offsetSuffix: String { isZero ? "" : " offset \(text)" }
}

extension DurationExpression {
    var text: String {
        switch self {
        case .number(let node): node.text
        case .step: "step()"
        case .range: "range()"
        case .negated(let operand, _): "-\(operand.text)"
        case .parenthesized(let content, _): "(\(content.text))"
        case .binary(let operation, let left, let right, _):
            switch operation {
            case .minimum, .maximum: "\(operation.rawValue)(\(left.text), \(right.text))"
            default: "\(left.text) \(operation.rawValue) \(right.text)"
            }
        }
    }
}

extension LabelMatcher {
    /// `name="value"`, the name in quotes where it must be.
    package var text: String {
        LabelText.name(name) + operation.rawValue + GoText.quote(value)
    }
}

extension VectorSelector {
    var text: String {
        selection + (at?.suffix ?? "") + boundarySuffix + offset.offsetSuffix
    }

    /// The name and the conditions.
    fileprivate var selection: String {
        let shown = matchers.filter {
            !($0.name == "__name__" && $0.operation == .equal && $0.value == name
                && !name.isEmpty)
        }
        guard !shown.isEmpty else { return name }
        return name + "{" + shown.map(\.text).sorted().joined(separator: ",") + "}"
    }

    fileprivate var boundarySuffix: String { boundary == .plain ? "" : " \(boundary.rawValue)" }
}

extension MatrixSelector {
    var text: String {
        "\(selector.selection)[\(duration.text)]\(selector.boundarySuffix)"
            + (selector.at?.suffix ?? "") + selector.offset.offsetSuffix
    }
}

extension Subquery {
    /// What stands behind the expression.
    var suffix: String {
        "[\(duration.text):\(step.isZero ? "" : step.text)]" + (at?.suffix ?? "")
            + offset.offsetSuffix
    }
}

extension Aggregation {
    /// What stands before the parenthesis.
    var head: String {
        let list = labels.map(LabelText.name).joined(separator: ", ")
        if isWithout { return "\(operation.rawValue) without (\(list)) " }
        return labels.isEmpty ? operation.rawValue : "\(operation.rawValue) by (\(list)) "
    }
}

extension BinaryExpression {
    /// The operator with everything that belongs to it.
    var operatorText: String {
        var text = operation.rawValue + (returnsBool ? " bool" : "")
        guard let matching else { return text }
        let isGrouped =
            matching.cardinality == .manyToOne || matching.cardinality == .oneToMany
        if !matching.labels.isEmpty || matching.isOn || isGrouped {
            let list = matching.labels.map(LabelText.name).joined(separator: ", ")
            text += " \(matching.isOn ? "on" : "ignoring") (\(list))"
        }
        if isGrouped {
            let list = matching.included.map(LabelText.name).joined(separator: ", ")
            text +=
                " group_\(matching.cardinality == .manyToOne ? "left" : "right") (\(list))"
        }
        if let left = matching.fillLeft, left == matching.fillRight {
            return text + " fill (\(NumberText.general(left)))"
        }
        if let left = matching.fillLeft { text += " fill_left (\(NumberText.general(left)))" }
        if let right = matching.fillRight { text += " fill_right (\(NumberText.general(right)))" }
        return text
    }
}
