/// The traces with the longest spans among all that pass by, in memory for as many as are wanted.
///
/// Of equally long ones those with the lower ids count as longer, so that an answer does not depend
/// on the order of rows.
struct SlowestTraces {
    private let limit: Int
    private var durations: [TraceID: Int64] = [:]
    /// The one to go first, once there are enough.
    private var last: (id: TraceID, duration: Int64)?

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ id: TraceID, _ duration: Int64) {
        if let last, !Self.isSlower((id, duration), last) { return }
        if let known = durations[id] {
            guard duration > known else { return }
        } else if let last {
            durations[last.id] = nil
        }
        durations[id] = duration
        if durations.count == limit {
            last = durations.lazy.map { ($0.key, $0.value) }.max(by: Self.isSlower)
        }
    }

    /// The slowest first.
    var ids: [TraceID] {
        durations.map { ($0.key, $0.value) }.sorted(by: Self.isSlower).map(\.0)
    }

    private static func isSlower(
        _ left: (id: TraceID, duration: Int64), _ right: (id: TraceID, duration: Int64)
    ) -> Bool {
        (right.duration, left.id.high, left.id.low) < (left.duration, right.id.high, right.id.low)
    }
}
