import PerchModel
import PerchRegex

/// Reads scripts in Prometheus' `.test` format.
struct ScriptParser {
    private let lines: [String]
    private var index = 0

    /// A line that cannot be read.
    struct Failure: Error {
        var line: Int
        var message: String
    }

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = Self.trimmed(line)
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank = { (byte: UInt8) in byte.isBlank }
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// The next command, or nil at the end.
    mutating func next() throws(Failure) -> ScriptCommand? {
        while index < lines.count, lines[index].isEmpty { index += 1 }
        guard index < lines.count else { return nil }
        let line = lines[index]
        let word = line.prefix { $0 != " " && $0 != "\t" }.lowercased()
        do throws(ScriptMistake) {
            if word == "clear" {
                index += 1
                return .clear
            }
            if word.hasPrefix("load") { return .load(try load(line)) }
            if word.hasPrefix("eval") { return .evaluate(try evaluation(line)) }
            throw ScriptMistake(message: "invalid command \(GoText.quote(line))")
        } catch {
            throw Failure(line: index + 1, message: error.message)
        }
    }

    private func words(_ line: String, max: Int) -> [String] {
        line.split(maxSplits: max - 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
            .map { Self.trimmed($0) }
    }

    private func duration(_ text: String) throws(ScriptMistake) -> Int64 {
        let isNegative = text.hasPrefix("-")
        guard let millis = DurationText.millis(String(text.drop { $0 == "-" })) else {
            throw ScriptMistake(message: "not a valid duration string: \(GoText.quote(text))")
        }
        return isNegative ? -millis : millis
    }

    private mutating func load(_ line: String) throws(ScriptMistake) -> ScriptLoad {
        let parts = words(line, max: 2)
        guard parts.count == 2, ["load", "load_with_nhcb"].contains(parts[0]) else {
            throw ScriptMistake(message: "invalid load command. (load[_with_nhcb] <step:duration>)")
        }
        var load = ScriptLoad(
            stepMillis: try duration(parts[1]), addsNativeHistograms: parts[0] != "load")
        index += 1
        var starts: (labels: Labels, offsets: [Int64?])?
        while index < lines.count, !lines[index].isEmpty {
            let text = lines[index]
            let head = text.prefix { $0 != " " && $0 != "\t" }
            if head.hasSuffix("@st") {
                guard starts == nil else { throw Self.lonelyStarts }
                starts = (
                    try SeriesNotation.read(String(head.dropLast(3))).labels,
                    try startOffsets(text.dropFirst(head.count))
                )
                index += 1
                continue
            }
            let (labels, points) = try SeriesNotation.read(text)
            if let starts {
                guard starts.labels == labels, starts.offsets.count == points.count else {
                    throw ScriptMistake(
                        message: "the @st line does not fit the sample line that follows")
                }
            }
            load.series.removeAll { $0.labels == labels }
            load.series.append(
                ScriptSeries(labels: labels, points: points, startOffsets: starts?.offsets ?? []))
            starts = nil
            index += 1
        }
        guard starts == nil else { throw Self.lonelyStarts }
        return load
    }

    private static let lonelyStarts = ScriptMistake(
        message: "@st line has no following sample line")

    /// Reads `-1m -30sx4 -1m+10sx3 _x2`.
    private func startOffsets(_ text: Substring) throws(ScriptMistake) -> [Int64?] {
        var offsets: [Int64?] = []
        for item in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            let parts = item.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false)
            var repetitions = 0
            if parts.count == 2 {
                guard let count = Int(parts[1]), (0...1_000_000).contains(count) else {
                    throw ScriptMistake(message: "invalid repeat count in \(item)")
                }
                repetitions = count
            }
            if parts[0] == "_" {
                let count = parts.count == 2 ? repetitions : 1
                offsets.append(contentsOf: repeatElement(nil, count: count))
                continue
            }
            let sign = parts[0].dropFirst().firstIndex { $0 == "+" || $0 == "-" }
            var offset = try signedDuration(parts[0][..<(sign ?? parts[0].endIndex)])
            let step = try sign.map { (place) throws(ScriptMistake) in
                try signedDuration(parts[0][place...])
            }
            for _ in 0...repetitions {
                offsets.append(offset)
                offset += step ?? 0
            }
        }
        return offsets
    }

    private func signedDuration(_ text: Substring) throws(ScriptMistake) -> Int64 {
        let unsigned = text.drop { $0 == "+" || $0 == "-" }
        let millis = try duration(String(unsigned))
        return text.hasPrefix("-") ? -millis : millis
    }

    // MARK: eval

    private mutating func evaluation(_ line: String) throws(ScriptMistake) -> ScriptCase {
        var result = try head(line)
        index += 1
        while index < lines.count, !lines[index].isEmpty {
            let text = lines[index]
            if result.failure != nil, try oldFailure(text, &result) {
                index += 1
                break
            }
            index += 1
            if text.prefix(while: { $0 != " " }) == "expect" {
                try expectation(text, &result)
                continue
            }
            if let number = Self.number(text) {
                result.scalar = number
                break
            }
            do throws(ScriptMistake) {
                let series = try SeriesNotation.read(text)
                if series.points.count > 1, result.times.step == nil, result.vectorTimes == nil {
                    throw ScriptMistake(
                        message: "expecting multiple values in instant evaluation not allowed. "
                            + "consider using 'expect range vector' directive to enable a range "
                            + "vector result for an instant query")
                }
                result.series.append(series)
            } catch {
                index -= 1
                throw error
            }
        }
        return result
    }

    private static func number(_ text: String) -> Double? {
        text.contains(where: { $0 == " " || $0 == "{" }) ? nil : NumberText.parse(text)
    }

    private func head(_ line: String) throws(ScriptMistake) -> ScriptCase {
        let parts = words(line, max: 9)
        let mode = parts[0].dropFirst("eval".count)
        var result: ScriptCase
        if parts.count > 2, parts[1] == "instant" {
            let hasTime = parts[2] == "at"
            let skipped = words(line, max: hasTime ? 5 : 3)
            guard let query = skipped.last, skipped.count == (hasTime ? 5 : 3) else {
                throw Self.invalidEvaluation
            }
            let time = hasTime ? try duration(parts[3]) : 0
            result = ScriptCase(query: query, line: index + 1, times: .instant(time))
        } else {
            guard parts.count == 9, parts[1] == "range", parts[2] == "from", parts[4] == "to",
                parts[6] == "step"
            else { throw Self.invalidEvaluation }
            result = ScriptCase(
                query: parts[8], line: index + 1,
                times: .range(
                    try duration(parts[3]), try duration(parts[5]), step: try duration(parts[7])))
        }
        switch mode {
        case "": break
        case "_fail": result.failure = .anything
        case "_warn": result.warnings = [.anything]
        case "_info": result.infos = [.anything]
        case "_ordered": result.isOrdered = true
        default: throw Self.invalidEvaluation
        }
        return result
    }

    private static let invalidEvaluation = ScriptMistake(
        message: "invalid evaluation command. Must be either 'eval[_fail|_warn|_ordered] instant "
            + "[at <offset:duration>] <query>' or 'eval[_fail|_warn] range from <from> to <to> "
            + "step <step> <query>'")

    private func oldFailure(
        _ text: String, _ result: inout ScriptCase
    ) throws(ScriptMistake) -> Bool {
        for (prefix, isRegex) in [("expected_fail_message", false), ("expected_fail_regexp", true)]
        where text.hasPrefix(prefix) {
            result.failure = try pattern(
                Self.trimmed(text.dropFirst(prefix.count)), isRegex: isRegex)
            return true
        }
        return false
    }

    private func pattern(
        _ text: String, isRegex: Bool
    ) throws(ScriptMistake) -> ScriptCase.Pattern {
        guard isRegex else { return .text(text) }
        do {
            return .regex(try Regex(text))
        } catch {
            throw ScriptMistake(message: "invalid regex \(text): \(error.message)")
        }
    }

    private func expectation(
        _ text: String, _ result: inout ScriptCase
    ) throws(ScriptMistake) {
        if text.hasPrefix("expect range vector") {
            let parts = words(text, max: 9)
            guard parts.count == 9, parts[3] == "from", parts[5] == "to", parts[7] == "step" else {
                throw ScriptMistake(message: "invalid range vector definition")
            }
            let (start, end) = (try duration(parts[4]), try duration(parts[6]))
            result.vectorTimes = .range(start, end, step: try duration(parts[8]))
            result.times = .instant(end)
            return
        }
        if text.hasPrefix("expect string") {
            do {
                let literal = Self.trimmed(text.dropFirst("expect string".count))
                result.string = String(decoding: try GoText.unquote(literal), as: UTF8.self)
            } catch {
                throw ScriptMistake(message: "expected string literal not valid")
            }
            return
        }
        let rest = Self.trimmed(text.dropFirst("expect".count))
        let kind = rest.prefix { $0 != " " && $0 != "\t" }
        let detail = Self.trimmed(rest.dropFirst(kind.count))
        var expected = ScriptCase.Pattern.anything
        if detail.hasPrefix("msg:") {
            expected = .text(Self.trimmed(detail.dropFirst(4)))
        } else if detail.hasPrefix("regex:") {
            expected = try pattern(Self.trimmed(detail.dropFirst(6)), isRegex: true)
        } else if !detail.isEmpty {
            throw ScriptMistake(message: "invalid expect statement: \(text)")
        }
        switch kind {
        case "fail": result.failure = expected
        case "warn": result.warnings.append(expected)
        case "info": result.infos.append(expected)
        case "no_warn": result.hasNoWarnings = true
        case "no_info": result.hasNoInfos = true
        case "ordered": result.isOrdered = true
        default: throw ScriptMistake(message: "invalid expected error/annotation type \(kind)")
        }
    }
}
