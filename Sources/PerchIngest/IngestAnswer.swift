/// What a door answers, without HTTP's types.
package struct IngestAnswer: Sendable, Equatable {
    /// The HTTP status.
    package var status: Int
    package var body: [UInt8]
    package var contentType: String
    /// Seconds for `Retry-After`, when trying again may help.
    package var retryAfterSeconds: Int?
    /// What was written, for protocols whose answers say so.
    package var written: Written?

    /// Counts of what a request brought and a store took.
    package struct Written: Sendable, Equatable {
        package var samples = 0
        package var histograms = 0
        package var exemplars = 0
    }

    package init(
        status: Int, body: [UInt8], contentType: String, retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.body = body
        self.contentType = contentType
        self.retryAfterSeconds = retryAfterSeconds
    }
}
