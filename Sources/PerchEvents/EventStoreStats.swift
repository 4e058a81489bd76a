/// What an event store holds, and what happened to it since it was opened.
package struct EventStoreStats: Sendable, Equatable {
    /// Rows that a query can find.
    package let rowCount: Int
    /// Those of them that are in memory.
    package let rowCountInMemory: Int
    /// Bytes of rows in memory, roughly.
    package let byteCountInMemory: Int
    /// Bytes of the write log's files and of the segments.
    package let byteCountOnDisk: Int
    /// Files of the write log, and segments made of such.
    package let fileCount: Int
    /// Segments.
    package let segmentCount: Int
    /// Those of them whose rows are read from the disk.
    package let fileCountOnDiskOnly: Int
    /// Rows that retention or the disk limit removed.
    package let removedRowCount: Int
    /// Bytes that retention or the disk limit removed.
    package let removedByteCount: Int
    /// Files that retention or the disk limit removed.
    package let removedFileCount: Int
    /// Records that could not be read at the start.
    package let skippedRecordCount: Int
    /// Bytes in which no record could be made out at the start.
    package let damagedByteCount: Int
    /// Ends of files that were cut off at the start and are kept as `.damaged`.
    package let damagedCopyCount: Int
    /// Segments that could not be read at the start and are set aside as `.damaged`.
    package let damagedSegmentCount: Int
    /// How often a read met a damaged block of a segment.
    package let damagedReadCount: Int
    /// Segments that were written anew, alone or as one.
    package let mergeCount: Int
    /// Bytes of segments that took the place of others.
    package let mergedByteCount: Int
    /// Rows that merges took out: deleted ones, and those that retention does not keep.
    package let droppedRowCount: Int
    /// Values that stand in one field with others, because there were too many fields.
    package let overflowValueCount: Int
    /// Deletions that were not carried out everywhere yet.
    package let deletionCount: Int
    /// Bytes of damaged segments that are kept aside.
    package let setAsideByteCount: Int
    /// Rows that were loaded at the start.
    package let replayedRowCount: Int
    /// Blocks of segments that reads looked at.
    package let blockReads: BlockReads

    /// Blocks of segments, by what came of looking at them.
    package struct BlockReads: Sendable, Equatable {
        /// The filter of tokens showed that no row is wanted.
        package let filtered: Int
        /// Conditions or bounds showed it.
        package let empty: Int
        /// Rows alike were answered as one, with a weight.
        package let joined: Int
        /// Rows were answered as they are.
        package let rows: Int
    }
}
