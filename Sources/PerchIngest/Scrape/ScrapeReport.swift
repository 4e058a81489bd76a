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
    /// Why it is not up; empty when it is.
    package var message = ""
}
