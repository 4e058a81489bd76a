/// What is in a record or a file, as far as retention and pruning need to know.
package struct WriteLogSummary: Sendable, Equatable {
    /// How many rows: the store says what a row is.
    package var rowCount: Int
    /// The time of the oldest row, in the store's unit.
    package var minTime: Int64
    /// The time of the newest row, in the store's unit.
    package var maxTime: Int64

    package init(rowCount: Int, minTime: Int64, maxTime: Int64) {
        self.rowCount = rowCount
        self.minTime = minTime
        self.maxTime = maxTime
    }

    /// Widens this by another; one without rows changes nothing.
    package mutating func add(_ other: WriteLogSummary) {
        guard other.rowCount > 0 else { return }
        guard rowCount > 0 else {
            self = other
            return
        }
        // A count from a damaged disk must not trap.
        let (sum, overflow) = rowCount.addingReportingOverflow(other.rowCount)
        rowCount = overflow ? Int.max : sum
        minTime = min(minTime, other.minTime)
        maxTime = max(maxTime, other.maxTime)
    }

    /// Nothing yet.
    static let none = WriteLogSummary(rowCount: 0, minTime: 0, maxTime: 0)
}

/// A live file of a write log.
package struct WriteLogFile: Sendable, Equatable {
    /// Its number; newer files have larger ones, and none is used twice.
    package let sequence: UInt64
    /// Its durable bytes.
    package var byteCount: Int
    /// Whether it is complete.
    package var isSealed: Bool
    /// What is in it, or nil where the manifest was lost and nobody has read it since.
    package var summary: WriteLogSummary?

    package init(
        sequence: UInt64, byteCount: Int, isSealed: Bool, summary: WriteLogSummary?
    ) {
        self.sequence = sequence
        self.byteCount = byteCount
        self.isSealed = isSealed
        self.summary = summary
    }
}
