import PerchModel

/// Columns calculated of others.
extension Transformer {
    func calculateField(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let mode = options.at("mode")?.scalarText ?? "reduceRow"
        var results: [Frame] = []
        // A sum over series needs them beside each other.
        let needsJoin =
            mode != "index" && frames.count > 1
            && frames.allSatisfy { $0.timeField != nil && $0.fields.count == 2 }
        let joined = needsJoin ? try joinByField(frames, .object([])) : frames
        for frame in joined {
            guard let field = try calculated(frame, mode, options, joined) else {
                results.append(frame)
                continue
            }
            var result = frame
            if options.at("replaceFields").isTrue {
                result.fields = frame.fields.filter { $0.kind == .time } + [field]
            } else {
                result.fields.append(field)
            }
            results.append(result)
        }
        return results
    }

    private func calculated(
        _ frame: Frame, _ mode: String, _ options: JSONValue, _ frames: [Frame]
    ) throws(Refusal) -> Field? {
        let alias = options.at("alias")?.nonEmptyText
        switch mode {
        case "binary": return try binary(frame, options.at("binary"), alias, frames)
        case "unary":
            guard let source = field(options.at("unary", "fieldName")?.scalarText, in: frame)
            else { return nil }
            let name = options.at("unary", "operator")?.scalarText ?? "abs"
            guard let values = Self.unary(name, source.column.doubles) else {
                throw Refusal(reason: "its operator “\(name)” is not known")
            }
            return Field(alias ?? "\(name) \(source.name)", .numbers(values))
        case "index":
            let count = Double(max(frame.rowCount, 1))
            let asShare = options.at("index", "asPercentile").isTrue
            return Field(
                alias ?? "Row",
                .numbers((0..<frame.rowCount).map { asShare ? Double($0) / count : Double($0) }))
        case "cumulativeFunctions":
            let json = options.at("cumulative")
            guard let source = field(json?.at("field")?.scalarText, in: frame) else { return nil }
            return Field(
                alias ?? "cumulative \(source.name)",
                .numbers(
                    Self.cumulative(
                        source.column.doubles,
                        isMean: json?.at("reducer")?.scalarText == "mean")))
        case "windowFunctions":
            let json = options.at("window")
            guard let source = field(json?.at("field")?.scalarText, in: frame) else { return nil }
            return Field(
                alias ?? "window \(source.name)",
                .numbers(Self.window(source.column.doubles, json)))
        case "reduceRow": return reducedRow(frame, options, alias, frames)
        default: throw Refusal(reason: "its mode “\(mode)” is not known")
        }
    }

    private func reducedRow(
        _ frame: Frame, _ options: JSONValue, _ alias: String?, _ frames: [Frame]
    ) -> Field? {
        let json = options.at("reduce")
        let reducer = json?.at("reducer")?.scalarText ?? "sum"
        let wanted = Set(json?.at("include").texts ?? [])
        let columns = frame.fields.filter { field in
            field.kind == .number
                && (wanted.isEmpty || wanted.contains(name(field, frame, frames))
                    || wanted.contains(field.name))
        }.map(\.column.doubles)
        guard !columns.isEmpty else { return nil }
        let values = (0..<frame.rowCount).map { row in
            Reducer.value(reducer, of: columns.map { $0[row] }) ?? .nan
        }
        return Field(alias ?? Reducer.name(reducer) ?? reducer, .numbers(values))
    }

    private func binary(
        _ frame: Frame, _ json: JSONValue?, _ alias: String?, _ frames: [Frame]
    ) throws(Refusal) -> Field? {
        let sign = json?.at("operator")?.scalarText ?? "+"
        guard ["+", "-", "*", "/", "%", "^", "**"].contains(sign) else {
            throw Refusal(reason: "its operator “\(sign)” is not known")
        }
        guard let left = operand(json?.at("left"), frame, frames),
            let right = operand(json?.at("right"), frame, frames)
        else { return nil }
        let values = zip(left.values, right.values).map { Self.result($0, sign, $1) }
        return Field(alias ?? "\(left.name) \(sign) \(right.name)", .numbers(values))
    }

