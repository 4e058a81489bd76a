import PerchModel

/// What a script says about one step of a series.
enum ScriptPoint: Sendable {
    case nothing
    case float(Double)
    /// With whether the hint about resets was written.
    case histogram(NativeHistogram, hasHint: Bool)
}

/// A line of a script that is wrong.
struct ScriptMistake: Error {
    var message: String
}

/// Reads `name{label="value"} 1 2+3x4 _ stale {{count:1}}`.
struct SeriesNotation {
    private let bytes: [UInt8]
    private var index: Int

    /// The labels and the points of a line.
    static func read(
        _ line: String
    ) throws(ScriptMistake) -> (labels: Labels, points: [ScriptPoint]) {
        let labels: [(name: String, value: String)]
        let end: Int
        do {
            (labels, end) = try Parser.parseMetric(line)
        } catch {
            throw ScriptMistake(message: error.description)
        }
        var notation = SeriesNotation(bytes: Array(line.utf8), index: end)
        return (Labels(labels), try notation.points())
    }

    private init(bytes: [UInt8], index: Int) {
        self.bytes = bytes
        self.index = index
    }

    private func mistake(_ what: String) -> ScriptMistake {
        let rest = String(decoding: bytes[min(index, bytes.count)...].prefix(20), as: UTF8.self)
        return ScriptMistake(message: "\(what) at \(GoText.quote(rest))")
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    private mutating func skipBlank() {
        while index < bytes.count, bytes[index].isBlank { index += 1 }
    }

    private mutating func points() throws(ScriptMistake) -> [ScriptPoint] {
        var points: [ScriptPoint] = []
        skipBlank()
        while index < bytes.count {
            if take("_") {
                let count = take("x") ? try repetitions() : 1
                points.append(contentsOf: repeatElement(.nothing, count: count))
            } else if take("{{") {
                points.append(contentsOf: try histograms())
            } else {
                points.append(contentsOf: try floats())
            }
            guard index == bytes.count || bytes[index].isBlank else {
                throw mistake("unexpected text")
            }
            guard points.count <= 1_000_000 else { throw mistake("too many points") }
            skipBlank()
        }
        return points
    }

    private mutating func repetitions() throws(ScriptMistake) -> Int {
        let start = index
        while index < bytes.count, bytes[index].isDigit { index += 1 }
        guard let count = Int(String(decoding: bytes[start..<index], as: UTF8.self)),
            count <= 1_000_000
        else { throw mistake("no number of repetitions") }
        return count
    }

    // MARK: Numbers

    private mutating func floats() throws(ScriptMistake) -> [ScriptPoint] {
        if take("stale") { return [.float(StepSeries.absent)] }
        var value = try number()
        var step = 0.0
        if index < bytes.count,
            bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
        {
            step = try number()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "x") else {
                throw mistake("no repetition")
            }
        }
        guard take("x") else { return [.float(value)] }
        var points: [ScriptPoint] = []
        for _ in 0...(try repetitions()) {
            points.append(.float(value))
            value += step
        }
        return points
    }

    private mutating func number() throws(ScriptMistake) -> Double {
        var sign = 1.0
        if take("-") { sign = -1 } else { _ = take("+") }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte.isDigit || byte == UInt8(ascii: ".") {
                index += 1
            } else if byte | 0x20 == UInt8(ascii: "e"), index > start,
                bytes[start].isDigit
                    || bytes[start] == UInt8(ascii: ".")
            {
                index += 1
                if index < bytes.count,
                    bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
                {
                    index += 1
                }
            } else if byte.isLetter, byte != UInt8(ascii: "x"), byte != UInt8(ascii: "_"),
                index == start || !bytes[start].isDigit
            {
                index += 1
            } else {
                break
            }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard !text.isEmpty, let value = Double(text.hasSuffix(".") ? text + "0" : text) else {
            throw mistake("no number")
        }
        return sign * value
    }

    // MARK: Histograms

    private mutating func histograms() throws(ScriptMistake) -> [ScriptPoint] {
        var (value, hasHint) = try histogram()
        var step: NativeHistogram?
        var isSubtraction = false
        if take("+{{") {
            (step, hasHint) = try histogram()
        } else if take("-{{") {
            (step, hasHint) = try histogram()
            isSubtraction = true
        }
        guard take("x") else {
            guard step == nil else { throw mistake("no repetition") }
            return [.histogram(value, hasHint: hasHint)]
        }
        var points: [ScriptPoint] = [.histogram(value, hasHint: hasHint)]
        for _ in 0..<(try repetitions()) {
            if let step {
                guard value.schema <= step.schema else {
                    throw ScriptMistake(
                        message: "error combining histograms: cannot merge from schema "
                            + "\(step.schema) to \(value.schema)")
                }
                let outcome = isSubtraction ? value.subtract(step) : value.add(step)
                guard outcome != nil else { throw mistake("histograms that do not go together") }
            }
            points.append(.histogram(value, hasHint: hasHint))
        }
        return points
    }

    /// Reads a histogram after its `{{`.
    private mutating func histogram() throws(ScriptMistake) -> (NativeHistogram, Bool) {
        var histogram = NativeHistogram()
        var hasHint = false
        var offset: Int32 = 0
        var negativeOffset: Int32 = 0
        skipBlank()
        while !take("}}") {
            let start = index
            while index < bytes.count, bytes[index].isLetter { index += 1 }
            let key = String(decoding: bytes[start..<index], as: UTF8.self)
            guard take(":") else { throw mistake("missing `:` for histogram descriptor") }
            switch key {
            case "schema": histogram.schema = Int32(clamping: Int(try number()))
            case "sum": histogram.sum = try number()
            case "count": histogram.count = try number()
            case "z_bucket": histogram.zeroCount = try number()
            case "z_bucket_w": histogram.zeroThreshold = try number()
            case "buckets": histogram.positiveCounts = try list()
            case "n_buckets": histogram.negativeCounts = try list()
            case "custom_values": histogram.customBounds = try list()
            case "offset": offset = Int32(clamping: Int(try number()))
            case "n_offset": negativeOffset = Int32(clamping: Int(try number()))
            case "counter_reset_hint":
                histogram.resetHint = try hint()
                hasHint = true
            default: throw mistake("bad histogram descriptor found: \(GoText.quote(key))")
            }
            skipBlank()
            guard index < bytes.count else { throw mistake("histogram description incomplete") }
        }
        histogram.positiveSpans = NativeHistogram.spans(
            firstIndex: offset, count: histogram.positiveCounts.count)
        histogram.negativeSpans = NativeHistogram.spans(
            firstIndex: negativeOffset, count: histogram.negativeCounts.count)
        return (histogram, hasHint)
    }

    private mutating func list() throws(ScriptMistake) -> [Double] {
        guard take("[") else { throw mistake("no list of buckets") }
        var values: [Double] = []
        skipBlank()
        while !take("]") {
            values.append(try number())
            skipBlank()
            guard index < bytes.count else { throw mistake("list of buckets incomplete") }
        }
        return values
    }

    private mutating func hint() throws(ScriptMistake) -> NativeHistogram.ResetHint {
        if take("unknown") { return .unknown }
        if take("reset") { return .reset }
        if take("not_reset") { return .notReset }
        if take("gauge") { return .gauge }
        throw mistake("unknown counter reset hint")
    }
}
