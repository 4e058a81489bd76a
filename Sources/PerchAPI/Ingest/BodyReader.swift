import HTTPTypes
import Hummingbird
import NIOCore

/// Reads a request's body with a limit on its size and on the time it may take.
enum BodyReader {
    /// The whole body, still compressed.
    ///
    /// A client that sends slowly is answered 408 after `timeout`: without it, one that drips a
    /// byte at a time would hold a connection and its buffer for as long as it likes.
    static func read(
        _ request: Request, byteCountMax: Int, timeout: Duration
    ) async throws -> [UInt8] {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }),
            declared > byteCountMax
        {
            throw tooLarge(byteCountMax)
        }
        let body = request.body
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                for try await chunk in body {
                    guard bytes.count + chunk.readableBytes <= byteCountMax else {
                        throw tooLarge(byteCountMax)
                    }
                    bytes.append(contentsOf: chunk.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let bytes = first else {
                throw Problem(.requestTimeout, "the body did not arrive within \(timeout)")
            }
            return bytes
        }
    }

    private static func tooLarge(_ byteCountMax: Int) -> Problem {
        Problem(.contentTooLarge, "the body is over the limit of \(byteCountMax) bytes")
    }
}
