import PerchModel

extension LogQLParser {
    /// An expression of operators that bind at least so tightly.
    mutating func expression(minimum: Int) throws(LogQLFailure) -> ParsedExpression {
        try enter()
        defer { leave() }
        var left = try operand()
        while token.kind == .sign, let operation = BinaryOperator(rawValue: token.text),
            operation.precedence >= minimum
        {
            try count()
            advance()
            let (matching, returnsBool) = try modifiers(operation)
            // A power takes what is right of it first.
            let next = operation == .power ? operation.precedence : operation.precedence + 1
            let right = try expression(minimum: next)
            left = .metric(try Self.binary(operation, left, right, matching, returnsBool))
        }
        return left
    }

    private mutating func modifiers(
        _ operation: BinaryOperator
    ) throws(LogQLFailure) -> (VectorMatching?, Bool) {
        let returnsBool = operation.isComparison && take("bool")
        guard isSign("on") || isSign("ignoring") else { return (nil, returnsBool) }
        var matching = VectorMatching()
        matching.isOn = isSign("on")
        advance()
        matching.labels = try labelList()
        if isSign("group_left") || isSign("group_right") {
            guard !operation.isSet else { throw unexpected() }
            matching.cardinality = isSign("group_left") ? .manyToOne : .oneToMany
            advance()
            // A parenthesis may also begin the right side.
            if isSign("("), following.kind == .identifier || following.text == ")" {
                matching.included = try labelList()
            }
        }
        return (matching, returnsBool)
    }

    /// `(a, b)`, also empty.
    private mutating func labelList() throws(LogQLFailure) -> [String] {
        try expect("(")
        var labels: [String] = []
        while !isSign(")") {
            try count()
            labels.append(try identifier())
            guard take(",") else { break }
        }
        try expect(")")
        return labels
    }

    private static func binary(
        _ operation: BinaryOperator, _ left: ParsedExpression, _ right: ParsedExpression,
        _ matching: VectorMatching?, _ returnsBool: Bool
    ) throws(LogQLFailure) -> MetricExpression {
        func metric(_ side: ParsedExpression, _ name: String) throws(LogQLFailure)
            -> MetricExpression
        {
            switch side {
            case .metric(let expression): return expression
            case .lines(let selection):
                let type =
                    selection.selector.stages.isEmpty ? "MatchersExpr" : "PipelineExpr"
                throw .parse(
                    "unexpected type for \(name) leg of binary operation "
                        + "(\(operation.rawValue)): *syntax.\(type)")
            }
        }
        let left = try metric(left, "left")
        let right = try metric(right, "right")
        if operation.isSet {
            for (side, name) in [(left, "left"), (right, "right")] {
                guard case .number(let value) = side else { continue }
                throw .parse(
                    "unexpected literal for \(name) leg of logical/set binary operation "
                        + "(\(operation.rawValue)): \(LogQLNumber.fixed(value, digits: 6))")
            }
        }
        if case .number(let first) = left, case .number(let second) = right {
            return .number(SampleArithmetic.constant(operation, first, second))
        }
        return .binary(operation, left, right, matching, returnsBool: returnsBool)
    }

    // MARK: Operands

    private mutating func operand() throws(LogQLFailure) -> ParsedExpression {
        if take("(") {
            var inner = try expression(minimum: 1)
            try expect(")")
            if case .lines(var selection) = inner {
                try pipeline(of: &selection)
                inner = .lines(selection)
            }
            return inner
        }
        if isSign("{") { return .lines(try selection()) }
        if token.kind == .number {
            defer { advance() }
            return .metric(.number(token.value))
        }
        if isSign("+") || isSign("-"), following.kind == .number {
            let sign = isSign("-") ? -1.0 : 1.0
            advance()
            defer { advance() }
            return .metric(.number(sign * token.value))
        }
        guard token.kind == .sign else { throw unexpected() }
        if let function = RangeFunction(rawValue: token.text) {
            return .metric(.range(try rangeAggregation(function)))
        }
        if let function = VectorFunction(rawValue: token.text) {
            return .metric(try aggregation(function))
        }
        switch token.text {
        case "label_replace": return .metric(try labelReplace())
        case "vector":
            advance()
            try expect("(")
            guard token.kind == .number else { throw unexpected("NUMBER") }
            let value = token.value
            advance()
            try expect(")")
            return .metric(.vector(value))
        default: throw unexpected()
        }
    }

