package import PerchModel

/// A label of lines with what was seen of its values.
package struct DetectedField: Sendable {
    /// What the values read as, in Loki's words.
    package enum Kind: String, Sendable {
        case int
        case float
        case boolean
        case duration
        case bytes
        case string
    }

    package var label: String
    package var kind: Kind
    /// Each once, sorted.
    package var values: [String]
    /// Whether a parser of the query found it; otherwise the record has it.
    package var isParsed: Bool
}

/// Collects the labels that rows have beside those of their streams.
struct FieldCollector {
    private struct Found {
        var values: Set<String> = []
        var kind: DetectedField.Kind?
        var isParsed: Bool
    }

    private var found: [String: Found] = [:]
    private var byteCount = 0

    /// Whether there is no room for more.
    var isFull: Bool { byteCount > Limits.detectedByteCountMax }

    mutating func add(_ pairs: [(name: String, value: String)], isParsed: Bool) {
        for (name, value) in pairs where !name.hasPrefix("__") {
            if found[name] == nil {
                guard found.count < Limits.detectedFieldsMax else { continue }
                found[name] = Found(isParsed: isParsed)
                byteCount += name.utf8.count + 64
            }
            guard found[name]?.values.insert(value).inserted ?? false else { continue }
            byteCount += value.utf8.count + 32
            let kind = Self.kind(value)
            let known = found[name]?.kind
            found[name]?.kind = known.map { Self.common($0, kind) } ?? kind
        }
    }

    var fields: [DetectedField] {
        found.map { name, found in
            DetectedField(
                label: name, kind: found.kind ?? .string, values: found.values.sorted(),
                isParsed: found.isParsed)
        }.sorted { $0.label < $1.label }
    }

    private static func kind(_ value: String) -> DetectedField.Kind {
        if Int64(value) != nil { return .int }
        let bytes = Array(value.utf8)
        if LabelNumber.decimal(bytes.span) != nil { return .float }
        if value == "true" || value == "false" { return .boolean }
        // Both begin with a digit, which most texts do not.
        guard let first = bytes.first, first.isLogQLDigit || first == UInt8(ascii: "-") else {
            return .string
        }
        if LabelNumber.durationNanos(bytes.span) != nil { return .duration }
        return LabelNumber.byteCount(bytes.span) != nil ? .bytes : .string
    }

    private static func common(
        _ left: DetectedField.Kind, _ right: DetectedField.Kind
    ) -> DetectedField.Kind {
        if left == right { return left }
        let isNumber = [.int, .float].contains(left) && [.int, .float].contains(right)
        return isNumber ? .float : .string
    }
}

extension LogQLEngine {
    /// The labels, beside those of the streams, of the newest lines of a selector.
    package func detectedFields(
        _ selector: LogSelector, times: Range<Int64>, lineCountMax: Int
    ) async throws(LogQLFailure) -> [DetectedField] {
        var collector = FieldCollector()
        var count = 0
        try await rows(selector, times) { (runner, _, _) throws(LogQLFailure) in
            collector.add(runner.structuredPairs(), isParsed: false)
            collector.add(runner.parsedPairs(), isParsed: true)
            count += 1
            return count < lineCountMax && !collector.isFull
        }
        return collector.fields
    }

    /// Each label of the streams with how many values it has, sorted.
    package func detectedLabels(
        _ matchers: [LabelMatcher], times: Range<Int64>
    ) async throws(LogQLFailure) -> [(label: String, valueCount: Int)] {
        var values: [String: Set<String>] = [:]
        for labels in try await streams([matchers], times: times) {
            for (name, value) in labels.pairs { values[name, default: []].insert(value) }
        }
        return values.map { ($0.key, $0.value.count) }.sorted { $0.label < $1.label }
    }

    /// Hands the rows of a selector to a closure, the newest first, until it answers false.
    func rows(
        _ selector: LogSelector, _ times: Range<Int64>,
        _ take: (inout RowRunner, EventBatch, Int) throws(LogQLFailure) -> Bool
    ) async throws(LogQLFailure) {
        let plan = try LinePlan(selector, try await catalog(times), now: options.now)
        var query = EventQuery(dataset: .logs, times: times)
        query.predicate = plan.predicate
        query.order = .newestFirst
        var runner = RowRunner(plan)
        var cursor = source.read(query)
        while true {
            let batch: EventBatch?
            do {
                batch = try await cursor.next()
            } catch {
                throw LogQLFailure(store: error)
            }
            guard let batch else { return }
            try check()
            runner.begin(batch)
            for row in 0..<batch.rowCount where runner.run(row) {
                guard try take(&runner, batch, row) else { return }
            }
        }
    }
}

extension LogSelector {
    /// The parsers among the stages, by their names in a query.
    package var parserNames: [String] {
        var names: [String] = []
        for stage in stages {
            let name: String? =
                switch stage {
                case .json: "json"
                case .logfmt: "logfmt"
                case .pattern: "pattern"
                case .regexp: "regexp"
                case .unpack: "unpack"
                default: nil
                }
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }
}
