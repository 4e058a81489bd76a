/// What queries may take.
package struct QueryLimits: Sendable {
    /// Queries that run at once.
    package var runningMax = Limits.queriesMax
    /// Queries that wait for their turn.
    package var waitingMax = Limits.queriesWaitingMax
    /// How long a query may take until its answer begins, its wait included.
    package var time = Duration.seconds(Limits.querySeconds)
    /// How long a reader may take nothing of an answer that is streamed.
    package var stall = Duration.seconds(Limits.stalledSeconds)
    /// How long a streamed answer may take in all.
    package var stream = Duration.seconds(Limits.streamSeconds)

    package init() {}
}
