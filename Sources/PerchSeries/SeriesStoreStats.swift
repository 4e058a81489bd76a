/// What a series store holds, and what happened to it since it was opened.
package struct SeriesStoreStats: Sendable, Equatable {
    /// Series known.
    package let seriesCount: Int
    /// Samples that a query can find.
    package let sampleCount: Int
    /// Bytes of samples in memory, roughly.
    package let byteCountInMemory: Int
    /// Bytes of the write log's files.
    package let byteCountOnDisk: Int
    /// Files of the write log.
    package let fileCount: Int
    /// Those of them whose samples are read from the disk.
    package let fileCountOnDiskOnly: Int
    /// Samples dropped because their series had another value at the same time.
    package let conflictCount: Int
    /// Samples that retention or the disk limit removed.
    package let removedSampleCount: Int
    /// Bytes that retention or the disk limit removed.
    package let removedByteCount: Int
    /// Files that retention or the disk limit removed.
    package let removedFileCount: Int
    /// Records that could not be read, whole or in part, at the start.
    package let skippedRecordCount: Int
    /// Bytes in which no record could be made out at the start.
    package let damagedByteCount: Int
    /// Samples that were loaded at the start.
    package let replayedSampleCount: Int
}
