/// What a body may make of itself, in one place.
///
/// The limit on a body's own size is its door's.
enum Limits {
    /// How deep values nest: in OTLP's AnyValue, and in JSON where reading recurses.
    ///
    /// SDKs nest a handful; protobuf's own libraries stop at 100.
    static let maxDepth = 64
    /// How deep JSON nests where it is only skipped or copied, which does not recurse.
    static let maxSkippedDepth = 1_000
    /// The longest key of an attribute, its path of a flattened map included.
    static let maxKeyBytes = 4_096
    /// The attributes of one record, of one resource, or of one scope; more are counted as dropped.
    ///
    /// OpenTelemetry's SDKs stop at 128.
    static let maxAttributes = 1_000
    /// The distinct fields of one body.
    ///
    /// A body with more uses data as keys.
    static let maxColumns = 20_000
    /// The records of one body.
    ///
    /// An empty record takes two bytes and makes a row.
    static let maxRows = 1_000_000
    /// What a body may copy into each of its records or series: names and attributes of scopes,
    /// labels of resources, names of metrics.
    static let maxRepeatedBytes = 256 * 1_024 * 1_024
    /// The label bytes that a body makes us write and look up, repeated ones included: what bounds
    /// the time that long names with many small points can take.
    static let maxLabelWork = 1_024 * 1_024 * 1_024
    /// The labels of one data point; the ingest stage takes no more either.
    static let maxLabels = 128
    /// The names and values of one data point's labels.
    static let maxLabelBytes = 256 * 1_024
    /// The buckets of one histogram, a bound or a filled bucket each, the quantiles of one summary
    /// and the exemplars of one data point.
    ///
    /// OpenTelemetry's SDKs make 160 buckets, and an exemplar for each at most.
    static let maxBuckets = 1_000
    /// How far samples of `target_info` are apart where points of one request are spread over time:
    /// half of the time that readers look back.
    static let targetInfoMillis: Int64 = 150_000
    /// The samples of `target_info` before the newest one of a resource in a request: a day of them.
    static let maxTargetInfos: Int64 = 576
    /// The memory that the samples, histograms and exemplars of one body take, roughly.
    ///
    /// An empty point of a histogram takes two bytes of the body and over a hundred of memory.
    static let maxSampleBytes = 128 * 1_024 * 1_024
    /// The bytes of the names of all fields of one body.
    ///
    /// Maps repeat the beginning of a name for each of their entries.
    static let maxColumnNameBytes = 16 * 1_024 * 1_024
    /// The lines of plain text that an answer names.
    static let maxNamedLines = 20
    /// The longest line that is read as JSON; a longer one is kept as plain text.
    static let maxLineBytes = 1_024 * 1_024
    /// The longest plain body in which fields are looked for.
    static let maxBodyFieldBytes = 64 * 1_024
    /// The most fields that are taken out of a plain body; with more it stays text alone.
    static let maxBodyFields = 200
    /// The distinct fields of a request up to which plain bodies may add some.
    static let maxBodyColumns = 5_000
    /// The fields that one parameter of JSON lines may name.
    static let maxMappedFields = 50
    /// The senders of one body of JSON lines; of further ones only the service is told apart.
    static let maxSenders = 10_000
}
