/// The bounds of files and logs.
///
/// A number that reaches the disk says so.
package enum Limits {
    /// Where a write-log file is sealed: retention deletes whole files, so not too large; each
    /// costs a few syncs, so not too small.
    package static let writeLogFileByteCountMax = 64 << 20

    /// Bytes that may wait for the disk before new ones are refused: four seconds of a slow disk.
    package static let writeLogPendingByteCountMax = 256 << 20

    /// One record: more than twice what a store takes as one batch (64 MiB), with its labels.
    ///
    /// A reader refuses longer ones, so lowering it needs a new format version.
    package static let writeLogRecordByteCountMax = 160 << 20

    /// Bytes encoded before they are written and synced, even when more waits: it bounds the
    /// buffer, and the time that the first of a large group waits for the last.
    package static let writeLogGroupByteCountMax = 8 << 20

    /// Free bytes below which nothing more is taken, so that compaction and SQLite can still work.
    package static let freeByteCountMin = 1 << 30

    /// Copies of cut-off ends that a log's folder keeps; each is at most as large as a file.
    static let damagedCopyCountMax = 4

    /// Bytes read at once when a log is replayed.
    static let scanWindowByteCount = 1 << 20

    /// Bytes of removed files that are kept to be written into; one file is, whatever its size.
    static let spareByteCountMax = 128 << 20

    /// The same by their number: where files are small, the disk's limit is too.
    static let spareCountMax = 8

    /// Nanoseconds that a spare waits, and that a file may have old records behind its own.
    static let spareAgeMax: Int64 = 60 * 1_000_000_000

    /// Records in a manifest beyond those of live files before it is rewritten.
    static let manifestSpareRecordCountMax = 1_000

    /// A manifest larger than this is not ours.
    static let manifestByteCountMax = 64 << 20

    /// The version file is one short text.
    static let formatByteCountMax = 4096
}
