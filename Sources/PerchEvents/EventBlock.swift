import PerchModel

/// Some rows in memory with the range of their times.
struct EventBlock: Sendable {
    private(set) var batch: EventBatch
    private(set) var times: EventTimes
    private(set) var byteCount: Int

    /// Takes a batch that has rows.
    init(_ batch: EventBatch) {
        self.batch = batch
        times = EventTimes(of: batch)
        byteCount = batch.byteCount
    }

    /// Whether a batch goes into this block rather than into one of its own.
    func hasRoom(for other: EventBatch, byteCount otherByteCount: Int) -> Bool {
        batch.dataset == other.dataset && other.rowCount < Limits.ownBlockRowCountMin
            && batch.rowCount + other.rowCount <= Limits.blockRowCountMax
            && byteCount + otherByteCount <= Limits.blockByteCountMax
            && batch.columns.count + other.columns.count <= Limits.blockColumnCountMax
    }

    /// Adds a batch; `index` is this block's.
    mutating func append(
        _ other: EventBatch, byteCount otherByteCount: Int, _ index: inout EventBatchIndex
    ) {
        batch.append(contentsOf: other, &index)
        times.widen(EventTimes(of: other))
        byteCount += otherByteCount
    }
}
