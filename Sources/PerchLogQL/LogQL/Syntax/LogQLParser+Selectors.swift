import PerchModel
import PerchRegex

extension LogQLParser {
    /// `{…}`.
    mutating func matchers() throws(LogQLFailure) -> [LabelMatcher] {
        try expect("{")
        var matchers: [LabelMatcher] = []
        while !isSign("}") {
            try count()
            matchers.append(try matcher())
            guard take(",") else { break }
        }
        try expect("}", or: ",")
        return matchers
    }

    private mutating func matcher() throws(LogQLFailure) -> LabelMatcher {
        guard token.kind == .identifier else { throw unexpected("IDENTIFIER or }") }
        let name = try identifier()
        guard token.kind == .sign,
            let operation = LabelMatcher.Operation(rawValue: token.text)
        else { throw unexpected("= or != or =~ or !~") }
        advance()
        let value = try string()
        if operation == .matches || operation == .notMatches { _ = try checked(value) }
        return LabelMatcher(name, operation, value)
    }

    /// A selector with its pipeline, ranges and values, as far as they go.
    mutating func selection() throws(LogQLFailure) -> ParsedExpression.Selection {
        var selection = ParsedExpression.Selection(LogSelector(matchers: try matchers()))
        try pipeline(of: &selection)
        return selection
    }

    /// Stages, a range, an offset and `unwrap`, in any order that Loki takes.
    mutating func pipeline(
        of selection: inout ParsedExpression.Selection
    ) throws(LogQLFailure) {
        while true {
            if token.kind == .range {
                guard selection.rangeNanos == nil else { throw unexpected() }
                selection.rangeNanos = Int64(token.value)
                selection.rangeToken = token
                advance()
                if take("offset") { selection.offsetNanos = try duration() }
                continue
            }
            guard token.kind == .sign else { return }
            if let operation = LineFilter.Operation(rawValue: token.text) {
                // A comparison with an expression, not a filter of lines.
                if token.text == "!=", !isLineFilterNext { return }
                guard selection.unwrap == nil else { throw unexpected() }
                try count()
                advance()
                selection.selector.stages.append(.lineFilter(try lineFilter(operation)))
                continue
            }
            guard take("|") else { return }
            try count()
            try stage(of: &selection)
        }
    }

    private var isLineFilterNext: Bool {
        following.kind == .string || following.kind == .sign && following.text == "ip"
    }

    private mutating func duration() throws(LogQLFailure) -> Int64 {
        let isNegative = take("-")
        let isZero = token.kind == .number && token.value == 0
        guard token.kind == .duration || isZero else { throw unexpected("DURATION") }
        defer { advance() }
        return Int64(isNegative ? -token.value : token.value)
    }

    private mutating func lineFilter(
        _ operation: LineFilter.Operation
    ) throws(LogQLFailure) -> LineFilter {
        var needles = [try needle(operation)]
        while isSign("or"), following.kind == .string || following.text == "ip" {
            try count()
            advance()
            needles.append(try needle(operation))
        }
        return LineFilter(operation: operation, needles: needles)
    }

    private mutating func needle(
        _ operation: LineFilter.Operation
    ) throws(LogQLFailure) -> LineFilter.Needle {
        if isSign("ip") {
            guard operation == .contains || operation == .containsNot else {
                throw unexpected("STRING")
            }
            return LineFilter.Needle(text: try address(), isAddress: true)
        }
        guard token.kind == .string else { throw unexpected("STRING or ip") }
        let text = try string()
        switch operation {
        case .hasPattern, .hasPatternNot: _ = try LinePattern(text, isFilter: true)
        // A pattern of a filter is compiled when the query runs, as Loki does.
        case .contains, .containsNot, .matches, .matchesNot: break
        }
        return LineFilter.Needle(text: text, isAddress: false)
    }

    /// `ip("…")`.
    mutating func address() throws(LogQLFailure) -> String {
        try expect("ip")
        try expect("(")
        let text = try string()
        guard AddressPattern(text) != nil else {
            throw .parse("ip: invalid pattern \(LogQLText.quote(text))")
        }
        try expect(")")
        return text
    }

