/// The bounds of the series store.
///
/// A number that reaches the disk also stands in docs/format/.
enum Limits {
    /// Samples of one batch: a request's decompressed body is bounded far below.
    static let batchByteCountMax = 64 << 20

    /// How far ahead of the clock a sample may be: ten minutes, beyond which a sender's clock is
    /// wrong rather than early.
    static let aheadMillisMax: Int64 = 600_000

    /// Exemplars of a series in one answer or segment; the newest are kept.
    static let exemplarCountMax = 16

    /// Exemplars of all series in one memtable: some 20 MB.
    static let exemplarsInMemoryMax = 100_000

    /// Metric families that are described; a sender that invents names must not fill the memory.
    static let metadataCountMax = 100_000

    /// Refs of a file that are looked up in an array rather than a dictionary.
    static let denseRefCountMax = 1 << 22

    /// Bytes of memory for a slot of eight samples.
    static let slotByteCount = 112

    /// Slots of a series that are looked at for a sample that comes late: its newest 512 samples.
    static let lateSlotCountMax = 64

    /// The same of a series whose samples came in order: its newest 8,192 samples, more than an hour
    /// of one each half second.
    static let lateOrderedSlotCountMax = 1024

    /// Bytes of memory for a histogram without its buckets.
    static let histogramByteCount = 256

    /// Bytes of memory for an exemplar without its labels.
    static let exemplarByteCount = 64

    /// Memtables that may wait for their segment before new samples are refused: what a disk that
    /// takes no segments may cost in memory.
    static let frozenCountMax = 2

    /// Samples of a chunk: decoding all of it for one sample costs about a microsecond.
    static let chunkCountMax = 256

    /// Samples of a chunk that a reader takes, whatever a file says.
    static let chunkReadCountMax = 1 << 20

    /// Histograms or exemplars of a chunk.
    static let objectChunkCountMax = 128

    /// Plain bytes of a chunk of histograms or exemplars that a reader takes.
    static let objectChunkByteCountMax = 256 << 20

    /// Plain bytes of an index or of descriptions in a segment.
    static let segmentIndexByteCountMax = 1 << 30

    /// Bytes of chunks that are written at once.
    static let segmentBufferByteCount = 1 << 20

    /// The most bytes of a segment that are read ahead at once.
    static let readAheadByteCountMax = 256 << 10

    /// Segments next to each other of one level that are merged into one of the next.
    static let mergeCount = 4

    /// Series whose labels are looked at one by one rather than asking for all that fit a matcher.
    static let checkedSeriesMax = 64

    /// Series that may be idle in the head before it is worth making a new one without them.
    static let idleSeriesCountMin = 1_000

    /// Series of a metric that are looked through for the label that grew: some milliseconds.
    static let culpritSeriesMax = 100_000

    /// A list of deletions that is larger is not ours.
    static let deletionListByteCountMax = 64 << 20

    /// Bytes of memory for the indexes of segments; one that was not used lately goes first.
    static let indexByteCountMax = 96 << 20

    /// What the headers of this store's write-log files say it is ("SERI"); on the disk.
    static let storeKind: UInt32 = 0x5345_5249

    /// What the manifest of the segments says it is ("SEGM"); on the disk.
    static let segmentKind: UInt32 = 0x5345_474D
}
