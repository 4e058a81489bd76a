/// The bounds of the series store.
///
/// A number that reaches the disk also stands in docs/format/.
enum Limits {
    /// Samples of one block of the head: each is sorted by series once, when it is full.
    static let blockSampleCountMax = 32_768

    /// Samples of one batch: a request's decompressed body is bounded far below.
    static let batchByteCountMax = 64 << 20

    /// Exemplars of a series in one answer; the newest are kept.
    static let exemplarCountMax = 16

    /// Metric families that are described; a sender that invents names must not fill the memory.
    static let metadataCountMax = 100_000

    /// Refs of a file that are looked up in an array rather than a dictionary.
    static let denseRefCountMax = 1 << 22

    /// How many times more bytes samples take in memory than in the log, at most, to guess how many
    /// files a replay may load; what was loaded is then counted.
    static let memoryPerLogByte = 2

    /// Bytes of memory for a sample in a block, without its share of the series.
    static let sampleByteCount = 20

    /// What the headers of this store's write-log files say it is ("SERI"); on the disk.
    static let storeKind: UInt32 = 0x5345_5249
}
