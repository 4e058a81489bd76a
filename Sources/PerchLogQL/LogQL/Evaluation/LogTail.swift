package import PerchModel

/// Finds the lines of a selector in batches that no store gave: those that were just stored.
package struct LogTail: Sendable {
    private let selector: LogSelector
    private var options: LogQLOptions
    /// The labels that the selector looks at.
    private let labels: Set<String>
    private var known: Set<EventField> = []
    private var plan: LinePlan
    /// Lines that were given already, with how often; nil when none can come again.
    private var given: [Line: Int]?

    private struct Line: Hashable {
        var nanos: Int64
        var text: [UInt8]
    }

    package init(_ selector: LogSelector, now: Int64) throws(LogQLFailure) {
        self.selector = selector
        options = LogQLOptions()
        options.limit = .max
        options.now = now
        var labels = Set(selector.matchers.map(\.name))
        for case .labelFilter(let filter) in selector.stages { labels.formUnion(filter.labels) }
        self.labels = labels
        plan = try LinePlan(selector, LabelCatalog([]), now: now)
    }

    /// Notes what was given before, so that it is not given twice.
    package mutating func expect(_ streams: [LogStream]) {
        var lines: [Line: Int] = [:]
        for stream in streams {
            for entry in stream.entries {
                lines[Line(nanos: entry.nanos, text: entry.line), default: 0] += 1
            }
        }
        given = lines
    }

    /// Forgets what was given before.
    package mutating func expectNothing() {
        given = nil
    }

    /// The lines of a batch, in its order.
    package mutating func streams(of batch: EventBatch) throws(LogQLFailure) -> [LogStream] {
        try learn(batch)
        let rows = batch.matchingRows(of: plan.predicate, times: .min ..< .max)
        guard !rows.isEmpty else { return [] }
        var collector = LineCollector(plan, options)
        try collector.add(batch, rows: rows.map { Int($0) })
        guard given != nil else { return collector.streams }
        return collector.streams.compactMap { stream in
            var stream = stream
            stream.entries.removeAll { take($0) }
            return stream.entries.isEmpty ? nil : stream
        }
    }

    /// Whether a line was given before; it counts once.
    private mutating func take(_ entry: LogStream.Entry) -> Bool {
        let line = Line(nanos: entry.nanos, text: entry.line)
        guard let count = given?[line], count > 0 else { return false }
        given?[line] = count - 1
        return true
    }

    /// Makes the plan anew when the batch has fields of the selector's labels that are new.
    private mutating func learn(_ batch: EventBatch) throws(LogQLFailure) {
        let before = known.count
        for column in batch.columns where labels.contains(LabelCatalog.label(column.name)) {
            note(EventField(name: column.name, space: column.space, kinds: []))
        }
        for resource in batch.resources {
            for attribute in resource.attributes
            where labels.contains(LabelCatalog.label(attribute.key)) {
                note(EventField(name: attribute.key, space: .resource, kinds: []))
            }
        }
        guard known.count > before else { return }
        let fields = known.sorted { ($0.space.rawValue, $0.name) < ($1.space.rawValue, $1.name) }
        plan = try LinePlan(selector, LabelCatalog(fields), now: options.now)
    }

    private mutating func note(_ field: EventField) {
        if known.count < EventFieldList.countMax { known.insert(field) }
    }
}
