/// What a door answers, without HTTP's types.
package struct IngestAnswer: Sendable, Equatable {
    /// The HTTP status.
    package var status: Int
    package var body: [UInt8]
    package var contentType: String
    /// Seconds for `Retry-After`, when trying again may help.
    package var retryAfterSeconds: Int?

    package init(
        status: Int, body: [UInt8], contentType: String, retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.body = body
        self.contentType = contentType
        self.retryAfterSeconds = retryAfterSeconds
    }
}
