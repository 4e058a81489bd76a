/// The bounds of the event store.
///
/// A number that reaches the disk also stands in docs/format/.
enum Limits {
    /// Rows of one block of the head: large enough that work a block costs little, small enough
    /// that copying one that a reader holds is a few milliseconds.
    static let blockRowCountMax = 8192

    /// Rows from which a batch is a block of its own, which costs no copy at all.
    static let ownBlockRowCountMin = 512

    /// Bytes of one block, for the same reason when rows are large.
    static let blockByteCountMax = 4 << 20

    /// Bytes of one batch in memory: a request's decompressed body is bounded far below.
    static let batchByteCountMax = 64 << 20

    /// Bytes that one payload may unfold to.
    ///
    /// The constant columns of a small payload could unfold to anything; a batch that was accepted
    /// is well below.
    static let decodedByteCountMax = 2 * batchByteCountMax + (8 << 20)

    /// Rows of one answer of a cursor, so that a reader can stop early and memory stays small.
    static let answerRowCountMax = 8192

    /// How many times more bytes a batch takes in memory than in the log, at most, to guess how
    /// many files a replay may load; what was loaded is then counted.
    static let memoryPerLogByte = 2

    /// What the headers of this store's write-log files say it is ("EVNT"); on the disk.
    static let storeKind: UInt32 = 0x4556_4e54
}
