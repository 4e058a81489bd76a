/// What is asked of a target or of a discovery.
package struct ScrapeRequest: Sendable {
    package var url: String
    package var headers: [(name: String, value: String)]
    package var timeoutNanos: Int64
    /// Bytes of the body as sent; its plain bytes are bounded by the reader.
    package var bodyByteCountMax: Int
    package var transport: ScrapeTransport

    package init(
        url: String, headers: [(name: String, value: String)], timeoutNanos: Int64,
        bodyByteCountMax: Int, transport: ScrapeTransport
    ) {
        self.url = url
        self.headers = headers
        self.timeoutNanos = timeoutNanos
        self.bodyByteCountMax = bodyByteCountMax
        self.transport = transport
    }
}

/// What a target answered, its body as it came.
package struct ScrapeResponse: Sendable {
    package var status: Int
    package var contentType: String?
    package var contentEncoding: String?
    package var body: [UInt8]

    package init(
        status: Int, contentType: String? = nil, contentEncoding: String? = nil, body: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.body = body
    }
}

/// Asks targets: over the network, or not at all in tests.
///
/// Safe to call from any task.
package protocol ScrapeClient: Sendable {
    /// The answer, within the request's time and bytes.
    func get(_ request: ScrapeRequest) async throws(ScrapeFailure) -> ScrapeResponse
}

/// Reads small files: secrets and targets.
///
/// Safe to call from any task.
package protocol ScrapeFiles: Sendable {
    /// The paths that fit a pattern, the last part of which may hold `*`, sorted.
    func paths(matching pattern: String) -> [String]
    /// The bytes of a file, at most so many.
    func bytes(_ path: String, byteCountMax: Int) throws(ScrapeFailure) -> [UInt8]
}
