import Foundation
package import Logging
import PerchModel
import Synchronization

/// The server's own log: one JSON object a line on standard error.
///
/// Fields: `time` (ISO 8601, UTC), `level` as its word, `message`, `logger`, then the metadata.
/// The level of all loggers changes at run time by ``setLevel(_:)``.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private var ownLevel: Logger.Level?

    /// The level of every logger that was not given one of its own.
    private static let level = Mutex(Logger.Level.info)

    package init(label: String) {
        self.label = label
    }

    /// Changes the level of all loggers.
    package static func setLevel(_ level: Logger.Level) {
        Self.level.withLock { $0 = level }
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? Self.level.withLock { $0 } }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var text = JSONWriter()
        text.raw("{\"time\":")
        text.string(Self.timestamp())
        text.raw(",\"level\":")
        text.string(event.level.rawValue)
        text.raw(",\"message\":")
        text.string("\(event.message)")
        text.raw(",\"logger\":")
        text.string(label)
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.raw(",")
            text.string(key)
            text.raw(":")
            text.string("\(value)")
        }
        text.raw("}\n")
        // A closed standard error must not stop the server, so a failed write is dropped.
        try? FileHandle.standardError.write(contentsOf: Data(text.bytes))
    }

    private static func timestamp() -> String {
        let nanos = SystemClock.now()
        return Date(timeIntervalSince1970: Double(nanos / 1_000_000) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
