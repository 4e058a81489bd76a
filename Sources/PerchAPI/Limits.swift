/// The bounds of this target.
package enum Limits {
    /// Bytes of a form: of a page, or of a query that is sent by POST.
    static let formByteCountMax = 1 << 20
    /// Bytes of a dashboard's file.
    static let dashboardByteCountMax = 8 << 20
    /// Bytes of telemetry that are decoded on a connection's event loop: a millisecond's work.
    static let bodyOnLoopByteCountMax = 64 << 10
    /// How long a connection stays open after an answer to a request whose body was not read:
    /// long enough for the answer to arrive, which a closed connection may take back.
    static let lingerSeconds: Int64 = 5
    /// Queries that run at once.
    package static let queriesMax = 16
    /// Queries that wait for their turn; more are asked to come back.
    package static let queriesWaitingMax = 64
    /// How long a query may take until its answer begins; Prometheus' own default.
    package static let querySeconds = 120
    /// How long a reader may take nothing of an answer that is streamed.
    package static let stalledSeconds = 30
    /// How long a streamed answer may take in all.
    package static let streamSeconds = 1_800
    /// Bytes of an export that are sent at once.
    static let exportPieceByteCount = 256 << 10
    /// Samples of a series after which an export looks at its size.
    static let exportPieceRowCount = 2_000
    /// How often it is looked whether a running query's reader is still there, and whether a query
    /// or a body takes too long.
    static let watchMilliseconds = 250
    /// Spans of all traces of one answer: about 50 MB as JSON; what is beyond is left out with a
    /// warning.
    static let traceSpansMax = 50_000
    /// Spans behind a list of traces, of which an answer has a line each.
    static let summarySpansMax = 1_000_000
    /// Traces of one answer; more may be asked for and are not given.
    static let tracesMax = 1_500
    /// Traces of an answer where nobody says.
    static let tracesDefault = 100
    /// Ids of traces in one question.
    static let traceIDsMax = 100
    /// How far back a search goes where nobody says: two days, as Jaeger does.
    static let traceLookbackNanos: Int64 = 2 * 86_400 * 1_000_000_000
    /// Rows that the counts of fields are taken from.
    static let countedRowsMax = 10_000
    /// Readers of the live tail.
    package static let tailReadersMax = 32
    /// Batches that wait for one reader of the tail.
    package static let tailBatchesMax = 64
    /// Bytes of batches that wait for one reader of the tail.
    package static let tailByteCountMax = 8 << 20
    /// How long a reader of the tail may take nothing.
    static let tailStallSeconds = 30
    /// Bytes of a frame that a reader of a WebSocket sends: such readers have nothing to say.
    static let webSocketFrameByteCountMax = 16 << 10
    /// How often a quiet tail says that it is alive.
    static let tailAliveSeconds = 15
    /// How long ago a query may begin to be answered without another thread: the newest samples are
    /// in memory.
    static let recentMillis: Int64 = 3 * 3_600_000
    /// Bytes of such a query's text.
    static let quickQueryByteCountMax = 4 << 10
    /// Deploys of one answer, and bytes of each field of one.
    static let deploysMax = 1_000
    static let deployFieldByteCountMax = 1_024
    /// Bytes of answers that are worth compressing, and few enough to do it at once.
    static let gzipByteCounts = 1_024...(4 << 20)
    /// Bytes that are set aside at once for a body whose length is declared.
    static let declaredBodyByteCountMax = 4 << 20
}