    private mutating func rangeAggregation(
        _ function: RangeFunction
    ) throws(LogQLFailure) -> RangeAggregation {
        advance()
        try expect("(")
        var parameter: Double?
        let parameterText = token.text
        if token.kind == .number {
            parameter = token.value
            advance()
            try expect(",")
        }
        guard isSign("{") || isSign("(") else { throw unexpected() }
        guard case .lines(let selection) = try operand() else { throw unexpected() }
        guard let rangeNanos = selection.rangeNanos else { throw unexpected("RANGE") }
        guard isSign(")") else { throw unexpected() }
        advance()
        let grouping = try grouping()
        if let parameter, function != .quantileOverTime {
            throw .parse(
                "parameter \(LogQLNumber.literal(parameterText) == nil ? "\(parameter)" : parameterText) "
                    + "not supported for operation \(function.rawValue)")
        }
        guard parameter != nil || function != .quantileOverTime else {
            throw .parse("parameter required for operation \(function.rawValue)")
        }
        guard selection.unwrap != nil || !function.needsUnwrap else {
            throw .parse("invalid aggregation \(function.rawValue) without unwrap")
        }
        guard selection.unwrap == nil || function.takesUnwrap else {
            throw .parse("invalid aggregation \(function.rawValue) with unwrap")
        }
        guard grouping == nil || function.takesGrouping else {
            throw .parse("grouping not allowed for \(function.rawValue) aggregation")
        }
        return RangeAggregation(
            function: function, parameter: parameter, selector: selection.selector,
            unwrap: selection.unwrap, rangeNanos: rangeNanos, offsetNanos: selection.offsetNanos,
            grouping: grouping)
    }

    private mutating func grouping() throws(LogQLFailure) -> LabelGrouping? {
        guard isSign("by") || isSign("without") else { return nil }
        let isWithout = isSign("without")
        advance()
        return LabelGrouping(labels: try labelList(), isWithout: isWithout)
    }

    private mutating func aggregation(
        _ function: VectorFunction
    ) throws(LogQLFailure) -> MetricExpression {
        advance()
        var grouping = try grouping()
        try expect("(")
        var parameter: Double?
        let parameterText = token.text
        if token.kind == .number, following.kind == .sign, following.text == "," {
            parameter = token.value
            advance()
            advance()
        }
        if token.kind == .identifier { throw unexpected() }
        let inner = try expression(minimum: 1)
        guard case .metric(let argument) = inner, isSign(")") else { throw unexpected() }
        advance()
        if grouping == nil { grouping = try self.grouping() }
        guard function.takesParameter else {
            guard parameter == nil else {
                throw .parse(
                    "unsupported parameter for operation \(function.rawValue)(\(parameterText),")
            }
            if function == .sort || function == .sortDescending, grouping != nil {
                throw .parse("grouping not allowed for \(function.rawValue) aggregation")
            }
            return .aggregation(function, parameter: nil, grouping: grouping, argument)
        }
        guard let parameter else {
            throw .parse("parameter required for operation \(function.rawValue)")
        }
        guard let count = Int(exactly: parameter), count > 0 else {
            throw .parse(
                "invalid parameter (must be greater than 0) \(function.rawValue)(\(parameterText)")
        }
        guard grouping == nil || function != .approximateTopK else {
            throw .parse("grouping not allowed for approx_topk aggregation")
        }
        return .aggregation(function, parameter: count, grouping: grouping, argument)
    }

    private mutating func labelReplace() throws(LogQLFailure) -> MetricExpression {
        advance()
        try expect("(")
        guard case .metric(let argument) = try expression(minimum: 1) else { throw unexpected() }
        var texts: [String] = []
        for _ in 0..<4 {
            try expect(",")
            texts.append(try string())
        }
        try expect(")")
        return .labelReplace(
            argument, destination: texts[0], replacement: texts[1], source: texts[2],
            pattern: try checked(texts[3]))
    }
}
