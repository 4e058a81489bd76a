import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Writes an answer in pieces to a reader that must not stall.
///
/// A reader that takes nothing would hold a query's memory and its turn for as long as it likes, so
/// the connection is closed under it.
enum StreamedAnswer {
    static func write(
        _ body: ResponseBody, to writer: any ResponseBodyWriter, _ channel: any Channel,
        _ limits: QueryLimits
    ) async throws {
        let clock = ContinuousClock()
        let pace = Pace(clock.now)
        let end = clock.now + limits.stream
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(Limits.watchMilliseconds))
                    let isStalled = pace.writingSince.map { clock.now - $0 > limits.stall } ?? false
                    if isStalled || clock.now > end {
                        channel.close(promise: nil)
                        return
                    }
                }
            }
            defer { group.cancelAll() }
            try await body.write(PacedWriter(base: writer, pace: pace))
        }
    }

    /// Since when a write waits for the reader.
    private final class Pace: Sendable {
        private let since = Mutex<ContinuousClock.Instant?>(nil)

        init(_ start: ContinuousClock.Instant) {
            since.withLock { $0 = start }
        }

        var writingSince: ContinuousClock.Instant? { since.withLock { $0 } }

        func set(_ instant: ContinuousClock.Instant?) {
            since.withLock { $0 = instant }
        }
    }

    private struct PacedWriter: ResponseBodyWriter {
        var base: any ResponseBodyWriter
        let pace: Pace

        @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
            pace.set(ContinuousClock.now)
            try await base.write(buffer)
            pace.set(nil)
        }

        @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            pace.set(ContinuousClock.now)
            try await base.finish(trailingHeaders)
            pace.set(nil)
        }
    }
}