    // MARK: Stages

    private mutating func stage(
        of selection: inout ParsedExpression.Selection
    ) throws(LogQLFailure) {
        guard selection.unwrap == nil else {
            // Only conditions may follow a value.
            selection.unwrap?.filters.append(try labelFilter())
            return
        }
        if take("unwrap") {
            selection.unwrap = try unwrap()
            return
        }
        selection.selector.stages.append(try stage())
    }

    private mutating func unwrap() throws(LogQLFailure) -> Unwrap {
        if token.kind == .sign, let conversion = UnwrapConversion(rawValue: token.text) {
            advance()
            try expect("(")
            let label = try identifier()
            try expect(")")
            return Unwrap(label: label, conversion: conversion)
        }
        return Unwrap(label: try identifier(), conversion: nil)
    }

    private mutating func stage() throws(LogQLFailure) -> PipelineStage {
        guard token.kind == .sign else { return .labelFilter(try labelFilter()) }
        switch token.text {
        case "json":
            advance()
            let extractions = try extractions()
            for extraction in extractions where JSONPath(extraction.path) == nil {
                throw .parse("cannot parse expression \(LogQLText.quote(extraction.path))")
            }
            return .json(extractions)
        case "logfmt":
            advance()
            var flags: Set<String> = []
            while token.kind == .flag {
                flags.insert(token.text)
                advance()
            }
            return .logfmt(
                isStrict: flags.contains("--strict"), keepsEmpty: flags.contains("--keep-empty"),
                try extractions())
        case "pattern":
            advance()
            let text = try string()
            _ = try LinePattern(text, isFilter: false)
            return .pattern(text)
        case "regexp": return try regexpStage()
        case "unpack":
            advance()
            return .unpack
        case "decolorize":
            advance()
            return .decolorize
        case "line_format":
            advance()
            let text = try string()
            _ = try Template(text)
            return .lineFormat(text)
        case "label_format":
            advance()
            return .labelFormat(try labelFormats())
        case "drop":
            advance()
            return .drop(try labelSelections())
        case "keep":
            advance()
            return .keep(try labelSelections())
        default: return .labelFilter(try labelFilter())
        }
    }

    private mutating func regexpStage() throws(LogQLFailure) -> PipelineStage {
        advance()
        let text = try checked(try string())
        let names = (try? Regex(text))?.groupNames.compactMap { $0 } ?? []
        guard !names.isEmpty else { throw .parse("at least one named capture must be supplied") }
        guard Set(names).count == names.count else {
            throw .parse("duplicate extracted label name in \(LogQLText.quote(text))")
        }
        return .regexp(text)
    }

    /// `a, b="path"`, or nothing.
    private mutating func extractions() throws(LogQLFailure) -> [LabelExtraction] {
        var result: [LabelExtraction] = []
        guard token.kind == .identifier else { return [] }
        repeat {
            try count()
            let name = try identifier()
            let path = take("=") ? try string() : name
            result.append(LabelExtraction(name: name, path: path))
        } while take(",")
        return result
    }

    private mutating func labelFormats() throws(LogQLFailure) -> [LabelFormat] {
        var result: [LabelFormat] = []
        var seen: Set<String> = []
        repeat {
            try count()
            let name = try identifier()
            guard seen.insert(name).inserted else {
                throw .parse(
                    "multiple label name '\(name)' not allowed in a single format operation")
            }
            try expect("=")
            if token.kind == .string {
                let text = try string()
                _ = try Template(text)
                result.append(LabelFormat(name: name, source: .template(text)))
            } else {
                guard token.kind == .identifier else { throw unexpected("IDENTIFIER or STRING") }
                result.append(LabelFormat(name: name, source: .label(try identifier())))
            }
        } while take(",")
        return result
    }

    private mutating func labelSelections() throws(LogQLFailure) -> [LabelSelection] {
        var result: [LabelSelection] = []
        repeat {
            try count()
            if following.kind == .sign,
                LabelMatcher.Operation(rawValue: following.text) != nil
            {
                result.append(.matcher(try matcher()))
            } else {
                result.append(.name(try identifier()))
            }
        } while take(",")
        return result
    }
}
