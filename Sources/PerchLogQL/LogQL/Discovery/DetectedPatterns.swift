import PerchModel

/// A form that lines have, and how many lines had it when.
package struct DetectedPattern: Sendable {
    /// As a line filter `|>` takes it.
    package var pattern: String
    package var level: String
    /// Where each step begins, in seconds since 1970, with its lines; ascending.
    package var counts: [(seconds: Int64, count: Int64)]

    package var total: Int64 { counts.reduce(0) { $0 + $1.count } }
}

/// Counts lines by their form, their level and a step of time.
struct LinePatternCollector {
    private struct Key: Hashable {
        var form: UInt32
        var level: String
    }

    private let stepNanos: Int64
    private var forms = TextTable()
    private var counts: [Key: [Int64: Int64]] = [:]

    init(stepNanos: Int64) {
        self.stepNanos = max(1, stepNanos)
    }

    mutating func add(_ line: [UInt8], level: String, nanos: Int64, weight: Int64) {
        guard forms.count < Limits.patternsMax else { return }
        var form: [UInt8] = []
        MessagePattern.append(line.span, to: &form)
        if line.count > Limits.patternByteCountMax { form.append(contentsOf: "<*>".utf8) }
        let step = nanos - nanos % stepNanos
        let key = Key(form: forms.intern(form.span), level: level)
        counts[key, default: [:]][step, default: 0] &+= weight
    }

    /// The most frequent first; forms that differ in few words are one.
    func patterns() -> [DetectedPattern] {
        var byLevel: [String: [(key: Key, total: Int64)]] = [:]
        for (key, steps) in counts {
            let total = steps.values.reduce(0, &+)
            byLevel[key.level, default: []].append((key, total))
        }
        var result: [DetectedPattern] = []
        for (level, keys) in byLevel {
            let sorted = keys.map { entry in
                (
                    forms.text(of: entry.key.form),
                    PatternCollector.Form(
                        count: entry.total, members: [Int(entry.key.form)])
                )
            }.sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
            for cluster in PatternClusters.joined(sorted) {
                var steps: [Int64: Int64] = [:]
                for member in cluster.form.members {
                    let key = Key(form: UInt32(truncatingIfNeeded: member), level: level)
                    steps.merge(counts[key] ?? [:]) { $0 &+ $1 }
                }
                result.append(
                    DetectedPattern(
                        pattern: Self.filter(cluster.pattern), level: level,
                        counts: steps.sorted { $0.key < $1.key }
                            .map { ($0.key / 1_000_000_000, $0.value) }))
            }
        }
        return result.sorted { ($1.total, $0.pattern, $0.level) < ($0.total, $1.pattern, $1.level) }
    }

    /// A form as a line filter takes it: whatever varies is `<_>`, and two of them are one.
    static func filter(_ form: String) -> String {
        var text = form
        for name in ["<n>", "<ip>", "<id>", "<*>"] {
            text = text.split(separator: name, omittingEmptySubsequences: false)
                .joined(separator: "<_>")
        }
        while let twice = text.firstRange(of: "<_><_>") { text.replaceSubrange(twice, with: "<_>") }
        return text
    }
}

extension LogQLEngine {
    /// The forms of the newest lines of a selector.
    package func patterns(
        _ selector: LogSelector, times: Range<Int64>, stepNanos: Int64
    ) async throws(LogQLFailure) -> [DetectedPattern] {
        var collector = LinePatternCollector(stepNanos: stepNanos)
        var count = 0
        try await rows(selector, times) { (runner, batch, row) throws(LogQLFailure) in
            collector.add(
                runner.line, level: runner.value(LabelCatalog.level), nanos: batch.times[row],
                weight: batch.weight(ofRow: row))
            count += 1
            return count < Limits.patternLinesMax
        }
        return collector.patterns()
    }
}
