package import PerchModel

/// How old events may be that come in: as old as they would be kept.
package struct EventAges: Sendable, Equatable {
    /// Another age for the events that a predicate names.
    package struct Rule: Sendable, Equatable {
        package var predicate: EventPredicate
        package var nanos: Int64

        package init(_ predicate: EventPredicate, nanos: Int64) {
            self.predicate = predicate
            self.nanos = nanos
        }
    }

    /// For events that no rule names.
    package var usualNanos: Int64
    /// The first that names an event holds.
    package var rules: [Rule]

    package init(usualNanos: Int64, rules: [Rule] = []) {
        self.usualNanos = usualNanos
        self.rules = rules
    }

    /// What is never too old, whatever the event.
    var shortestNanos: Int64 { rules.reduce(usualNanos) { min($0, $1.nanos) } }

    /// How old each event of a batch may be.
    func nanos(of batch: EventBatch) -> [Int64] {
        var result = [Int64](repeating: usualNanos, count: batch.rowCount)
        for rule in rules.reversed() {
            for row in batch.matchingRows(of: rule.predicate, times: .min ..< .max) {
                result[Int(row)] = rule.nanos
            }
        }
        return result
    }
}
