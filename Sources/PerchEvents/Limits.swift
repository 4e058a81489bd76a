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

    /// Columns of a block: more begin another, since each costs every read of the block a little.
    static let blockColumnCountMax = 4096

    /// Columns of one batch; the fields of the fewest rows stand in one field of JSON then.
    static let batchColumnCountMax = 1024

    /// Bytes of the name of a field that has a column.
    static let fieldNameByteCountMax = 1024

    /// Bytes of one batch in memory.
    ///
    /// A door cuts a request that becomes more into several, or refuses it.
    static let batchByteCountMax = 64 << 20

    /// Bytes that one payload may unfold to.
    ///
    /// The constant columns of a small payload could unfold to anything. A batch that was accepted
    /// is below: the decoder counts the same arrays, each once.
    static let decodedByteCountMax = 2 * batchByteCountMax + (8 << 20)

    /// Bytes in memory from which a file of the log is ended even with a small budget; with a
    /// larger one it is a quarter, so that what leaves memory at once is not much of it.
    static let fileMemoryByteCountMin = 1 << 20

    /// Bytes of one answer of a cursor from which no row is added.
    static let answerByteCountMax = 8 << 20

    /// Files of which nothing is known that one run of the upkeep reads.
    static let learnedFileCountMax = 4

    /// Rows of one answer of a cursor, so that a reader can stop early and memory stays small.
    static let answerRowCountMax = 8192

    /// How many times more bytes a batch usually takes in memory than in the log, to guess how many
    /// files a replay may load.
    ///
    /// Constant columns can make it any number: what is loaded is counted, and ends at the budget.
    static let memoryPerLogByte = 2

    /// Rows of one block of a segment: few enough that one that matches is cheap to read, many
    /// enough that what is said of it once costs little.
    static let segmentBlockRowCountMax = 16_384

    /// Bytes in memory of one block of a segment.
    static let segmentBlockByteCountMax = 16 << 20

    /// Rows of a block above which a segment is damaged.
    static let segmentBlockRowCountLimit = 1 << 16

    /// Bytes of one column of a block, above which a segment is damaged: a block and one batch.
    static let segmentChunkByteCountMax = decodedByteCountMax + segmentBlockByteCountMax

    /// Blocks that a read in order reads at once, each on a core of its own; all stand in memory
    /// until they are put in order.
    static let readAheadMax = 4

    /// The same while blocks hold few rows: no more than the next number, all together.
    static let sparseReadAheadMax = 8

    /// Rows of blocks that were read at once up to which they are few.
    static let sparseRowCountMax = 256

    /// Blocks whose filters are looked at for these, before what waits is looked at again.
    static let lookAheadMax = 64

    /// Entries of lists of columns, attributes of senders in them, and each six runs of times that are
    /// kept in memory: each takes about 250 bytes.
    static let cachedDirectoryCostMax = 200_000

    /// Sets of senders for which a query remembers what is left of its predicate.
    static let knownSendersMax = 64

    /// Runs of times that are read each by itself; of more, all are read at once.
    static let timeRunsReadMax = 8

    /// Texts with a number below this are counted over the blocks of a scan, and there may be so many
    /// counters in all: 8 MB.
    static let talliedNumberMax = 1 << 20

    /// Bytes of the patterns of a block's texts that are counted so.
    static let talliedPatternByteCountMax = 4 << 10

    /// Patterns of texts that are counted so; a block with others is answered by itself.
    static let talliedPatternMax = 16

    /// Entries of a dictionary from which it is worth to count them over the blocks of a scan.
    static let talliedEntryCountMin = 64

    /// Bytes of texts of one length from which a few are read without the others.
    static let fixedTextsByteCountMin = 16 << 10

    /// Texts that are read so, each by itself.
    static let fixedTextCountMax = 16

    /// Bytes at the start of such texts that say where they are.
    static let fixedTextsHeadByteCount = 128

    /// Bytes of one of them.
    static let fixedTextByteCountMax = 1 << 10

    /// Patterns of one column of a block; a text that would need one more stands for itself.
    static let patternCountMax = 4096

    /// Entries of a dictionary from which it is worth to split them into patterns.
    static let templateTextCountMin = 64

    /// Numbers from which it is worth to try whether their bytes compress.
    static let planeValueCountMin = 64

    /// Bits of a number up to which bytes are not even tried to be compressed.
    static let packedWidthMax = 8

    /// Rows of a block for each value of a column whose rows are counted there.
    static let rowsPerCountedValue = 16

    /// Bytes of texts of a few rows that are answered as they are, also where some repeat.
    static let plainByteCountMax = 64 << 10

    /// How far apart numbers of a column lie at most whose rows are counted.
    static let countedNumberSpan = 4096

    /// Bytes of text from which it is worth to try to compress them.
    static let compressedByteCountMin = 512

    /// The same of patterns.
    static let compressedPatternByteCountMin = 8 << 10

    /// The level of compression of texts.
    static let compressionLevel: Int32 = 3

    /// Bits that a token has in the filter of its block: about 1 block in 100 is read in vain.
    static let filterBitsPerToken = 10

    /// Segments that are worth to become one.
    static let mergeCountMin = 4

    /// Segments that become one at once.
    static let mergeCountMax = 64

    /// Bytes of a merged segment: copying them once more takes a second or two.
    static let mergedByteCountMax = 256 << 20

    /// Nanoseconds that a merged segment may span, so that whole ones become too old.
    static let mergedSpanMax: Int64 = 86_400 * 1_000_000_000

    /// Bytes of segments that one run of the upkeep writes anew: others wait for it.
    static let mergedByteCountPerRun = 64 << 20

    /// Nanoseconds from a merge that failed to the next: on a full disk it would fail again.
    static let mergePause: Int64 = 300 * 1_000_000_000

    /// Bytes of log files that are segments already and are kept for a follower.
    static let followedByteCountMax = 512 << 20

    /// Blocks of the newest segments that a seal policy is shown at a start: about a million rows.
    static let rememberedBlockCountMax = 64

    /// Deletions that were not carried out yet; each costs the reads a little.
    static let deletionCountMax = 256

    /// Bytes of rows that a seal policy is given at once.
    static let sealedByteCountMax = 32 << 20

    /// Bytes of the query of a deletion.
    static let deletionQueryByteCountMax = 16 << 10

    /// Bytes of the list of deletions.
    static let deletionFileByteCountMax = 2 * deletionCountMax * deletionQueryByteCountMax

    /// Bytes of damaged segments that are set aside; of more, the oldest go.
    static let damagedByteCountMax = 256 << 20

    /// What the headers of this store's write-log files say it is ("EVNT"); on the disk.
    static let storeKind: UInt32 = 0x4556_4e54
}
