/// What is to be said about an answer beside its values.
package struct Annotations: Sendable {
    package enum Level: String, Sendable, Hashable {
        case warning
        case info
    }

    /// Where a classic histogram's buckets were not monotonic.
    private struct Monotonicity {
        var times: ClosedRange<Int64>
        var minBucket: Double
        var maxBucket: Double
        var maxDifference: Double
        var count = 1
    }

    private struct Note {
        var level: Level
        var range: SourceRange
        var monotonicity: Monotonicity?
    }

    private var notes: [String: Note] = [:]
    private var order: [String] = []

    package init() {}

    package var isEmpty: Bool { notes.isEmpty }

    /// Adds a text; the same one is kept once, with its last place.
    mutating func add(_ level: Level, _ text: String, _ range: SourceRange) {
        add(text, Note(level: level, range: range))
    }

    private mutating func add(_ text: String, _ note: Note) {
        guard let old = notes[text] else {
            notes[text] = note
            order.append(text)
            return
        }
        var note = note
        if let before = old.monotonicity, let now = note.monotonicity {
            note.monotonicity = Monotonicity(
                times: min(
                    before.times.lowerBound, now.times.lowerBound)...max(
                        before.times.upperBound, now.times.upperBound),
                minBucket: min(before.minBucket, now.minBucket),
                maxBucket: max(before.maxBucket, now.maxBucket),
                maxDifference: max(before.maxDifference, now.maxDifference),
                count: before.count + now.count)
        }
        notes[text] = note
    }

    /// Adds all of another set.
    mutating func merge(_ other: Annotations) {
        for text in other.order {
            if let note = other.notes[text] { add(text, note) }
        }
    }

    /// Says that buckets had to be raised so that they do not fall.
    mutating func addMonotonicity(
        metric: String, _ range: SourceRange, timeMillis: Int64,
        _ fix: ClassicBuckets.MonotonicityFix
    ) {
        var text =
            "input to histogram_quantile needed to be fixed for monotonicity (see https://"
            + "prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
        if !metric.isEmpty { text += " for metric name \(GoText.quote(metric))" }
        let details = Monotonicity(
            times: timeMillis...timeMillis, minBucket: fix.minBucket, maxBucket: fix.maxBucket,
            maxDifference: fix.maxDifference)
        add(text, Note(level: .info, range: range, monotonicity: details))
    }

    /// The texts of a level as clients see them, with places in the query; with a limit, a last
    /// text says how many more there are.
    package func texts(_ level: Level, query: String, max: Int? = nil) -> [String] {
        let all = order.filter { notes[$0]?.level == level }
        var texts = all.prefix(max ?? .max).compactMap { text in
            notes[text].map { Self.text(text, $0, query) }
        }
        if all.count > texts.count {
            texts.append("\(all.count - texts.count) more \(level.rawValue) annotations omitted")
        }
        return texts
    }

    private static func text(_ text: String, _ note: Note, _ query: String) -> String {
        var result = "PromQL \(note.level.rawValue): \(text)"
        if let details = note.monotonicity {
            result +=
                ", from buckets \(NumberText.general(details.minBucket)) to "
                + "\(NumberText.general(details.maxBucket)), with a max diff of "
                + "\(NumberText.rounded(details.maxDifference, digits: 2)), over "
                + "\(details.count) samples from \(TimeText.rfc3339(details.times.lowerBound)) "
                + "to \(TimeText.rfc3339(details.times.upperBound))"
        }
        return result + " (\(note.range.position(in: query)))"
    }
}
