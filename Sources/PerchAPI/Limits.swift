/// The bounds of this target.
package enum Limits {
    /// Bytes of a form: of a page, or of a query that is sent by POST.
    static let formByteCountMax = 1 << 20
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
    /// How often a running query looks whether its reader is still there.
    static let watchMilliseconds = 250
}
