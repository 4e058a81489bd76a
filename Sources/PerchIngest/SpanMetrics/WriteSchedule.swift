/// Which rows of metrics are to be written: those that changed, and for a while now and then those
/// that did not, so that queries of a moment see them.
struct WriteSchedule: Sendable {
    private struct Row {
        /// Whether an earlier write, or an earlier run of the server, began its series.
        var isBegun = false
        var changedMillis = Int64.min / 2
        var writtenMillis = Int64.min / 2
    }

    private var rows: [Row] = []

    mutating func grow(to count: Int) {
        while rows.count < count { rows.append(Row()) }
    }

    /// Notes that an earlier run wrote the row.
    mutating func restore(_ row: Int, nowMillis: Int64) {
        rows[row].isBegun = true
        rows[row].changedMillis = nowMillis
    }

    /// Whether the row is to be written now, and then whether its series begin; nil to leave it.
    mutating func write(_ row: Int, isChanged: Bool, nowMillis: Int64) -> Bool? {
        if isChanged {
            rows[row].changedMillis = nowMillis
        } else {
            guard rows[row].isBegun,
                rows[row].writtenMillis <= nowMillis - Limits.spanRepeatMillis,
                rows[row].changedMillis > nowMillis - Limits.spanIdleMillis
            else { return nil }
        }
        defer { rows[row].isBegun = true }
        rows[row].writtenMillis = nowMillis
        return !rows[row].isBegun
    }
}
