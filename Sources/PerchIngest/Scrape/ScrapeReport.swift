import PerchModel

/// Why a scrape brought nothing.
package struct ScrapeFailure: Error, Sendable, Equatable {
    /// The answer is longer than the job allows.
    static let tooLong = ScrapeFailure("body size limit exceeded")

    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// What one scrape brought.
package struct ScrapeReport: Sendable, Equatable {
    package var isUp = false
    package var durationNanos: Int64 = 0
    package var scraped = 0
    /// Samples that were left after metric relabeling.
    package var kept = 0
    /// Plain bytes of the answer; -1 when they were over the limit.
    package var bodyByteCount = 0
    /// Series that the scrape before did not have.
    package var added = 0
    /// Why it is not up, or what the store did not take; empty when there is nothing to tell.
    package var message = ""

    mutating func add(_ text: String) {
        message = message.isEmpty ? text : "\(message); \(text)"
    }
}

extension StoreFailure {
    /// What the page of targets says of a scrape that was not stored.
    ///
    /// What the store says may name files, so only its kind is told.
    var scrapeMessage: String {
        switch self {
        case .noSpace: "not stored: the disk is full"
        case .overloaded: "not stored: the store is overloaded"
        case .tooLarge: "not stored: too many samples at once"
        case .closed, .cancelled: "not stored: the server is stopping"
        case .failed: "not stored: the store failed; see the server's log"
        }
    }
}
