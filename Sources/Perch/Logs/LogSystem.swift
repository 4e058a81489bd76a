public import Logging
public import Synchronization

/// All logging of a process: options, outputs, and the level that can change while it runs.
public final class LogSystem: Sendable {
    private struct Writer {
        var json: LogJSON
        var text: LogText
        /// Used again and again, so that a line needs no memory of its own.
        var line: [UInt8] = []
    }

    /// Bytes of a line whose memory is kept for the next one.
    private static let keptByteCountMax = 64 * 1024

    let options: LogOptions
    /// Where lines go; standard output for a process.
    private let write: @Sendable ([UInt8]) -> Void
    /// Takes entries for export; nil when nothing is exported.
    private let export: (@Sendable (LogEntry) -> Void)?
    private let clock: @Sendable () -> Int64
    @usableFromInline let levelValue: Atomic<Int>
    private let writer: Mutex<Writer>
    private let plans: FieldPlans

    init(
        options: LogOptions, service: String, environment: String? = nil,
        clock: @escaping @Sendable () -> Int64 = WallClock.nanoseconds,
        write: @escaping @Sendable ([UInt8]) -> Void = LineOutput.write,
        export: (@Sendable (LogEntry) -> Void)? = nil
    ) {
        self.options = options
        self.clock = clock
        self.write = write
        self.export = export
        levelValue = Atomic(options.level.order)
        plans = FieldPlans(options: options)
        writer = Mutex(
            Writer(
                json: LogJSON(options: options, service: service, environment: environment),
                text: LogText(isColored: options.format == .color)))
    }

    /// The level of all loggers that have none of their own; it may change at any time (LOG-9).
    public var level: Logger.Level {
        get { Logger.Level(order: levelValue.load(ordering: .relaxed)) }
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
                event, label: label, handler: metadata, provided: provided, time: clock(),
                plans: plans)
        else { return }
        record(entry)
    }

    /// Writes and exports an entry.
    func record(_ entry: LogEntry) {
        // Lines are written under the lock, so that none is torn by another.
        if options.format != .none {
            writer.withLock { writer in
                if options.format == .json {
                    writer.json.append(entry, to: &writer.line)
                } else {
                    writer.text.append(entry, to: &writer.line)
                }
                write(writer.line)
                writer.line.removeAll(
                    keepingCapacity: writer.line.count <= Self.keptByteCountMax)
            }
        }
        export?(entry)
    }
}

extension Logger.Level {
    /// From 0 for trace to 6 for critical, as `allCases` has them.
    @inlinable var order: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    fileprivate init(order: Int) {
        switch order {
        case 0: self = .trace
        case 1: self = .debug
        case 2: self = .info
        case 3: self = .notice
        case 4: self = .warning
        case 5: self = .error
        default: self = .critical
        }
    }
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
