import PerchModel

/// Some rows in memory with the range of their times.
struct EventBlock: Sendable {
    private(set) var batch: EventBatch
    private(set) var minTime: Int64
    private(set) var maxTime: Int64
    private(set) var byteCount: Int

    /// Takes a batch that has rows.
    init(_ batch: EventBatch) {
        self.batch = batch
        (minTime, maxTime) = Self.range(of: batch)
        byteCount = batch.byteCount
    }

    /// Whether a batch goes into this block rather than into one of its own.
    func hasRoom(for other: EventBatch, byteCount otherByteCount: Int) -> Bool {
        batch.dataset == other.dataset && other.rowCount < Limits.ownBlockRowCountMin
            && batch.rowCount + other.rowCount <= Limits.blockRowCountMax
            && byteCount + otherByteCount <= Limits.blockByteCountMax
    }

    mutating func append(_ other: EventBatch, byteCount otherByteCount: Int) {
        let (otherMin, otherMax) = Self.range(of: other)
        batch.append(contentsOf: other)
        minTime = min(minTime, otherMin)
        maxTime = max(maxTime, otherMax)
        byteCount += otherByteCount
    }

    /// The first and the last time of a batch with rows.
    static func range(of batch: EventBatch) -> (min: Int64, max: Int64) {
        var low = Int64.max
        var high = Int64.min
        for time in batch.times {
            low = min(low, time)
            high = max(high, time)
        }
        return (low, high)
    }
}
