public import Logging
import Synchronization
import SystemPackage

/// All logging of a process: options, outputs, and the level that can change while it runs.
public final class LogSystem: Sendable {
    private struct Writer {
        var json: LogJSON
        var text: LogText
    }

    let options: LogOptions
    /// Where lines go; standard output for a process.
    private let write: @Sendable ([UInt8]) -> Void
    /// Takes entries for export; nil when nothing is exported.
    private let export: (@Sendable (LogEntry) -> Void)?
    private let clock: @Sendable () -> Int64
    private let levelValue: Atomic<Int>
    private let writer: Mutex<Writer>

    init(
        options: LogOptions, service: String, environment: String? = nil,
        clock: @escaping @Sendable () -> Int64 = WallClock.nanoseconds,
        write: @escaping @Sendable ([UInt8]) -> Void = LogSystem.writeToStandardOutput,
        export: (@Sendable (LogEntry) -> Void)? = nil
    ) {
        self.options = options
        self.clock = clock
        self.write = write
        self.export = export
        levelValue = Atomic(options.level.order)
        writer = Mutex(
            Writer(
                json: LogJSON(options: options, service: service, environment: environment),
                text: LogText(isColored: options.format == .color)))
    }

    /// The level of all loggers that have none of their own; it may change at any time (LOG-9).
    public var level: Logger.Level {
        get { Logger.Level.allCases[levelValue.load(ordering: .relaxed)] }
        set { levelValue.store(newValue.order, ordering: .relaxed) }
    }

    /// The backend of a logger.
    public func handler(label: String) -> some LogHandler {
        PerchLogHandler(label: label, system: self)
    }

    func log(
        _ event: LogEvent, label: String, metadata: Logger.Metadata, provided: Logger.Metadata?
    ) {
        guard
            let entry = options.entry(
                event, label: label, handler: metadata, provided: provided, time: clock())
        else { return }
        record(entry)
    }

    /// Writes and exports an entry.
    func record(_ entry: LogEntry) {
        // Lines are written under the lock, so that none is torn by another.
        writer.withLock { writer in
            var line: [UInt8] = []
            line.reserveCapacity(512)
            switch options.format {
            case .json: writer.json.append(entry, to: &line)
            case .text, .color: writer.text.append(entry, to: &line)
            case .none: return
            }
            write(line)
        }
        export?(entry)
    }

    /// Writes a line; one that cannot be written is lost, for there is nowhere to say so.
    static let writeToStandardOutput: @Sendable ([UInt8]) -> Void = { line in
        _ = try? FileDescriptor.standardOutput.writeAll(line)
    }
}

extension Logger.Level {
    /// From 0 for trace to 6 for critical.
    fileprivate var order: Int { Logger.Level.allCases.firstIndex(of: self) ?? 2 }
}

/// The backend of one logger.
struct PerchLogHandler: LogHandler {
    let label: String
    let system: LogSystem
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?

    init(label: String, system: LogSystem) {
        self.label = label
        self.system = system
        metadataProvider = LoggingSystem.metadataProvider
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? system.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        system.log(event, label: label, metadata: metadata, provided: metadataProvider?.get())
    }
}