    /// A column, or a number for every row.
    private func operand(
        _ json: JSONValue?, _ frame: Frame, _ frames: [Frame]
    ) -> (name: String, values: [Double])? {
        let interpolator = Interpolator(scope: scope, policy: .text)
        let name =
            json?.at("matcher", "options")?.scalarText ?? json?.at("fixed")?.scalarText
            ?? json?.scalarText ?? ""
        let put = interpolator.text(name)
        if let number = Double(put) {
            return (put, Array(repeating: number, count: frame.rowCount))
        }
        let matcher = json.flatMap { FieldMatcher($0.at("matcher"))?.prepared() }
        let found = frame.fields.first { field in
            isNamed(put, field, frame)
                || matcher?.fits(field, name: self.name(field, frame, frames), in: frame) ?? false
        }
        return found.map { (self.name($0, frame, frames), $0.column.doubles) }
    }

    private static func result(_ left: Double, _ sign: String, _ right: Double) -> Double {
        switch sign {
        case "+": left + right
        case "-": left - right
        case "*": left * right
        case "/": right == 0 ? .nan : left / right
        case "%": right == 0 ? .nan : left.truncatingRemainder(dividingBy: right)
        default: power(left, right)
        }
    }

    /// Whole powers, and square roots; others give nothing.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0.5 { return base.squareRoot() }
        guard exponent == exponent.rounded(), exponent.magnitude <= 400 else { return .nan }
        return NumberText.power(base, Int(exponent))
    }

    private static func unary(_ name: String, _ values: [Double]) -> [Double]? {
        switch name {
        case "abs": values.map(\.magnitude)
        case "ceil": values.map { $0.rounded(.up) }
        case "floor": values.map { $0.rounded(.down) }
        case "round": values.map { $0.rounded() }
        case "sign": values.map { $0.isNaN ? .nan : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        case "negate": values.map { -$0 }
        case "sqrt": values.map { $0.squareRoot() }
        default: nil
        }
    }

    private static func cumulative(_ values: [Double], isMean: Bool) -> [Double] {
        var sum = 0.0
        var count = 0.0
        return values.map { value in
            if !value.isNaN {
                sum += value
                count += 1
            }
            return isMean ? (count > 0 ? sum / count : .nan) : sum
        }
    }

    /// Means, variances and deviations of neighbours, before a row or around it.
    private static func window(_ values: [Double], _ json: JSONValue?) -> [Double] {
        let wanted = json?.at("windowSize")?.double ?? 0.1
        let isShare = json?.at("windowSizeMode")?.scalarText != "fixed"
        let raw = isShare ? wanted * Double(values.count) : wanted
        let size = Int(min(max(raw.rounded(.up), 1), 1_000))
        let isCentred = json?.at("windowAlignment")?.scalarText == "centered"
        let reducer = json?.at("reducer")?.scalarText ?? "mean"
        func rows(_ row: Int) -> ClosedRange<Int> {
            let from = isCentred ? row - size / 2 : row - size + 1
            return max(from, 0)...min(max(from + size - 1, row), values.count - 1)
        }
        if reducer == "mean", values.allSatisfy({ $0.isFinite || $0.isNaN }) {
            return means(values, rows)
        }
        return values.indices.map { row in
            Reducer.value(reducer, of: Array(values[rows(row)])) ?? .nan
        }
    }

    /// Means of windows whose ends only move forward, in linear time.
    ///
    /// A sum is that of the rows before a turn, which is at hand for each row where a window may
    /// begin, and that of the rows since. Nothing is ever taken off, so no digit of a small value is
    /// lost to a large one that has left.
    private static func means(
        _ values: [Double], _ rows: (Int) -> ClosedRange<Int>
    ) -> [Double] {
        var (to, turn) = (0, 0)
        var heads = Array(repeating: (sum: 0.0, count: 0), count: values.count)
        var tail = (sum: 0.0, count: 0)
        func add(_ value: Double, to part: inout (sum: Double, count: Int)) {
            if !value.isNaN { part = (part.sum + value, part.count + 1) }
        }
        return values.indices.map { row in
            let wanted = rows(row)
            while to <= wanted.upperBound {
                add(values[to], to: &tail)
                to += 1
            }
            if wanted.lowerBound >= turn {
                tail = (0, 0)
                for row in (wanted.lowerBound..<to).reversed() {
                    add(values[row], to: &tail)
                    heads[row] = tail
                }
                (turn, tail) = (to, (0, 0))
            }
            let head = heads[wanted.lowerBound]
            let count = head.count + tail.count
            return count > 0 ? (head.sum + tail.sum) / Double(count) : .nan
        }
    }
}
