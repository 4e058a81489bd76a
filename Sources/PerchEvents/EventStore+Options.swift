package import PerchModel

extension EventStore {
    /// What the operator chooses.
    package struct Options: Sendable {
        /// Bytes of rows kept in memory.
        ///
        /// Older rows are read back from the disk.
        package var headByteCountMax = 256 << 20
        /// Bytes of rows that one read may hold back until it is their turn.
        ///
        /// With more, it reads parts of its time twice.
        package var readByteCountMax = 64 << 20
        /// Bytes on the disk before the oldest files go; nil for no limit.
        package var diskByteCountMax: Int?
        /// Nanoseconds that rows are kept; nil for ever.
        ///
        /// Older rows are not shown; a file goes when all that is in it is older.
        package var retentionNanos: Int64?
        /// The same for single datasets.
        package var retentionNanosByDataset: [Dataset: Int64] = [:]
        /// How long rows are kept that a rule names; the first that does holds.
        package var retentionRules: [RetentionRule] = []
        /// Bytes of damaged segments that are kept aside; of more, the oldest go.
        package var damagedByteCountMax = Limits.damagedByteCountMax
        /// What the query of a deletion means, for those that were asked for before the start.
        package var readDeletion: @Sendable (String) throws -> EventPredicate = { query in
            throw StoreFailure.failed("nobody knows what \(query) means")
        }
        /// What is kept of rows when they become a segment; nil for all.
        package var sealPolicy: SealPolicy?
        /// Whether a sealed file is made a segment at once, while its rows are in memory, and not
        /// only by `maintain`.
        package var cutsByItself = false
        /// Who follows the rows of a dataset.
        package var follower: Follower?
        /// Where a file of the log is sealed; nil for a size that fits the limits above.
        package var fileByteCountMax: Int?
        /// Free bytes of the file system below which appends are refused.
        package var freeByteCountMin = 1 << 30

        package init() {}
    }

    /// Leaves rows of a dataset out when they become a segment, and says so by the weights of others.
    ///
    /// Until then all are on the disk, and all are found.
    package struct SealPolicy: Sendable {
        package var dataset: Dataset
        /// Asked for each file; it costs nothing while this is false.
        package var isActive: @Sendable () -> Bool
        /// Given the rows of a file, or as many of them as memory allows.
        package var apply: @Sendable (EventBatch) -> EventBatch
        /// What it wants to know again at a start of the rows that it left in segments.
        package var remembered: [FieldReference] = []
        /// Given these fields, the newest segments first, while it is active; answers whether it wants
        /// more.
        package var remember: @Sendable (EventBatch) -> Bool = { _ in false }

        package init(
            _ dataset: Dataset, isActive: @escaping @Sendable () -> Bool,
            apply: @escaping @Sendable (EventBatch) -> EventBatch
        ) {
            self.dataset = dataset
            self.isActive = isActive
            self.apply = apply
        }
    }

    /// How long rows of a kind are kept, longer or shorter than the others of their dataset.
    package struct RetentionRule: Sendable, Hashable {
        package var dataset: Dataset
        package var predicate: EventPredicate
        package var nanos: Int64

        package init(_ dataset: Dataset, _ predicate: EventPredicate, nanos: Int64) {
            self.dataset = dataset
            self.predicate = predicate
            self.nanos = nanos
        }
    }
}
