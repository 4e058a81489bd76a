/// The bounds of this target.
package enum Limits {
    /// How far ahead of the server's clock a sample or event may be: ten minutes, beyond which a
    /// sender's clock is wrong rather than late (design, "Day one").
    package static let futureNanosMax: Int64 = 600 * 1_000_000_000
    /// Series of delta temporality whose sums are kept.
    ///
    /// At about 300 bytes each this stays below 32 MB; more are refused until some were silent for
    /// `deltaIdleMillisMax`.
    package static let deltaSeriesMax = 100_000
    /// How long a sum is kept for a series that is silent, when room is needed: an hour, many times
    /// the interval at which SDKs send.
    ///
    /// A series that comes back begins a new sum.
    static let deltaIdleMillisMax: Int64 = 3_600_000
    /// How often silent sums are looked for, so that a flood of new series does not pay for it at
    /// each of them.
    static let deltaSweepMillis: Int64 = 60_000
    /// Buckets of all sums of exponential histograms together: 32 MB.
    static let deltaBucketsMax = 4 << 20
    /// Buckets of a sum of exponential histograms.
    ///
    /// SDKs use 160 a side.
    static let deltaHistogramBucketsMax = 4_096
    /// Labels of a series.
    ///
    /// Prometheus' own targets have below 30.
    static let labelsMax = 128
    /// Bytes of a label's name.
    static let labelNameByteCountMax = 1_024
    /// Bytes of a label's value.
    ///
    /// A longer one is text, and belongs in a log.
    static let labelValueByteCountMax = 8_192
    /// Bytes of all requests between their first chunk and the disk, where nobody says.
    package static let inFlightByteCountMax = 256 << 20
    /// What a byte of JSON takes while it is decoded: itself, as protobuf, and as columns that
    /// grow by doubling.
    static let jsonFactor = 4
    /// What a byte of protobuf takes likewise: itself and its columns.
    static let binaryFactor = 2
    /// What compressed bytes are taken to become, until that is known; telemetry shrinks to a
    /// tenth as a rule, and a body that shrank more is decompressed a second time.
    static let compressionFactor = 20
    /// The least that a compressed body is taken to become.
    static let plainByteCountMin = 64 << 10
    /// How often one kind of failure is told to the log: every ten seconds.
    static let reportNanos: Int64 = 10 * 1_000_000_000
    /// The services whose events are counted for a limit; further ones are not limited, since
    /// refusing them would let anybody lock out others by inventing names.
    static let servicesMax = 10_000
    /// How many seconds' worth of events a service may send at once.
    static let serviceSeconds = 10.0
    /// The combinations of rule, service and level whose rows are sampled apart.
    static let sampledKeysMax = 10_000
    /// Spans of an operation that stand together, below which it is rare, and its traces are kept.
    static let rareOperationCount = 20
    /// Traces with something to keep whose later spans are kept too.
    static let keptTracesMax = 100_000
    /// Seconds after which a refused sender may try again.
    package static let retryAfterSeconds = 5
    /// Operations of all services that lists of them know.
    package static let catalogueOperationsMax = 20_000
    /// Bytes of all their names together.
    static let spanNameByteCountMax = 4 << 20
    /// Rows of metrics from spans, of 20 series each; more spans than these have one row together.
    static let spanRowsMax = 10_000
    /// Services and other names in metrics from spans.
    static let spanServicesMax = 5_000
    /// Edges of the service graph, of 40 series each.
    static let graphEdgesMax = 2_000
    /// Slots in each half of the table of spans that wait for the other end of their call, 60 bytes
    /// each; half of them are used.
    static let graphSlotCount = 1 << 15
    /// How often metrics from spans are written, as OpenTelemetry's connector does.
    package static let spanWriteSeconds = 15
    /// How often a row that does not change is written again: well within the five minutes that a
    /// query looks back.
    static let spanRepeatMillis: Int64 = 120_000
    /// The writes whose places in the log of events are needed at a start: ends of calls wait through
    /// up to two.
    static let spanPositionsKept = 3
    /// Bytes of names and labels from which a write goes on in another batch: a store takes several
    /// times as many.
    static let spanBatchByteCountMax = 8 << 20
    /// How often the place is written when nothing is counted: a start looks back twice as far
    /// before it reads all that there is of it.
    static let spanPositionMillis: Int64 = 1_800_000
    /// For how long after its last change: an hour; it goes on from there when it changes again.
    static let spanIdleMillis: Int64 = 3_600_000
}
