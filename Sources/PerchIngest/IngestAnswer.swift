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

/// Why a whole request is refused: status, reason, and a sentence for the sender.
struct Refusal: Error, Equatable {
    var status: Int
    var reason: RefusalReason
    var message: String

    /// gRPC's code for the body of an OTLP error (OTLP specification, "Failures").
    var grpcCode: Int {
        switch status {
        case 429: 8
        case 503: 14
        default: 3
        }
    }

    var retryAfterSeconds: Int? {
        status == 503 || status == 429 ? Limits.retryAfterSeconds : nil
    }
}
