import Hummingbird
import NIOCore
import PerchModel
import Synchronization

/// How a reader of the tail is told of events.
protocol TailFormat: Sendable {
    /// What is sent first; may be empty.
    var opening: ByteBuffer { get }
    /// What is sent now and then when there is nothing else.
    var alive: ByteBuffer { get }
    /// What is sent last.
    var ending: ByteBuffer { get }
    /// Whether the connection ends with it.
    var endsConnection: Bool { get }

    /// What is sent of a batch, nil for nothing, and of how many events were lost before it.
    mutating func text(of batch: EventBatch?, droppedCount: Int) throws -> ByteBuffer?
}

/// What one reader of the tail gets; it gives the reader's place back when it is forgotten.
final class TailStream<Format: TailFormat>: Sendable {
    private let hub: TailHub
    private let reader: TailReader
    private let format: Format
    private let channel: any Channel
    /// Since when a write waits for the reader.
    private let writingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(hub: TailHub, reader: TailReader, format: Format, channel: any Channel) {
        self.hub = hub
        self.reader = reader
        self.format = format
        self.channel = channel
    }

    deinit { hub.close(reader) }

    /// The body of the answer.
    var body: ResponseBody {
        ResponseBody { [self] writer in try await write(to: &writer) }
    }

    @concurrent private func write(to writer: inout any ResponseBodyWriter) async throws {
        var format = format
        defer { hub.close(reader) }
        // Ended when this is left.
        async let _: Void = watch()
        let opening = format.opening
        if opening.readableBytes > 0 {
            waits()
            try await writer.write(opening)
            goesOn()
        }
        var quietSeconds = 0
        for await item in reader.items {
            var text: ByteBuffer?
            switch item {
            case .batch(let batch):
                reader.took(batch.byteCount)
                text = try format.text(of: batch, droppedCount: reader.takeDroppedCount())
            case .tick:
                quietSeconds += 1
                let dropped = reader.takeDroppedCount()
                if dropped > 0 { text = try format.text(of: nil, droppedCount: dropped) }
            }
            if text == nil, quietSeconds >= Limits.tailAliveSeconds { text = format.alive }
            guard let text else { continue }
            quietSeconds = 0
            waits()
            try await writer.write(text)
            goesOn()
        }
        waits()
        try await writer.write(format.ending)
        try await writer.finish(nil)
        guard format.endsConnection else { return }
        channel.eventLoop.scheduleTask(in: .seconds(1)) { [channel] in
            channel.close(promise: nil)
        }
    }

    private func waits() { writingSince.withLock { $0 = ContinuousClock.now } }

    private func goesOn() { writingSince.withLock { $0 = nil } }

    /// Ticks while the connection is there, and closes one whose reader takes nothing.
    private func watch() async {
        while channel.isActive {
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
            reader.tick()
            let since = writingSince.withLock { $0 }
            if let since, ContinuousClock.now - since > .seconds(Limits.tailStallSeconds) {
                channel.close(promise: nil)
            }
        }
        reader.finish()
    }
}

extension TailHub {
    /// A place for a reader, or the refusal to tell.
    func reader(of dataset: Dataset) throws(Problem) -> TailReader {
        do {
            return try open(dataset)
        } catch {
            var problem =
                error.isClosed
                ? Problem(.serviceUnavailable, "the server is stopping")
                : Problem(.tooManyRequests, "too many readers of the tail; close another one")
            problem.headers[.retryAfter] = "5"
            throw problem
        }
    }
}
