import Synchronization

/// A target that is being scraped: what it is asked for, and how the last scrape went.
final class ActiveTarget: Sendable {
    struct State {
        var target: ScrapeTarget
        var job: ScrapeJob
        /// The configuration that `job` is of.
        var version: Int
        /// Why it must not be asked, as too many targets of its job.
        var refusal: String?
        var isStopped = false
        var startNanos: Int64?
        var report: ScrapeReport?
        /// The hash of what it says of its families; nil before the first answer.
        var metadataHash: UInt64?
    }

    private let state: Mutex<State>

    init(_ target: ScrapeTarget, _ job: ScrapeJob, version: Int, refusal: String?) {
        state = Mutex(State(target: target, job: job, version: version, refusal: refusal))
    }

    var now: State { state.withLock { $0 } }

    func change(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
    }
}

/// How a target does, for the pages and the API.
package struct ScrapeTargetStatus: Sendable {
    package var target: ScrapeTarget
    /// Nil before the first scrape.
    package var startNanos: Int64?
    package var report: ScrapeReport?
}

/// The targets of one job.
package struct ScrapePoolStatus: Sendable {
    package var job: String
    package var active: [ScrapeTargetStatus] = []
    /// All labels of targets that relabeling dropped; at most a thousand.
    package var dropped: [LabelSet] = []
    package var droppedCount = 0
    /// Addresses that cannot be scraped, and discoveries that failed.
    package var messages: [String] = []
}

/// What the scraper did since it began.
package struct ScrapeCounters: Sendable, Equatable {
    package var scrapes = 0
    package var failedScrapes = 0
    package var samples = 0
    /// Samples that the store refused, as another value at the same time.
    package var refusedSamples = 0
    /// Batches that the store did not take.
    package var failedAppends = 0
    package var discoveryFailures = 0
}
