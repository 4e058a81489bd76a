package import PerchModel

/// What a series store holds, and what happened to it since it was opened.
package struct SeriesStoreStats: Sendable, Equatable {
    /// Series that are or lately were written to.
    package var seriesCount = 0
    /// Samples that a query can find, but for those that were deleted and not yet taken out.
    package var sampleCount = 0
    /// Bytes of samples in memory, roughly.
    package var byteCountInMemory = 0
    /// Bytes of the write log's files and of the segments.
    package var byteCountOnDisk = 0
    /// Files of the write log.
    package var fileCount = 0
    /// Bytes of the write log's files.
    package var logByteCount = 0
    /// Segments in use.
    package var segmentCount = 0
    /// Samples in segments.
    package var segmentSampleCount = 0
    /// Deletions that were not carried out everywhere yet.
    package var deletionCount = 0
    /// Samples that were not taken, by reason.
    package var refusals = SampleRefusals()
    /// Exemplars that were not kept.
    package var droppedExemplarCount = 0
    /// Times of the oldest and the newest sample, in milliseconds; nil when there is none.
    package var times: ClosedRange<Int64>?
    /// Samples that retention or the disk limit removed.
    package var removedSampleCount = 0
    /// Bytes that retention or the disk limit removed.
    package var removedByteCount = 0
    /// Segments that retention or the disk limit removed.
    package var removedFileCount = 0
    /// Segments that could not be read at the start and were set aside.
    package var damagedSegmentCount = 0
    /// Times that a chunk of a segment could not be read.
    package var damagedChunkCount = 0
    /// Segments written from memory.
    package var flushCount = 0
    /// Tries of that which failed; samples stay in memory and the write log until one succeeds.
    package var failedFlushCount = 0
    /// Merges of segments.
    package var mergeCount = 0
    /// Records that could not be read, whole or in part, at the start.
    package var skippedRecordCount = 0
    /// Bytes in which no record could be made out at the start.
    package var damagedByteCount = 0
    /// Samples that were loaded from the write log at the start.
    package var replayedSampleCount = 0
    /// How long that took.
    package var replayNanos: Int64 = 0

    /// Samples dropped because their series had another value at the same time.
    package var conflictCount: Int { refusals.conflicting }

    init() {}
}
